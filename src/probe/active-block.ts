/** What the parts of the prober share: its setup, and a block being probed with what is known of it. */

import type { Evidence } from './evidence.ts';
import type { HostBlock } from './host-block.ts';
import type { NeighbourSearch } from './neighbour-search.ts';
import type { Schedule } from './schedule.ts';

/** What a prober is told once. */
export interface ProberSetup {
  readonly schedule: Schedule;
  /** undefined: hosts are asked in address order. */
  readonly orderSeed: number | undefined;
  /** Random 32-bit numbers, the same in all workers of a sweep and never told to anybody. */
  readonly key: readonly [number, number, number];
  /** Index of the worker, for what it holds in shared memory. */
  readonly worker: number;
  /** This host's own addresses in canonical text: an error from one of them is our own kernel's word. */
  readonly ownAddresses: readonly string[];
}

export interface ActiveBlock {
  readonly block: HostBlock;
  readonly evidence: Evidence;
  /** What finds the hosts that can be asked; undefined where all can. */
  readonly search?: NeighbourSearch;
}
