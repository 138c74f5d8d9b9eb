/** What the parts of the prober share: its setup, and a block being probed with what is known about it. */

import type { Evidence } from './evidence.ts';
import type { HostBlock } from './host-block.ts';
import type { NeighbourSearch } from './neighbour-search.ts';
import type { Schedule } from './schedule.ts';

/** What a prober is given once. */
export interface ProberSetup {
  readonly schedule: Schedule;
  /** undefined: hosts are probed in address order. */
  readonly orderSeed: number | undefined;
  /** Random 32-bit numbers, the same in all workers of a sweep and secret. */
  readonly key: readonly [number, number, number];
  /** Index of the worker, for what it holds in shared memory. */
  readonly worker: number;
  /** This host's own addresses in canonical text: an error from one of them comes from our own kernel. */
  readonly ownAddresses: readonly string[];
}

/** A class: with a second literal, V8 changes what it assumes of the first, and throws code away that it compiled before. */
export class ActiveBlock {
  /** The echo requests. */
  readonly block: HostBlock;
  readonly evidence: Evidence;
  /** The ARP or NDP requests that find the hosts to ping; undefined if all hosts are pinged. */
  readonly search: NeighbourSearch | undefined;

  constructor(block: HostBlock, evidence: Evidence, search?: NeighbourSearch) {
    this.block = block;
    this.evidence = evidence;
    this.search = search;
  }
}
