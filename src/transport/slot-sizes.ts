/** How many packets a socket sends and receives at a time, and how long they may be. */

import { ICMP_HEADER_OCTETS } from '../wire/icmp.ts';
import { LONGEST_IPV4_HEADER_OCTETS } from '../wire/ip-header.ts';

export const SEND_SLOTS = 64;
/** If a ring shows when each packet left, however many a call sends. */
export const HEARD_SEND_SLOTS = 256;
export const RECEIVE_SLOTS = 256;
/** Room for the longest quote of an error, and for a frame of Ethernet without jumbo frames. */
const RECEIVE_OCTETS = 2048;

/** Octets of a receive slot: room for errors, and for replies as long as the requests. */
export function receiveSlotOctets(payloadOctets: number): number {
  const reply = LONGEST_IPV4_HEADER_OCTETS + ICMP_HEADER_OCTETS + payloadOctets;
  return Math.max(RECEIVE_OCTETS, reply);
}
