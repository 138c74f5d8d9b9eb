/** Ethernet: what a frame carries, and MAC addresses of groups. */

/** What follows the Ethernet header (IEEE 802 numbers). */
export const ETHER_TYPE = { ipv4: 0x0800, arp: 0x0806, ipv6: 0x86dd } as const;

/** Every host of the network. */
export const BROADCAST_MAC = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff);

/** 33:33:ff:00:00:00: the last three octets of a solicited address replace the zeros (RFC 2464 section 7). */
export const SOLICITED_GROUP_MAC = Uint8Array.of(0x33, 0x33, 0xff, 0, 0, 0);
