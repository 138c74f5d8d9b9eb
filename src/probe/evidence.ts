/** What packets said about the hosts of a block, and the results made of it at the end. */

import { type Family, formatAddressBytes } from '../address.ts';
import { type BlockResults, NOT_COVERED } from '../results/block-results.ts';
import { cellCode, cellCodeOfOutcome } from '../results/cell-code.ts';
import { pickedResults } from '../results/final-hosts.ts';
import { InternedTexts } from '../results/interned-texts.ts';
import {
  NO_OUTCOME,
  outcomeNumber,
  outcomeOfNumbers,
  outcomeOfPresence,
  outcomeOfSilence,
  outweighs,
  reasonOfOutcome,
  statusNumber,
  statusOfOutcome,
} from '../results/outcome.ts';
import type { FinalHostWatch, HostBlock } from './host-block.ts';
import { HostMacs } from './host-macs.ts';
import { MARK } from './probe-level.ts';

const UP = statusNumber('up');
const UNREACHABLE = statusNumber('unreachable');
const ECHO_REPLY = outcomeNumber('up', 'echo-reply');
const ARP_FAILED = outcomeNumber('down', 'arp-failed');

export class Evidence implements FinalHostWatch {
  readonly macs: HostMacs;
  private readonly block: HostBlock;
  /** By host: the outcome by the evidence so far. */
  private readonly outcome: Uint8Array;
  /** By host: details of the evidence that the outcome rests on, 0 if it has none. */
  private readonly ttl: Uint8Array;
  private readonly icmpType: Uint8Array;
  private readonly icmpCode: Uint8Array;
  private readonly responder: Uint32Array;
  private readonly responders = new InternedTexts();
  /** By host: 1 + index of the last errno. */
  private readonly errno: Uint8Array;
  private readonly errnos = new InternedTexts();
  /** By host: kept, because the offset between the clocks is not the same each time. */
  private readonly startedAtMs: Float64Array;
  /** The columns that `resultsOf` fills. */
  private partial: BlockResults | undefined;

  /** Learns from the block by itself which hosts are final. */
  constructor(block: HostBlock) {
    const { targets, reach } = block.setup;
    const { count } = targets;
    this.block = block;
    this.macs = new HostMacs(targets, reach === 'routed' || reach === 'refused' ? 0 : count);
    const { memory } = block;
    this.outcome = memory.u8(count);
    this.ttl = memory.u8(count);
    this.icmpType = memory.u8(count);
    this.icmpCode = memory.u8(count);
    this.responder = memory.u32(count);
    this.errno = memory.u8(count);
    this.startedAtMs = memory.f64(count).fill(Number.NaN);
    block.finalHosts = this;
  }

  /** An echo reply. `source` is given if it came from another address than the target. @param rttNs NaN if it is not known */
  noteReply(
    host: number,
    rttNs: number,
    ttl: number,
    source: DataView | undefined,
    offset: number,
  ): void {
    if (!this.weigh(host, ECHO_REPLY)) return;
    this.ttl[host] = ttl;
    this.noteResponder(host, source, offset);
    const { liveCells } = this.block.setup;
    if (liveCells !== undefined && !Number.isNaN(rttNs))
      liveCells[host] = cellCode('up', 'echo-reply', rttNs / 1e6);
  }

  /** An ICMP error. @param reason its number @param source as for a reply */
  noteError(
    host: number,
    type: number,
    code: number,
    reason: number,
    source: DataView | undefined,
    offset: number,
  ): void {
    if (!this.weigh(host, outcomeOfNumbers(UNREACHABLE, reason))) return;
    this.icmpType[host] = type;
    this.icmpCode[host] = code;
    this.noteResponder(host, source, offset);
  }

  /** The host answered ARP or NDP for its address: it is up, even if no echo reply ever comes. */
  notePresent(host: number): void {
    this.block.hosts.notePresent(host);
    if (this.block.hosts.isFinal(host)) this.weighPresence(host);
  }

  /** Nothing answered ARP or NDP for the address of a host that is pinged all the same. */
  noteMissing(host: number): void {
    this.block.noteMissing(host);
    if (this.block.hosts.isGivenUp(host)) this.weigh(host, ARP_FAILED);
  }

  /** A probe that the system refused to send. */
  noteErrno(host: number, errno: string): void {
    this.errno[host] = Math.min(255, 1 + this.errnos.indexOf(errno));
  }

  /** Weighs all that is left when a host is final. */
  noteFinal(host: number): void {
    const { hosts } = this.block;
    if (hosts.isPresent(host)) this.weighPresence(host);
    if (hosts.isGivenUp(host)) this.weigh(host, ARP_FAILED);
    this.weigh(host, outcomeOfSilence(hosts.sentTo(host), this.errnoOf(host)));
  }

  /** The block's columns. @param wallClockOffsetNs what to add to monotonic times */
  results(wallClockOffsetNs: number): BlockResults {
    const results = this.columns();
    for (let host = 0; host < results.targets.count; host++) {
      this.fillProbes(results, host, wallClockOffsetNs);
      this.fillOutcome(results, host);
    }
    return results;
  }

  /** The columns of some hosts, which are final. */
  resultsOf(hosts: Uint32Array, wallClockOffsetNs: number): BlockResults {
    if (this.partial?.probesPerHost !== this.block.levels.length) this.partial = this.columns();
    for (const host of hosts) {
      this.fillProbes(this.partial, host, wallClockOffsetNs);
      this.fillOutcome(this.partial, host);
    }
    return pickedResults(this.partial, hosts);
  }

  /** Gives the memory back, but for that of the results. It must not be used after that. */
  release(): void {
    this.block.memory.give(this.outcome.buffer);
  }

  /** Those that are known host by host are filled in already. */
  private columns(): BlockResults {
    const { block } = this;
    const { memory } = block;
    const { count } = block.setup.targets;
    const probesPerHost = block.levels.length;
    return {
      targets: block.setup.targets,
      probesPerHost,
      status: memory.u8(count),
      reason: memory.u8(count),
      icmpType: this.icmpType,
      icmpCode: this.icmpCode,
      ttl: this.ttl,
      sent: memory.u16(count),
      received: block.hosts.received,
      duplicates: block.hosts.duplicates,
      marks: memory.u8(count * probesPerHost),
      rttNs: memory.f64(count * probesPerHost).fill(Number.NaN),
      startedAtMs: this.startedAtMs,
      responder: this.responder,
      responders: this.responders.texts,
      errno: this.errno,
      errnos: this.errnos.texts,
      macs: this.macs.octets,
      macConflicts: this.macs.conflicts,
    };
  }

  /** Weighs new evidence. @returns whether the outcome rests on it now: the details are cleared, for its own to be set */
  private weigh(host: number, outcome: number): boolean {
    if (!outweighs(outcome, this.outcome[host]!)) return false;
    this.outcome[host] = outcome;
    this.clearDetails(host);
    const { liveCells } = this.block.setup;
    if (liveCells !== undefined) liveCells[host] = cellCodeOfOutcome(outcome);
    return true;
  }

  /** An error that the host sent itself is a detail of its presence; one from a router is not. */
  private weighPresence(host: number): void {
    const isOwnError = this.responder[host] === 0;
    const type = this.icmpType[host]!;
    const code = this.icmpCode[host]!;
    if (!this.weigh(host, outcomeOfPresence(this.block.setup.targets.family)) || !isOwnError)
      return;
    this.icmpType[host] = type;
    this.icmpCode[host] = code;
  }

  private fillProbes(results: BlockResults, host: number, wallClockOffsetNs: number): void {
    const { block } = this;
    const attempts = this.attemptsToReport(host);
    results.sent[host] = block.hosts.sentTo(host) - (block.hosts.attempts[host]! - attempts);
    for (let round = 0; round < attempts; round++) {
      const level = block.levels[round]!;
      const mark = level.markOf(host);
      results.marks[host * results.probesPerHost + round] = mark === 0 ? MARK.silence : mark;
      results.rttNs[host * results.probesPerHost + round] = level.rttNs[host]!;
      if (mark !== MARK.unsent && Number.isNaN(results.startedAtMs[host])) {
        results.startedAtMs[host] = (level.sentAtNs[host]! + wallClockOffsetNs) / 1e6;
      }
    }
  }

  /**
   * Without the last probes of a host that is not final, if a stop came before they were answered or timed out. A canary has no
   * row: all of its probes are counted, so that they can be left out of the sweep's.
   */
  private attemptsToReport(host: number): number {
    const { hosts, levels, setup } = this.block;
    let attempts = hosts.attempts[host]!;
    if (!hosts.isFinal(host) && setup.isCanary !== true)
      while (attempts > 0 && levels[attempts - 1]!.markOf(host) === 0) attempts--;
    return attempts;
  }

  /**
   * A host that is not final is not covered: what has not come may still come. One that is sent every probe of a count,
   * and has answered some, is reported with what it answered so far.
   */
  private fillOutcome(results: BlockResults, host: number): void {
    const outcome = this.outcome[host]!;
    const isUp = outcome !== NO_OUTCOME && statusOfOutcome(outcome) === UP;
    const { hosts } = this.block;
    if (hosts.isFinal(host) || (isUp && hosts.getsEveryProbe)) {
      results.status[host] = statusOfOutcome(outcome);
      results.reason[host] = reasonOfOutcome(outcome);
    } else {
      results.status[host] = NOT_COVERED;
      this.clearDetails(host);
    }
    const hasRefused = results.status[host] === UNREACHABLE && this.responder[host] === 0;
    if (!isUp && !hasRefused) this.macs.forgetAssumed(host);
  }

  private errnoOf(host: number): string {
    const errno = this.errno[host]!;
    return errno === 0 ? '' : this.errnos.texts[errno - 1]!;
  }

  private clearDetails(host: number): void {
    this.icmpType[host] = 0;
    this.icmpCode[host] = 0;
    this.responder[host] = 0;
  }

  private noteResponder(host: number, source: DataView | undefined, offset: number): void {
    this.responder[host] = source === undefined ? 0 : 1 + this.indexOfAddress(source, offset);
  }

  private indexOfAddress(view: DataView, offset: number): number {
    const family: Family = this.block.setup.targets.family;
    const key = family === 4 ? view.getUint32(offset) : formatAddressBytes(family, view, offset);
    const known = this.responders.find(key);
    return known < 0 ? this.responders.add(formatAddressBytes(family, view, offset), key) : known;
  }
}
