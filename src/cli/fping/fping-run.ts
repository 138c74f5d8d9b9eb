/** One call of fping under way: what the sweep shows becomes lines at once, and a summary at the end. */

import type { HostResult } from '../../results/host-result.ts';
import { LIVE_PROBE } from '../../results/live-probes.ts';
import { MARKS } from '../../results/outcome.ts';
import type { RunRecord } from '../../results/run-record.ts';
import { type CountOutput, rttText } from './count-output.ts';
import { FPING_EXIT, type FpingExit } from './ended.ts';
import { RttTotals } from './host-tally.ts';
import { icmpWords } from './icmp-words.ts';
import type { LiveReader, ProbeEnd } from './live-reader.ts';
import { netdataText } from './netdata-output.ts';
import { type FpingOptions, isVerbose } from './options.ts';
import { type PlannedProbe, plannedProbes } from './planned-probes.ts';
import type { FpingHost, ProbedHosts } from './probed-hosts.ts';
import { type FpingStreams, ResponderMarks } from './responder-marks.ts';
import { systemWords } from './system-words.ts';
import { statisticsText } from './text-output.ts';

/** Limits that follow from the options. */
export interface FpingPlan {
  /** Probes for each host. */
  readonly probes: number;
  /** A reply that takes longer does not count. */
  readonly longestRttMs: number;
}

/** The end of a probe, as count mode shows it. */
interface SettledProbe {
  readonly probe: number;
  /** Undefined if the probe is lost. */
  readonly rttNs: number | undefined;
  /** Milliseconds since 1970. */
  readonly atMs: number;
  /** fping says nothing about what could not be sent. */
  readonly isUnsent: boolean;
  /** Whether its reply came from another address. */
  readonly isOfOther: boolean;
}

export class FpingRun {
  private readonly options: FpingOptions;
  private readonly plan: FpingPlan;
  private readonly probed: ProbedHosts;
  private readonly output: CountOutput;
  private readonly streams: FpingStreams;
  /** Ends of probes as soon as they are known. */
  private readonly live: LiveReader | undefined;
  /** Milliseconds since 1970 of a moment in monotonic nanoseconds. */
  private readonly wallClockMs: (monotonicNs: number) => number;
  /** Of the replies that count. */
  private readonly rtts = new RttTotals();
  private timeouts = 0;
  private unsent = 0;
  private hasDeclaredCharts = false;
  private readonly marks: ResponderMarks;
  /** Whether the run was stopped: what is open then stays open. */
  isStopped = false;

  constructor(
    options: FpingOptions,
    plan: FpingPlan,
    probed: ProbedHosts,
    output: CountOutput,
    streams: FpingStreams,
    live: LiveReader | undefined,
    wallClockMs: (monotonicNs: number) => number,
  ) {
    this.options = options;
    this.plan = plan;
    this.probed = probed;
    this.output = output;
    this.streams = streams;
    this.marks = new ResponderMarks(streams);
    this.live = live;
    this.wallClockMs = wallClockMs;
  }

  /** Targets with a reply. */
  get alive(): number {
    return this.probed.hosts.reduce((sum, { isAlive }) => sum + (isAlive ? 1 : 0), 0);
  }

  /** Whether enough targets are reachable for a run that then stops. */
  get isEnough(): boolean {
    const { minReachable, stopsWhenReached } = this.options;
    return stopsWhenReached && this.alive >= minReachable!;
  }

  /** Targets that are never probed fail as if the system had refused them. */
  begin(): void {
    for (const host of this.probed.unprobed()) {
      this.warnUnsent(host, 'EINVAL');
      if (!this.isCounting) continue;
      for (let probe = 0; probe < this.plan.probes; probe++) host.tally.addLoss(probe);
    }
  }

  /** Takes what the sweep has shown since the last look. */
  look(): void {
    for (const end of this.live?.takeEnds() ?? []) this.takeEnd(end);
  }

  /** Takes rows that are final. */
  takeRows(rows: Iterable<HostResult>): void {
    this.look();
    for (const row of rows) {
      const hosts = row.address === null ? [] : this.probed.withAddress(row.address);
      if (hosts.length === 0) continue;
      this.warnOfErrors(row, hosts);
      if (this.isCounting) this.completeCount(row, hosts);
      else this.takeOutcome(row, hosts);
    }
  }

  /** Prints the results so far. */
  printInterim(): void {
    this.look();
    const { hosts } = this.probed;
    const { netdata, reportEveryMs = 0, isCumulative } = this.options;
    if (netdata) {
      this.streams.stdout(netdataText(hosts, !this.hasDeclaredCharts, reportEveryMs));
      this.hasDeclaredCharts = true;
    } else this.streams[this.output.summaryStream](this.output.interim(hosts, new Date()));
    if (isCumulative && !netdata) return;
    for (const { tally } of hosts) tally.interval = new RttTotals();
  }

  /** Prints what fping prints at its end. @returns its exit code */
  finish(packets: RunRecord['packets'] | undefined, unknown: number, elapsedMs: number): FpingExit {
    const { hosts } = this.probed;
    const { alive } = this;
    const { options } = this;
    if (this.isVerbose || (options.unreachable && !this.isCounting)) {
      const silent = hosts.filter(({ isAlive }) => !isAlive);
      const rest = this.isVerbose ? ' is unreachable\n' : '\n';
      this.streams.stdout(silent.map(({ shown }) => `${shown}${rest}`).join(''));
    }
    if (this.isCounting) this.streams[this.output.summaryStream](this.output.summary(hosts));
    if (options.stats) {
      const statistics = {
        targets: hosts.length,
        alive,
        unknownAddresses: unknown,
        timeouts: this.timeouts,
        sent: (packets?.sent ?? 0) + this.unsent,
        received: (packets?.received ?? 0) + (packets?.duplicates ?? 0),
        otherIcmp: packets?.errors ?? 0,
        rtts: this.rtts,
        elapsedMs,
      };
      if (this.isCounting) {
        this.streams[this.output.summaryStream](this.output.statistics(statistics));
      } else this.streams.stderr(statisticsText(statistics));
    }
    return this.verdict(alive, unknown);
  }

  /** Whether a reply is missing somewhere: what a doubtful run may be wrong about. */
  get hasLosses(): boolean {
    return this.timeouts > 0 || this.alive < this.probed.hosts.length;
  }

  private verdict(alive: number, unknown: number): FpingExit {
    const { minReachable } = this.options;
    if (minReachable !== undefined) {
      const isEnough = alive >= minReachable;
      // fping prints it as a number with a sign.
      const words = `hosts reachable (required: ${minReachable | 0}, reachable: ${alive})`;
      this.streams.stdout(`${isEnough ? 'Enough' : 'Not enough'} ${words}\n`);
      return isEnough ? FPING_EXIT.allReachable : FPING_EXIT.unreachable;
    }
    if (unknown > 0) return FPING_EXIT.noAddress;
    return alive === this.probed.hosts.length ? FPING_EXIT.allReachable : FPING_EXIT.unreachable;
  }

  private get isCounting(): boolean {
    return this.options.count !== undefined;
  }

  /** Whether each target is named with what it is. */
  private get isVerbose(): boolean {
    return !this.isCounting && isVerbose(this.options);
  }

  private get showsProbes(): boolean {
    return this.isCounting && isVerbose(this.options);
  }

  private takeEnd({ host, probe, state, atNs, rttNs }: ProbeEnd): void {
    const hosts = this.probed.byNumber[host]!;
    const isOfOther = state === LIVE_PROBE.replyOfOther;
    const counts = (state === LIVE_PROBE.reply || isOfOther) && this.isInTime(rttNs);
    const isUnsent = state === LIVE_PROBE.unsent;
    if (this.isCounting) {
      const countedNs = counts ? rttNs : undefined;
      const atMs = this.wallClockMs(atNs);
      this.settle(hosts, { probe, rttNs: countedNs, atMs, isUnsent, isOfOther });
    } else if (counts && !isOfOther) this.showAlive(hosts, probe, rttNs, null);
  }

  private settle(hosts: readonly FpingHost[], end: SettledProbe): void {
    const { probe, rttNs, atMs, isUnsent, isOfOther } = end;
    const { tally } = hosts[0]!;
    if (!tally.isOpen(probe)) return;
    if (rttNs !== undefined) this.addReply(hosts, probe, rttNs);
    else {
      tally.addLoss(probe);
      if (isUnsent) this.unsent++;
      else this.timeouts++;
    }
    if (!this.showsProbes || isUnsent) return;
    for (const host of hosts) {
      const line =
        rttNs === undefined
          ? this.output.timeout(host, probe, atMs)
          : this.output.reply(host, probe, rttNs, atMs);
      if (isOfOther && !this.options.json) this.marks.hold(host, line);
      else this.streams.stdout(`${line}\n`);
    }
  }

  private addReply(hosts: readonly FpingHost[], probe: number, rttNs: number): void {
    hosts[0]!.tally.addReply(probe, rttNs);
    for (const host of hosts) host.isAlive = true;
    this.rtts.addReply(Math.round(rttNs));
  }

  /** The row has the last word about each probe, and closes those of a host that was given up. */
  private completeCount(row: HostResult, hosts: readonly FpingHost[]): void {
    const { tally } = hosts[0]!;
    const probes = plannedProbes(row, this.plan.probes);
    const nowMs = Date.now();
    for (let probe = 0; probe < this.plan.probes; probe++) {
      const end = probes[probe];
      const rttNs = this.countedRttNs(end);
      if (tally.isLost(probe) && rttNs !== undefined) {
        tally.amend(probe, rttNs);
        for (const host of hosts) host.isAlive = true;
        this.rtts.addReply(Math.round(rttNs));
      } else if (rttNs !== undefined || !this.isStopped) {
        const isUnsent = end === undefined ? row.sent === 0 : end.mark === MARKS.unsent;
        const isOfOther = rttNs !== undefined && row.responder !== null;
        this.settle(hosts, { probe, rttNs, atMs: nowMs, isUnsent, isOfOther });
      }
    }
    for (const host of hosts) this.marks.printHeld(host, row.responder);
  }

  private takeOutcome(row: HostResult, hosts: readonly FpingHost[]): void {
    const probes = plannedProbes(row, this.plan.probes);
    for (const { mark } of probes) {
      if (mark === MARKS.unsent) this.unsent++;
      else if (mark !== MARKS.reply) this.timeouts++;
    }
    const first = probes.findIndex((end) => this.countedRttNs(end) !== undefined);
    if (first >= 0) {
      this.showAlive(hosts, first, this.countedRttNs(probes[first])!, row.responder);
    } else if (row.status === 'error' && row.errno !== null) {
      for (const host of hosts) this.warnUnsent(host, row.errno);
    }
  }

  private showAlive(
    hosts: readonly FpingHost[],
    probe: number,
    rttNs: number,
    responder: string | null,
  ): void {
    if (hosts[0]!.isAlive) return;
    this.addReply(hosts, probe, rttNs);
    if (!this.showsAlive) return;
    const rest = this.isVerbose ? ' is alive' : '';
    const elapsed = this.options.elapsed ? ` (${rttText(rttNs)} ms)` : '';
    for (const { shown } of hosts) this.marks.print(`${shown}${rest}${elapsed}`, responder);
  }

  private get showsAlive(): boolean {
    return this.isVerbose || (this.options.alive && !this.isCounting);
  }

  /** Undefined unless the probe has a reply in time. A time that is not known counts as none at all. */
  private countedRttNs(end: PlannedProbe | undefined): number | undefined {
    if (end?.mark !== MARKS.reply) return undefined;
    const rttNs = (end.rttMs ?? 0) * 1e6;
    return this.isInTime(rttNs) ? rttNs : undefined;
  }

  private isInTime(rttNs: number): boolean {
    return rttNs <= this.plan.longestRttMs * 1e6;
  }

  /** A line for each ICMP error of IPv4; of those of IPv6, fping 5.1 prints none. */
  private warnOfErrors(row: HostResult, hosts: readonly FpingHost[]): void {
    const { icmpType, icmpCode, responder, address, pattern } = row;
    if (this.options.quiet || icmpType === null || hosts[0]!.address.family !== 4) return;
    const words = `${icmpWords(icmpType, icmpCode ?? 0)} from ${responder ?? address}`;
    const errors = pattern.split(MARKS.error).length - 1;
    for (const { shown } of hosts)
      this.streams.stderr(`${words} for ICMP Echo sent to ${shown}\n`.repeat(errors));
  }

  private warnUnsent({ shown }: FpingHost, errno: string): void {
    if (!this.isVerbose) return;
    this.streams.stderr(`${shown}: error while sending ping: ${systemWords(errno)}\n`);
  }
}
