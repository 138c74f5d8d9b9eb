/** What is known of a link on which we ask for hosts and ping them ourselves: plain data, which passes between threads. */

import type { Family } from '../address.ts';

export interface Link {
  readonly family: Family;
  /** Name of the interface. */
  readonly interface: string;
  /** Our own address there, inside the network that is asked, which everything is sent from. */
  readonly source: string;
}

/** Tells a link from all others of a sweep. */
export function linkName({ interface: name, source }: Link): string {
  return `${name} ${source}`;
}
