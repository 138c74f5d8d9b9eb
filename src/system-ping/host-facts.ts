/** What the processes that asked one host have told of it, and the columns made of that. */

import type { Family } from '../address.ts';
import type { BlockResults } from '../results/block-results.ts';
import {
  MARKS,
  type Mark,
  type Reason,
  reasonNumber,
  reasonOfErrno,
  type Status,
  statusNumber,
} from '../results/outcome.ts';
import { errnoOfWords, errorOfWords, isNoOutcome } from './icmp-words.ts';
import type { PingError, PingReply, PingReport } from './ping-report.ts';

interface Probe {
  mark: Mark;
  rttMs: number | null;
}

export class HostFacts {
  private readonly family: Family;
  /** Without its zone. */
  private readonly address: string;
  private readonly ownAddresses: ReadonlySet<string>;
  private readonly probes: Probe[] = [];
  private duplicates = 0;
  private errors = 0;
  private firstReply: PingReply | undefined;
  private lastError: PingError | undefined;
  private isGivenUp = false;
  private errno: string | undefined;
  private startedAtMs = Number.NaN;

  constructor(family: Family, address: string, ownAddresses: ReadonlySet<string>) {
    this.family = family;
    this.address = address;
    this.ownAddresses = ownAddresses;
  }

  get isUp(): boolean {
    return this.firstReply !== undefined;
  }

  /** Whether asking again can change nothing. */
  get isFinal(): boolean {
    return this.isUp || this.isGivenUp;
  }

  get counts(): { sent: number; received: number; duplicates: number; errors: number } {
    const { duplicates, errors } = this;
    return { sent: this.probesBut(MARKS.unsent), received: this.received, duplicates, errors };
  }

  /** Adds what one process told of its `count` probes. @param startedAtMs since 1970 UTC */
  add(report: PingReport, count: number, startedAtMs: number): void {
    const first = this.probes.length;
    const unsent = report.refusal !== null && report.events.length === 0;
    const mark = unsent ? MARKS.unsent : MARKS.silence;
    for (let n = 0; n < count; n++) this.probes.push({ mark, rttMs: null });
    if (unsent) this.errno = errnoOfWords(report.refusal!) ?? report.refusal!;
    else if (Number.isNaN(this.startedAtMs)) this.startedAtMs = startedAtMs;
    for (const event of report.events) {
      const probe = this.probes[first + event.probe];
      if (probe === undefined || event.probe < 0) continue;
      if (event.kind === 'reply') this.addReply(probe, event);
      else this.addError(probe, event);
    }
  }

  /** Writes the host's columns. @param responders @param errnos the block's texts, added to where one is new */
  writeTo(results: BlockResults, host: number, responders: string[], errnos: string[]): void {
    const { sent, received, duplicates } = this.counts;
    results.sent[host] = sent;
    results.received[host] = received;
    results.duplicates[host] = Math.min(0xffff, duplicates);
    results.startedAtMs[host] = this.startedAtMs;
    this.probes.forEach(({ mark, rttMs }, n) => {
      const at = host * results.probesPerHost + n;
      results.marks[at] = mark.charCodeAt(0);
      results.rttNs[at] = rttMs === null ? Number.NaN : rttMs * 1e6;
    });
    if (this.errno !== undefined) results.errno[host] = Math.min(255, numberOf(this.errno, errnos));
    this.writeOutcome(results, host, responders);
  }

  private get received(): number {
    return this.probes.filter(({ mark }) => mark === MARKS.reply).length;
  }

  private probesBut(mark: Mark): number {
    return this.probes.filter((probe) => probe.mark !== mark).length;
  }

  private addReply(probe: Probe, reply: PingReply): void {
    if (probe.mark === MARKS.reply) {
      this.duplicates++;
      return;
    }
    probe.mark = MARKS.reply;
    probe.rttMs = reply.rttMs;
    this.firstReply ??= reply;
  }

  private addError(probe: Probe, error: PingError): void {
    if (isNoOutcome(error.words)) return;
    this.errors++;
    if (probe.mark !== MARKS.reply) probe.mark = MARKS.error;
    const { reason } = errorOfWords(this.family, error.words);
    const isOurs = error.from !== null && this.ownAddresses.has(error.from);
    // Our own kernel says so where nobody answered ARP or NDP.
    if (isOurs && (reason === 'host-unreach' || reason === 'address-unreach'))
      this.isGivenUp = !this.isUp;
    else this.lastError = error;
  }

  private writeOutcome(results: BlockResults, host: number, responders: string[]): void {
    if (this.firstReply !== undefined) {
      results.ttl[host] = this.firstReply.ttl;
      this.writeStatus(results, host, 'up', 'echo-reply');
      this.writeResponder(results, host, this.firstReply.from, responders);
    } else if (this.isGivenUp) this.writeStatus(results, host, 'down', 'arp-failed');
    else if (this.lastError !== undefined) {
      const { reason, type, code } = errorOfWords(this.family, this.lastError.words);
      this.writeStatus(results, host, 'unreachable', reason);
      results.icmpType[host] = type;
      results.icmpCode[host] = code;
      this.writeResponder(results, host, this.lastError.from, responders);
    } else if (this.counts.sent === 0) {
      this.writeStatus(results, host, 'error', reasonOfErrno(this.errno ?? ''));
    } else this.writeStatus(results, host, 'down', 'no-response');
  }

  private writeStatus(results: BlockResults, host: number, status: Status, reason: Reason): void {
    results.status[host] = statusNumber(status);
    results.reason[host] = reasonNumber(reason);
  }

  private writeResponder(
    results: BlockResults,
    host: number,
    from: string | null,
    responders: string[],
  ): void {
    if (from !== null && from !== this.address)
      results.responder[host] = numberOf(from, responders);
  }
}

/** 1 + the text's place in the list, which it is added to where it is new. */
function numberOf(text: string, texts: string[]): number {
  const known = texts.indexOf(text);
  return known >= 0 ? known + 1 : texts.push(text);
}
