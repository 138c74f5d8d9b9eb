/** The ICMP identifier of a socket of ours. */

import { randomInt } from 'node:crypto';

/** Random, to differ from other programs' identifiers; never 0, which many senders use. */
export function randomIdentifier(): number {
  return randomInt(1, 0x10000);
}
