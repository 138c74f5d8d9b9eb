/** The structures of Windows' echo requests (ipexport.h, ws2ipdef.h), as 64-bit Windows lays them out. */

import type { Family } from '../../address.ts';

/** IP_OPTION_INFORMATION: TTL u8, TOS u8, flags u8, size of options u8, pointer to options. */
export const OPTIONS = { octets: 16, ttl: 0, flags: 2 } as const;
export const IP_FLAG_DF = 0x2;

/** struct sockaddr_in6: family u16, port, flow label, address, scope. The octets are rounded up for what follows. */
export const SOCKADDR6 = { octets: 32, family: 0, address: 8, scope: 24 } as const;
export const AF_INET6 = 23;

/** Where a reply has what; `null` for what it does not have. */
interface ReplyLayout {
  readonly octets: number;
  readonly address: number;
  readonly status: number;
  /** Whole milliseconds, u32. */
  readonly roundTripMs: number;
  /** Octets of the payload that came back, u16, and the pointer to them. */
  readonly data: { readonly octets: number; readonly pointer: number } | null;
  readonly ttl: number | null;
}

/**
 * ICMP_ECHO_REPLY:
 *
 *   octet 0         4          8           12              14        16       24      32
 *        +---------+----------+-----------+---------------+---------+--------+-------+------------------+
 *        | address | status   | RTT, ms   | octets of data| replies | data * | TTL … | pointer of options
 *        +---------+----------+-----------+---------------+---------+--------+-------+------------------+
 *
 * ICMPV6_ECHO_REPLY: IPV6_ADDRESS_EX is packed (port u16, flow u32, address, scope u32), and the data follows the reply.
 */
export const REPLY: Readonly<Record<Family, ReplyLayout>> = {
  4: {
    octets: 40,
    address: 0,
    status: 4,
    roundTripMs: 8,
    data: { octets: 12, pointer: 16 },
    ttl: 24,
  },
  6: { octets: 36, address: 6, status: 28, roundTripMs: 32, data: null, ttl: null },
};

/** What a reply buffer holds beyond the reply and its payload: 8 octets of an ICMP error, and an IO_STATUS_BLOCK. */
const REPLY_EXTRA_OCTETS = 8 + 16;

export function replyOctets(family: Family, payloadOctets: number): number {
  return REPLY[family].octets + payloadOctets + REPLY_EXTRA_OCTETS;
}

/** RequestSize is a u16, of which ping.exe and the system leave this much to the payload. */
export const LONGEST_PAYLOAD_OCTETS = 65_500;
