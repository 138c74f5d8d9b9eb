/** Restores what macOS' kernel changes in the ICMP errors that it hands to programs. */

import { checksumHolds } from '../wire/checksum.ts';
import { ERROR_TYPES, ICMP_AT, ICMP_HEADER_OCTETS } from '../wire/icmp.ts';
import { IP_HEADER_OCTETS, IPV4_AT, ipv4HeaderOctets } from '../wire/ip-header.ts';

/**
 * XNU verifies the checksum of an ICMP error and then puts the total length of the quoted IPv4 header into host order, in the
 * packet that it passes on (icmp_input in bsd/netinet/ip_icmp.c). The checksum no longer holds, so the octets are swapped
 * back. It leaves the quotes of codes that it does not know as they are.
 * @param at where the IPv4 datagram begins @param octets of it
 */
export function restoreQuotedLength(view: DataView, at: number, octets: number): void {
  if (octets < IP_HEADER_OCTETS[4]) return;
  const headerOctets = ipv4HeaderOctets(view, at);
  const message = at + headerOctets;
  const quote = message + ICMP_HEADER_OCTETS;
  if (headerOctets < IP_HEADER_OCTETS[4] || quote + IP_HEADER_OCTETS[4] > at + octets) return;
  if (!ERROR_TYPES[4].includes(view.getUint8(message + ICMP_AT.type))) return;
  if (checksumHolds(view, message, octets - headerOctets)) return;
  const length = view.getUint16(quote + IPV4_AT.totalLength, true);
  view.setUint16(quote + IPV4_AT.totalLength, length);
}
