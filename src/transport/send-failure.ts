/** What the system's refusal to send a packet means to the prober, by the errno (send(2), ip(7), ipv6(7)). */

import type { SendFailure } from './contract.ts';

/** Out of buffers, or of places in the neighbour table. */
const BUSY: ReadonlySet<string> = new Set(['EAGAIN', 'ENOBUFS', 'ENOMEM']);
/** No route, a route that refuses (EINVAL is what a blackhole gives), a packet that is too long: the next try ends alike. */
const HOPELESS: ReadonlySet<string> = new Set([
  'EACCES',
  'EAFNOSUPPORT',
  'EHOSTUNREACH',
  'EINVAL',
  'EMSGSIZE',
  'ENETUNREACH',
]);

/** macOS and the BSDs give this for an address that nothing has answered ARP for (arp(4)). */
const UNRESOLVED = 'EHOSTDOWN';

export function sendFailureOf(errno: string): SendFailure {
  if (errno === UNRESOLVED) return 'unresolved';
  if (BUSY.has(errno)) return 'busy';
  return HOPELESS.has(errno) ? 'hopeless' : 'refused';
}
