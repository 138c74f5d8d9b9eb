/** A local network on which we resolve hosts by ARP or NDP and ping them ourselves, past the system. */

import type { Family } from '../address.ts';

/** Plain data, which passes between threads. */
export interface LocalLink {
  /** Identifies the link within a sweep: 0, 1, 2, … */
  readonly index: number;
  readonly family: Family;
  /** Name of the interface. */
  readonly interface: string;
  /** Our own address there, inside the network; it is the source of everything that is sent. */
  readonly source: string;
}
