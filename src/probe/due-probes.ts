/** Which probe of a block leaves next: one that has to be sent again first, then retries, then hosts not probed yet. */

import type { HostProgress } from './host-progress.ts';
import type { NeighbourPlaces } from './neighbour-places.ts';
import type { ProbeLevel } from './probe-level.ts';
import type { RetryPace } from './retry-pace.ts';
import type { UnprobedHosts } from './unprobed-hosts.ts';

/** What `take` returns if no probe is due. */
export const NONE_DUE = -1;

export class DueProbes {
  /** Rounds before this one are over: every probe in them is settled, and its successor considered. */
  firstOpenRound = 0;
  private readonly hosts: HostProgress;
  private readonly levels: readonly ProbeLevel[];
  private readonly unprobed: UnprobedHosts;
  private readonly places: NeighbourPlaces;
  private readonly retryPace: RetryPace;
  /** Most probes that a host can have. */
  private readonly room: number;
  /** Hosts to probe at once: their last probe could not leave, or its reply may have been dropped. */
  private readonly again: number[] = [];

  constructor(
    hosts: HostProgress,
    levels: readonly ProbeLevel[],
    unprobed: UnprobedHosts,
    places: NeighbourPlaces,
    retryPace: RetryPace,
    room: number,
  ) {
    this.hosts = hosts;
    this.levels = levels;
    this.unprobed = unprobed;
    this.places = places;
    this.retryPace = retryPace;
    this.room = room;
  }

  /** Takes the next host to be probed now, in its round `attempts[host]`. @returns NONE_DUE if there is none */
  take(nowNs: number): number {
    while (this.again.length > 0) {
      const host = this.again.pop()!;
      if (this.hosts.wantsProbe(host)) return this.claimed(host);
    }
    for (let round = this.firstOpenRound; round < this.levels.length; round++) {
      const host = this.takeFollower(round, nowNs);
      if (host !== NONE_DUE) return host;
    }
    return this.takeUnprobed(nowNs);
  }

  /** Takes the next host that has not been probed yet, whatever else is due. @returns NONE_DUE if there is none */
  takeUnprobed(nowNs: number): number {
    if (!this.unprobed.isAnyReady || !this.places.take(nowNs)) return NONE_DUE;
    const host = this.unprobed.take();
    this.places.hold(host);
    return this.claimed(host);
  }

  /** Makes a probe of the host due at once: one that `take` gave and that could not leave yet, or a further one. */
  sendAgain(host: number): void {
    this.again.push(host);
  }

  /** When the block next wants to send; Infinity for never. */
  nextNs(nowNs: number): number {
    if (this.again.length > 0) return nowNs;
    let dueNs = this.unprobed.isAnyReady ? this.places.nextTryNs : Number.POSITIVE_INFINITY;
    if (dueNs <= nowNs) return nowNs;
    const end = Math.min(this.levels.length, this.room - 1);
    for (let round = this.firstOpenRound; round < end; round++) {
      const level = this.levels[round]!;
      if (level.nextToFollow === level.sentCount) continue;
      const host = level.sentHosts[level.nextToFollow]!;
      dueNs = Math.min(dueNs, level.sentAtNs[host]! + this.retryPace.gapNs(round));
    }
    return dueNs;
  }

  /** Whether hosts are left that have not been probed at all. */
  get hasUnprobed(): boolean {
    return this.unprobed.isAnyLeft;
  }

  /** Goes on to the next round once no further probe can leave in the first open one and none is waited for. */
  closeFirstRound(): void {
    const level = this.levels[this.firstOpenRound]!;
    const isLast = this.firstOpenRound >= this.levels.length - 1;
    if (isLast || this.hasUnprobed || this.again.length > 0) return;
    if (level.nextToExpire < level.sentCount || level.nextToFollow < level.sentCount) return;
    this.firstOpenRound++;
  }

  private takeFollower(round: number, nowNs: number): number {
    const level = this.levels[round]!;
    const gapNs = this.retryPace.gapNs(round);
    while (level.nextToFollow < level.sentCount) {
      const host = level.sentHosts[level.nextToFollow]!;
      if (this.isFollowed(host, round)) {
        if (level.sentAtNs[host]! + gapNs > nowNs) return NONE_DUE;
        level.nextToFollow++;
        return this.claimed(host);
      }
      level.nextToFollow++;
    }
    return NONE_DUE;
  }

  /** Whether the next probe of the host is the one after this round, and is not on its way out already. */
  private isFollowed(host: number, round: number): boolean {
    const { hosts } = this;
    return hosts.attempts[host] === round + 1 && !hosts.isClaimed(host) && hosts.wantsProbe(host);
  }

  private claimed(host: number): number {
    this.hosts.claim(host);
    return host;
  }
}
