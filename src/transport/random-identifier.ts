/** The ICMP identifier of a socket of ours. */

import { randomUint32 } from '../random-octets.ts';

/** Random, to differ from other programs' identifiers; never 0, which many senders use. */
export function randomIdentifier(): number {
  return 1 + (randomUint32() % 0xffff);
}
