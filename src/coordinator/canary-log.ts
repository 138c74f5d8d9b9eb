/** What a canary's replies show: when it was silent, and how many hosts were being probed meanwhile. */

import { type BlockResults, NOT_COVERED } from '../results/block-results.ts';
import { statusNumber } from '../results/outcome.ts';
import type { CanarySilence } from '../results/run-record.ts';

/** Hosts are counted by the time of their first probe, to this many milliseconds. */
const BIN_MS = 100;
/** One probe unanswered may have been lost like any other; two in a row are a silence. */
const SILENT_PROBES = 2;

interface Silence {
  readonly fromMs: number;
  readonly toMs: number;
  /** When the first and the last of its unanswered probes left. */
  readonly firstMs: number;
  readonly lastMs: number;
  hosts: number;
  answered: number;
}

interface Bin {
  unanswered: number;
  answered: number;
}

const UP = statusNumber('up');

/** Times are milliseconds since 1970 UTC. Hosts are kept as numbers, until a reply shows whether their time was a silence. */
export class CanaryLog {
  /** Probes that it answered. */
  received = 0;
  private readonly spreadMs: number;
  private readonly countsLoss: boolean;
  private readonly silences: Silence[] = [];
  /** Counted from the one in which the log began: a number over 2^31 would be an object of its own for every host. */
  private readonly bins = new Map<number, Bin>();
  private readonly firstBin: number;
  private answeredMs: number;
  private firstSilentMs = Number.NaN;
  private lastSilentMs = Number.NaN;
  private silentProbes = 0;

  /**
   * @param spreadMs from a host's first probe to its last, if none is answered
   * @param countsLoss whether an unanswered probe matters for a host that answered
   */
  constructor(startedMs: number, spreadMs: number, countsLoss: boolean) {
    this.countsLoss = countsLoss;
    this.firstBin = Math.floor(startedMs / BIN_MS);
    this.answeredMs = startedMs;
    this.spreadMs = spreadMs;
  }

  /** Whether its silence so far is more than a probe that was lost. */
  get isSilent(): boolean {
    return this.silentProbes >= SILENT_PROBES;
  }

  /** Whether its last probe was answered, or none has been sent. */
  get isHeard(): boolean {
    return this.silentProbes === 0;
  }

  /** The canary's probes, in the order in which they left. */
  noteProbe(sentAtMs: number, isAnswered: boolean): void {
    if (isAnswered) {
      this.received++;
      this.endSilence(sentAtMs);
      return;
    }
    if (this.silentProbes++ === 0) this.firstSilentMs = sentAtMs;
    this.lastSilentMs = sentAtMs;
  }

  /** Hosts that the canary stands for. */
  noteHosts(results: BlockResults): void {
    const { count } = results.targets;
    for (let host = 0; host < count; host++) {
      const startedMs = results.startedAtMs[host]!;
      if (results.status[host] === NOT_COVERED) continue;
      // No packet left for hosts that could not be probed: when they were tried is not known, only that it was by now.
      const at = Number.isNaN(startedMs) ? Date.now() : startedMs;
      if (this.isKnown(at) && this.silences.length === 0) continue;
      const bin = Math.floor(at / BIN_MS) - this.firstBin;
      const counts = this.countsOf(bin);
      if (isAnsweredAtOnce(results, host)) counts.answered++;
      if (this.hasUnanswered(results, host)) counts.unanswered++;
    }
  }

  private countsOf(bin: number): Bin {
    const known = this.bins.get(bin);
    if (known !== undefined) return known;
    const counts = { unanswered: 0, answered: 0 };
    this.bins.set(bin, counts);
    return counts;
  }

  /** The sweep has ended. */
  close(endedMs: number): void {
    this.endSilence(endedMs);
    this.settle(true);
  }

  get spans(): CanarySilence[] {
    return this.silences.map(({ fromMs, toMs, hosts, answered }) => ({
      from: new Date(fromMs),
      to: new Date(toMs),
      hosts,
      answered,
    }));
  }

  private endSilence(atMs: number): void {
    if (this.isSilent) {
      this.silences.push({
        fromMs: this.answeredMs,
        toMs: atMs,
        firstMs: this.firstSilentMs,
        lastMs: this.lastSilentMs,
        hosts: 0,
        answered: 0,
      });
    }
    this.silentProbes = 0;
    this.answeredMs = atMs;
    this.settle();
  }

  private hasUnanswered(results: BlockResults, host: number): boolean {
    if (results.status[host] !== UP) return true;
    return this.countsLoss && results.received[host]! < results.sent[host]!;
  }

  /** Whether the canary's silences are all known for the time in which a host first probed then was being probed. */
  private isKnown(startedMs: number): boolean {
    return startedMs + this.spreadMs + BIN_MS < this.answeredMs;
  }

  /** Counts the hosts whose time is known by now into the silences that it fell into. */
  private settle(hasEnded = false): void {
    for (const [bin, counts] of this.bins) {
      const atMs = (this.firstBin + bin) * BIN_MS;
      if (!hasEnded && !this.isKnown(atMs)) continue;
      this.bins.delete(bin);
      for (const silence of this.silences) {
        const { fromMs, toMs, firstMs, lastMs } = silence;
        if (atMs < toMs && atMs + BIN_MS + this.spreadMs > fromMs)
          silence.hosts += counts.unanswered;
        if (atMs >= firstMs && atMs + BIN_MS <= lastMs) silence.answered += counts.answered;
      }
    }
  }
}

function isAnsweredAtOnce(results: BlockResults, host: number): boolean {
  return !Number.isNaN(results.rttNs[host * results.probesPerHost]!);
}
