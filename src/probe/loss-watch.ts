/** Learns from hosts that answer only a retry how many probes get lost on the path, and what silence is worth then. */

import { OutageWatch } from './outage-watch.ts';
import type { Schedule } from './schedule.ts';
import { COUNTED_ROUNDS, type SharedState } from './shared-state.ts';

/** What is assumed before anything is known: so few losses, as if seen in so many probes. */
const PRIOR = { loss: 0.02, probes: 20 } as const;
/** Units that may be missing: a few stray losses do not justify probing every silent host again. */
const TOLERANCE = 0.6;
/** The same on a path that clearly loses packets, as long as a host may be probed again. */
const TOLERANCE_OF_LOSS = 0.2;
/** The share of lost probes from which a path clearly loses packets. */
const CLEAR_LOSS = 0.05;
/** Losses since the rate was last lowered that call for lowering it again, and their share of the hosts that answered. */
const NOTABLE_LOSSES = 8;
const NOTABLE_SHARE = 0.1;

export class LossWatch {
  /** Of the path that this thread sees. */
  readonly outages = new OutageWatch();
  private readonly shared: SharedState;
  private answered = 0;
  private lost = 0;

  constructor(shared: SharedState) {
    this.shared = shared;
  }

  /**
   * A host has answered for the first time. @param round of the probe that it answered @param lostAtNs when the probe
   * before that one left; ignored in round 0
   */
  noteFirstReply(round: number, lostAtNs: number, nowNs: number): void {
    const { shared } = this;
    shared.addFirstReply(round);
    this.answered++;
    if (round === 0) return;
    this.noteLoss(lostAtNs, nowNs);
  }

  /** A probe has left for a host after the system refused one, as a firewall that limits pings does. */
  noteOvercomeRefusal(refusedAtNs: number, nowNs: number): void {
    this.shared.add('refusalsOvercome', 1);
    this.noteLoss(refusedAtNs, nowNs);
  }

  /** Whether a probe that the system refused may be sent at another time. */
  get wereRefusalsOvercome(): boolean {
    return this.shared.isCounted('refusalsOvercome');
  }

  private noteLoss(lostAtNs: number, nowNs: number): void {
    const { shared } = this;
    // What left before the rate was lowered says nothing about the lower rate.
    if (lostAtNs < shared.pacer.slowedForLossAtNs) return;
    this.lost++;
    if (this.lost < NOTABLE_LOSSES || this.lost < NOTABLE_SHARE * this.answered) return;
    this.answered = 0;
    this.lost = 0;
    if (shared.pacer.slowDownForLoss(lostAtNs, nowNs)) shared.add('lossSlowDowns', 1);
  }

  /**
   * Whether a host's silence rules out, as well as on a path without loss, that it is up. There each planned probe is
   * worth one unit. A probe of a round in which the share p of the probes to live hosts got lost is worth
   * ln(1/p) / ln(1/0.02), so that 20 % of loss takes seven probes instead of three. A probe that left during an outage is
   * worth nothing. First probes are judged apart, because a router that looks for a host drops them, and all later ones
   * together, because few hosts are left for each round.
   * @param sentAtNs by round: when the probe left; NaN if it does not count @param probes sent to it
   */
  isSilenceCertain(
    sentAtNs: (round: number) => number,
    probes: number,
    { probes: planned, room }: Pick<Schedule, 'probes' | 'room'>,
  ): boolean {
    const first = { answered: this.shared.firstRepliesIn(0), lost: 0 };
    const later = { answered: 0, lost: 0 };
    for (let round = COUNTED_ROUNDS - 1; round > 0; round--) {
      const replies = this.shared.firstRepliesIn(round);
      later.lost += first.lost;
      first.lost += replies;
      later.answered += replies;
    }
    let units = 0;
    for (let round = 0; round < probes; round++) {
      const atNs = sentAtNs(round);
      if (Number.isNaN(atNs) || this.outages.wasOut(atNs)) continue;
      units += round === 0 ? unitsOf(first) : unitsOf(later);
    }
    const isLossClear = probes < room && (isClear(first) || isClear(later));
    return units >= planned - (isLossClear ? TOLERANCE_OF_LOSS : TOLERANCE);
  }
}

/** Probes to live hosts: `lost` are those to hosts that answered a later one. */
interface LiveProbeCounts {
  readonly answered: number;
  readonly lost: number;
}

function unitsOf(counts: LiveProbeCounts): number {
  return Math.min(1, Math.log(lossOf(counts)) / Math.log(PRIOR.loss));
}

function isClear(counts: LiveProbeCounts): boolean {
  return counts.lost >= NOTABLE_LOSSES && lossOf(counts) > CLEAR_LOSS;
}

/** The share of probes that get lost on the path. */
function lossOf({ answered, lost }: LiveProbeCounts): number {
  if (lost === 0) return PRIOR.loss;
  return (lost + PRIOR.loss * PRIOR.probes) / (lost + answered + PRIOR.probes);
}
