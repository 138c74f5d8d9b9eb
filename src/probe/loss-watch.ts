/** Learns from hosts that answer only a retry how many probes get lost on the path, and what silence is worth then. */

import { OutageWatch } from './outage-watch.ts';
import { COUNTED_ROUNDS, type SharedState } from './shared-state.ts';

/** What is assumed before anything is known: so few losses, as if seen in so many probes. */
const PRIOR = { loss: 0.02, probes: 20 } as const;
/** Units that may be missing: a few stray losses are no reason to probe every silent host again. */
const TOLERANCE = 0.5;
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
    shared.add('retriedUp', 1);
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
   * ln(1/p) / ln(1/0.02), so that 20 % of loss takes six probes instead of three. A probe that left during an outage is
   * worth nothing.
   * @param sentAtNs by round: when the probe left @param probes sent to it @param planned by the options
   */
  isSilenceCertain(sentAtNs: (round: number) => number, probes: number, planned: number): boolean {
    let lost = 0;
    let units = 0;
    for (let round = Math.max(probes, COUNTED_ROUNDS) - 1; round >= 0; round--) {
      const answered = round < COUNTED_ROUNDS ? this.shared.firstRepliesIn(round) : 0;
      if (round < probes && !this.outages.wasOut(sentAtNs(round))) units += unitsOf(lost, answered);
      lost += answered;
    }
    return units >= planned - TOLERANCE;
  }
}

/** @param lost probes of a round to hosts that answered a later one @param answered probes of it */
function unitsOf(lost: number, answered: number): number {
  if (lost === 0) return 1;
  const loss = (lost + PRIOR.loss * PRIOR.probes) / (lost + answered + PRIOR.probes);
  return Math.min(1, Math.log(loss) / Math.log(PRIOR.loss));
}
