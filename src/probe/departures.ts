/** Which probes of a block have left the machine, on systems that show it: a queue may drop a packet without a word. */

import type { HostProgress } from './host-progress.ts';
import { MARK, type ProbeLevel } from './probe-level.ts';
import type { Schedule } from './schedule.ts';

export class Departures {
  /** Called for each probe that was recorded as sent and has not left in its time, and again if it leaves after all. */
  onLeft: (host: number, hasLeft: boolean) => void = () => {};

  private readonly hosts: HostProgress;
  private readonly levels: readonly ProbeLevel[];
  private readonly schedule: Schedule;
  /** Whether probes are seen to leave: only then does it mean anything that one is not. */
  private areShown = false;
  /** Whether a probe was answered that was not seen to leave. */
  private areHidden = false;

  /** @param levels by round, as they grow */
  constructor(hosts: HostProgress, levels: readonly ProbeLevel[], schedule: Schedule) {
    this.hosts = hosts;
    this.levels = levels;
    this.schedule = schedule;
  }

  /** A probe was seen to leave. */
  noteShown(): void {
    this.areShown = !this.areHidden;
  }

  /** A probe that had not left when it was recorded as sent was seen to leave. @param leftAtNs NaN if it is not known when */
  note(host: number, round: number, leftAtNs: number): void {
    if (this.recordLeft(host, this.levels[round]!, leftAtNs)) this.noteShown();
  }

  /** A probe that is answered has left. If that was not seen, others may have left unseen as well. */
  noteReply(host: number, level: ProbeLevel): void {
    if (!this.recordLeft(host, level, Number.NaN)) return;
    this.areHidden = true;
    this.areShown = false;
  }

  /** The time of a probe is over: an interface drops packets from its queue without a word (send(2), ENOBUFS). */
  noteExpiry(host: number, level: ProbeLevel): void {
    if (!this.areShown || !level.isOnItsWay(host) || level.markOf(host) !== 0) return;
    level.setMark(host, MARK.unsent);
    this.hosts.unsent[host]!++;
    this.onLeft(host, false);
  }

  /** Whether fewer probes than planned have left, because the interface dropped others. */
  isLacking(host: number): boolean {
    if (!this.areShown || this.hosts.sentTo(host) >= this.schedule.probes) return false;
    return this.levels.some((level) => level.isOnItsWay(host));
  }

  /** @returns false if the probe had left before */
  private recordLeft(host: number, level: ProbeLevel, leftAtNs: number): boolean {
    if (this.hosts.isFrozen(host) || !level.recordDeparture(host, leftAtNs)) return false;
    if (level.markOf(host) !== MARK.unsent) return true;
    // It was taken for lost.
    level.setMark(host, MARK.silence);
    this.hosts.unsent[host]!--;
    this.onLeft(host, true);
    return true;
  }
}
