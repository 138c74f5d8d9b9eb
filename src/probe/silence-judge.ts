/** Whether the silence of a block's hosts can be believed: what the path or our own system lost, late or refused is none. */

import type { HostProgress } from './host-progress.ts';
import type { LossWatch } from './loss-watch.ts';
import { MARK, type ProbeLevel } from './probe-level.ts';
import { PROBES_AFTER_DROPS, type Schedule } from './schedule.ts';

/** Probes that the system must refuse before it is clear that it refuses all of a host's. */
const LEAST_TRIES = 2;

export class SilenceJudge {
  private readonly hosts: HostProgress;
  private readonly levels: readonly ProbeLevel[];
  private readonly schedule: Schedule;
  private readonly loss: LossWatch | undefined;
  /** Hosts to which the system refused a probe that may be let through at another time. */
  private readonly refused = new Set<number>();
  /** Whether the system lost its route to a host after a probe to it had left. */
  private hasLostRoute = false;
  /** Whether the system reports only later that a probe could not leave: one that left proves nothing until then. */
  private failsLate = false;

  /** @param levels by round, as they grow @param loss undefined if the options alone decide how often a host is probed */
  constructor(
    hosts: HostProgress,
    levels: readonly ProbeLevel[],
    schedule: Schedule,
    loss: LossWatch | undefined,
  ) {
    this.hosts = hosts;
    this.levels = levels;
    this.schedule = schedule;
    this.loss = loss;
  }

  noteRefused(host: number): void {
    this.refused.add(host);
  }

  noteLostRoute(): void {
    this.hasLostRoute = true;
  }

  /** A probe that seemed to have left has not. */
  noteRetracted(): void {
    this.failsLate = true;
  }

  /** A probe has left: if the system refused the host an earlier one, that was for a time. */
  noteSent(host: number, round: number, sentAtNs: number): void {
    if (round === 0 || this.hosts.unsent[host] === 0) return;
    if (this.hasLostRoute || this.failsLate) return;
    this.loss?.noteOvercomeRefusal(this.levels[round - 1]!.sentAtNs[host]!, sentAtNs);
  }

  /**
   * A host that answers only a retry shows that the probes before it got lost, or their replies. A host that an error was
   * about, or that could not be sent to, shows neither.
   */
  noteFirstReply(host: number, round: number, receivedAtNs: number): void {
    const { loss, levels } = this;
    if (loss === undefined || !this.schedule.stopsWhenAnswered) return;
    for (let earlier = 0; earlier < round; earlier++) {
      const mark = levels[earlier]!.markOf(host);
      if (mark !== 0 && mark !== MARK.silence) return;
    }
    for (let earlier = 0; earlier < round; earlier++)
      loss.outages.noteLost(levels[earlier]!.sentAtNs[host]!);
    loss.outages.noteAnswered(levels[round]!.sentAtNs[host]!);
    if (round > 0) this.hosts.retriedUp++;
    const lostAtNs = round === 0 ? 0 : levels[round - 1]!.sentAtNs[host]!;
    loss.noteFirstReply(round, lostAtNs, receivedAtNs);
  }

  /**
   * How many probes a host may have whose silence proves too little: our own buffer may have dropped a reply, we may have
   * read it too late, the path may have lost it, or the system may have refused the probes.
   * @returns 0 if its silence is certain
   */
  probesToBeCertain(host: number, mayHaveBeenDropped: boolean): number {
    const { hosts, schedule, loss } = this;
    if (schedule.stopsWhenAnswered && hosts.isAnswered(host)) return 0;
    const attempts = hosts.attempts[host]!;
    if (this.wasOnlyRefused(host)) {
      // Whether a firewall refuses this host or limits all pings shows at another try.
      if (attempts < LEAST_TRIES || loss?.wereRefusalsOvercome === true) return schedule.room;
    } else if (
      schedule.stopsWhenAnswered &&
      loss?.isSilenceCertain(this.timesThatCount(host, loss), attempts, schedule) === false
    ) {
      return schedule.room;
    }
    return mayHaveBeenDropped || hosts.isUnsure(host) ? schedule.probes + PROBES_AFTER_DROPS : 0;
  }

  /**
   * Whether the host is silent to fewer probes than planned, because the system refused the others. If refusals turned out
   * to be temporary, `probesToBeCertain` has seen to it.
   */
  wasPartlyRefused(host: number): boolean {
    const { hosts, schedule, loss } = this;
    const sent = hosts.sentTo(host);
    if (hosts.unsent[host] === 0 || sent === 0 || hosts.isAnswered(host)) return false;
    if (this.hasLostRoute || sent >= schedule.probes) return false;
    if (schedule.stopsWhenAnswered && loss?.wereRefusalsOvercome === true) return false;
    return !this.levels.some((level) => level.markOf(host) === MARK.error);
  }

  private wasOnlyRefused(host: number): boolean {
    return this.refused.has(host) && this.hosts.sentTo(host) === 0;
  }

  /**
   * By round: when the host's probe left; NaN for one that does not count. Probes that were refused count, unless others
   * show that they might have left at another time.
   */
  private timesThatCount(host: number, loss: LossWatch): (round: number) => number {
    const { levels } = this;
    const needsDeparture = this.hosts.unsent[host] !== 0 && loss.wereRefusalsOvercome;
    return (round) => {
      const level = levels[round]!;
      const isLeftOut = needsDeparture && level.markOf(host) === MARK.unsent;
      return isLeftOut ? Number.NaN : level.sentAtNs[host]!;
    };
  }
}
