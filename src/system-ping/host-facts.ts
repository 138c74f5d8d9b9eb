/** What the `ping` processes for one host have reported about it, and the columns made of that. */

import type { Family } from '../address.ts';
import type { BlockResults } from '../results/block-results.ts';
import { errnoOfWords } from '../results/errno-words.ts';
import type { InternedTexts } from '../results/interned-texts.ts';
import {
  MARKS,
  type Mark,
  NO_OUTCOME,
  outcomeNumber,
  outcomeOfSilence,
  outweighs,
  reasonOfOutcome,
  statusOfOutcome,
} from '../results/outcome.ts';
import { errorOfWords, isNoOutcome } from './icmp-words.ts';
import type { PingError, PingReply, PingReport } from './ping-report.ts';

const ECHO_REPLY = outcomeNumber('up', 'echo-reply');
const ARP_FAILED = outcomeNumber('down', 'arp-failed');

interface Probe {
  mark: Mark;
  rttMs: number | null;
}

/** What a block's columns hold of the evidence that an outcome rests on; 0 and null if it has no such value. */
interface Details {
  readonly ttl: number;
  readonly type: number;
  readonly code: number;
  readonly from: string | null;
}

const NO_DETAILS: Details = { ttl: 0, type: 0, code: 0, from: null };

export class HostFacts {
  private readonly family: Family;
  /** Without its zone. */
  private readonly address: string;
  private readonly ownAddresses: ReadonlySet<string>;
  private readonly probes: Probe[] = [];
  private duplicates = 0;
  private errors = 0;
  /** The outcome by the evidence so far, and the details of that evidence. */
  private outcome = NO_OUTCOME;
  private details: Details = NO_DETAILS;
  private errno: string | undefined;
  private startedAtMs = Number.NaN;

  constructor(family: Family, address: string, ownAddresses: ReadonlySet<string>) {
    this.family = family;
    this.address = address;
    this.ownAddresses = ownAddresses;
  }

  get isUp(): boolean {
    return this.outcome === ECHO_REPLY;
  }

  /** Whether a further probe can change nothing. */
  get isFinal(): boolean {
    return this.isUp || this.outcome === ARP_FAILED;
  }

  get counts(): { sent: number; received: number; duplicates: number; errors: number } {
    const { duplicates, errors } = this;
    return { sent: this.probesBut(MARKS.unsent), received: this.received, duplicates, errors };
  }

  /** Adds what one process reported about its `count` probes. @param startedAtMs since 1970 UTC */
  add(report: PingReport, count: number, startedAtMs: number): void {
    const first = this.probes.length;
    const unsent = report.refusal !== null && report.events.length === 0;
    const mark = unsent ? MARKS.unsent : MARKS.silence;
    for (let n = 0; n < count; n++) this.probes.push({ mark, rttMs: null });
    if (unsent) this.noteRefusal(errnoOfWords(report.refusal!) ?? report.refusal!);
    else if (Number.isNaN(this.startedAtMs)) this.startedAtMs = startedAtMs;
    for (const event of report.events) {
      const probe = this.probes[first + event.probe];
      if (probe === undefined || event.probe < 0) continue;
      if (event.kind === 'reply') this.addReply(probe, event);
      else this.addError(probe, event);
    }
  }

  /** Writes the host's columns, once no further process will report. @param responders @param errnos the block's texts */
  writeTo(
    results: BlockResults,
    host: number,
    responders: InternedTexts,
    errnos: InternedTexts,
  ): void {
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
    if (this.errno !== undefined)
      results.errno[host] = Math.min(255, 1 + errnos.indexOf(this.errno));
    this.weigh(outcomeOfSilence(sent, this.errno ?? ''), NO_DETAILS);
    results.status[host] = statusOfOutcome(this.outcome);
    results.reason[host] = reasonOfOutcome(this.outcome);
    const { ttl, type, code, from } = this.details;
    results.ttl[host] = ttl;
    results.icmpType[host] = type;
    results.icmpCode[host] = code;
    if (from !== null && from !== this.address)
      results.responder[host] = 1 + responders.indexOf(from);
  }

  private noteRefusal(errno: string): void {
    // So macOS and the BSDs report that nothing answered ARP.
    if (errno === 'EHOSTDOWN') this.weigh(ARP_FAILED, NO_DETAILS);
    else this.errno = errno;
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
    this.weigh(ECHO_REPLY, { ...NO_DETAILS, ttl: reply.ttl, from: reply.from });
  }

  private addError(probe: Probe, error: PingError): void {
    if (isNoOutcome(error.words)) return;
    this.errors++;
    if (probe.mark !== MARKS.reply) probe.mark = MARKS.error;
    const { reason, type, code } = errorOfWords(this.family, error.words);
    const isOurs = error.from !== null && this.ownAddresses.has(error.from);
    // Our own kernel reports so if nothing answered ARP or NDP.
    if (isOurs && (reason === 'host-unreach' || reason === 'address-unreach'))
      this.weigh(ARP_FAILED, NO_DETAILS);
    else
      this.weigh(outcomeNumber('unreachable', reason), {
        ...NO_DETAILS,
        type,
        code,
        from: error.from,
      });
  }

  private weigh(outcome: number, details: Details): void {
    if (!outweighs(outcome, this.outcome)) return;
    this.outcome = outcome;
    this.details = details;
  }
}
