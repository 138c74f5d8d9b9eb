/** A block of hosts to probe, as the coordinator describes it to the thread that probes it. */

import type { BlockTargets } from '../results/block-targets.ts';
import type { LiveProbes } from '../results/live-probes.ts';
import type { Reach } from './reach.ts';
import type { HostCounts } from './shared-state.ts';

/** Plain data, which passes between threads. */
export interface BlockSetup {
  /** Names the block in payloads; never used twice in a sweep. */
  readonly number: number;
  readonly targets: BlockTargets;
  /** Interface index of an IPv6 zone, else 0. */
  readonly scopeId: number;
  /** Index of the interface on whose local network the hosts are; 0 or undefined if it is not known. */
  readonly interfaceIndex?: number;
  readonly reach: Reach;
  /** The canary is probed before all others, by a single probe, and returned as soon as that is answered or timed out. */
  readonly isCanary?: boolean;
  /** Memory that shows how many hosts are final, up, and up by a retry; undefined: the prober adds them to the counters of the sweep. */
  readonly hostCounts?: HostCounts;
  /** Memory that shows each host's state as it changes (`cellCode`); undefined if it is not displayed. */
  readonly liveCells?: Uint8Array;
  /** The hosts in the order in which they are probed; undefined for that of the prober. */
  readonly order?: Uint32Array;
  /** Memory that shows what became of each probe; undefined if it is not watched. */
  readonly liveProbes?: LiveProbes | undefined;
}
