/** ICMP (RFC 792) and ICMPv6 (RFC 4443): the header of a message, and the types that matter to us. */

import type { Family } from '../address.ts';

/*
 * Echo request and reply. An error has 4 octets of its own at 4 and quotes the packet that it is about from octet 8 on.
 *
 *   octet 0      1      2             4             6             8
 *        +------+------+-------------+-------------+-------------+---------
 *        | type | code |  checksum   | identifier  |  sequence   | payload
 *        +------+------+-------------+-------------+-------------+---------
 */
export const ICMP_AT = { type: 0, code: 1, checksum: 2, identifier: 4, sequence: 6 } as const;

/** Octets before the payload of an echo request or reply, and before the quote of an error. */
export const ICMP_HEADER_OCTETS = 8;

/** Type of an echo request. */
export const ECHO_REQUEST: Readonly<Record<Family, number>> = { 4: 8, 6: 128 };

/** Type of an echo reply. */
export const ECHO_REPLY: Readonly<Record<Family, number>> = { 4: 0, 6: 129 };

/** Types of the errors that are outcomes. Redirects and source quench are not. */
export const ERROR_TYPE = {
  4: { unreachable: 3, timeExceeded: 11, parameterProblem: 12 },
  6: { unreachable: 1, packetTooBig: 2, timeExceeded: 3, parameterProblem: 4 },
} as const;

/** The same as lists. */
export const ERROR_TYPES: Readonly<Record<Family, readonly number[]>> = {
  4: Object.values(ERROR_TYPE[4]),
  6: Object.values(ERROR_TYPE[6]),
};

/** Code of `unreachable` for "no host answers for this address". */
export const ADDRESS_UNREACHABLE_CODE: Readonly<Record<Family, number>> = { 4: 1, 6: 3 };

/** Types of NDP's messages (RFC 4861 sections 4.3 and 4.4). */
export const NDP_TYPE = { solicitation: 135, advertisement: 136 } as const;
