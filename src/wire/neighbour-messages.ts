/** Requests for the MAC address of a host, and their replies: ARP for IPv4 over Ethernet, NDP for IPv6. */

import type { Family } from '../address.ts';
import { MAC_OCTETS } from '../results/block-results.ts';
import { ETHER_TYPE } from './ethernet.ts';
import { ICMP_AT, NDP_TYPE } from './icmp.ts';
import {
  DESTINATION_AT,
  type HeaderFields,
  HOP_LIMIT_AT,
  IP_HEADER_OCTETS,
  packetLength,
  prepareHeader,
  sealPacket,
} from './ip-header.ts';

/*
 * ARP for IPv4 over Ethernet (RFC 826):
 *
 *   octet 0           1           2           3           4
 *        +-----------+-----------+-----------------------+
 *      0 |  hardware: Ethernet   |    protocol: IPv4     |
 *        +-----------+-----------+-----------------------+
 *      4 | length: 6 | length: 4 |       operation       |
 *        +-----------+-----------+-----------------------+
 *      8 |             sender's MAC, 6 octets            |
 *     14 |           sender's address, 4 octets          |
 *     18 |             target's MAC, 6 octets            |
 *     24 |           target's address, 4 octets          |
 *        +-----------------------------------------------+
 */
export const ARP = {
  octets: 28,
  operation: 6,
  senderMac: 8,
  sender: 14,
  target: 24,
} as const;
export const ARP_OPERATION = { request: 1, reply: 2 } as const;
/** Ethernet, IPv4 and the lengths of their addresses. */
const ARP_HEADER = 0x0001_0000 | ETHER_TYPE.ipv4;
const ARP_LENGTHS_AT = 4;
const ARP_LENGTHS = 0x0604;
/*
 * Neighbour solicitation and advertisement (RFC 4861 sections 4.3 and 4.4), behind an IPv6 header:
 *
 *   octet 0           1           2           3           4
 *        +-----------+-----------+-----------------------+
 *      0 |   type    |   code    |       checksum        |
 *        +-----------+-----------+-----------------------+
 *      4 |                     flags                     |
 *      8 |               target, 16 octets               |
 *        +-----------+-----------+-----------------------+
 *     24 |  option   | length/8  |    MAC, 6 octets      |
 *        +-----------+-----------+-----------------------+
 */
const NDP = { octets: 32, target: 8, options: 24 } as const;
const OPTION = { sourceMac: 1, targetMac: 2, header: 2 } as const;
const OPTION_UNIT_OCTETS = 8;
/** RFC 4861 section 7.1: a packet that no router forwarded still has it. */
export const NDP_HOP_LIMIT = 255;
/** ff02::1:ff00:0: the target's last three octets replace its own (RFC 4291 section 2.7.1). */
const SOLICITED_NODE = Uint8Array.of(0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, 0, 0, 0);

const NDP_AT = IP_HEADER_OCTETS[6];
export const REQUEST_OCTETS: Readonly<Record<Family, number>> = {
  4: ARP.octets,
  6: NDP_AT + NDP.octets,
};
/** Where a request has the address to resolve. */
export const TARGET_AT: Readonly<Record<Family, number>> = {
  4: ARP.target,
  6: NDP_AT + NDP.target,
};

/** Writes a request, except for the address to resolve. @param view of zeros */
export function prepareRequest(
  view: DataView,
  at: number,
  mac: Uint8Array,
  header: HeaderFields,
): void {
  if (header.family === 4) {
    view.setUint32(at, ARP_HEADER);
    view.setUint16(at + ARP_LENGTHS_AT, ARP_LENGTHS);
    view.setUint16(at + ARP.operation, ARP_OPERATION.request);
    write(view, at + ARP.senderMac, mac);
    write(view, at + ARP.sender, header.source);
    return;
  }
  prepareHeader(view, at, NDP.octets, header);
  write(view, at + DESTINATION_AT[6], SOLICITED_NODE);
  const message = at + NDP_AT;
  view.setUint8(message + ICMP_AT.type, NDP_TYPE.solicitation);
  view.setUint8(message + NDP.options, OPTION.sourceMac);
  view.setUint8(message + NDP.options + 1, 1);
  write(view, message + NDP.options + OPTION.header, mac);
}

/**
 * Addresses a solicitation to the multicast group of its target, and seals it.
 * @param groupMac a copy of SOLICITED_GROUP_MAC, whose last three octets become the target's
 */
export function addressToGroup(view: DataView, at: number, groupMac: Uint8Array): void {
  for (let i = 0; i < 3; i++) {
    const octet = view.getUint8(at + TARGET_AT[6] + 13 + i);
    view.setUint8(at + DESTINATION_AT[6] + 13 + i, octet);
    groupMac[3 + i] = octet;
  }
  sealPacket(6, view, at, NDP.octets);
}

/** Reads replies without trusting a single octet of them. Reused, so that nothing is allocated. */
export class NeighbourReplyParser {
  /** Of the last reply: where its address begins, and where the MAC address begins that it claims. */
  addressAt = 0;
  macAt = 0;
  private readonly family: Family;
  private readonly view: DataView;
  private readonly ownMac: Uint8Array;

  /** @param ownMac of our own interface, which never replies */
  constructor(family: Family, view: DataView, ownMac: Uint8Array) {
    this.family = family;
    this.view = view;
    this.ownMac = ownMac;
  }

  /** @returns whether the `length` octets at `at` are a valid reply; if so, the fields describe it */
  parse(at: number, length: number): boolean {
    const isReply = this.family === 4 ? this.parseArp(at, length) : this.parseNdp(at, length);
    return isReply && this.isHostsMac();
  }

  private parseArp(at: number, length: number): boolean {
    const { view } = this;
    if (length < ARP.octets) return false;
    if (view.getUint32(at) !== ARP_HEADER || view.getUint16(at + ARP_LENGTHS_AT) !== ARP_LENGTHS)
      return false;
    this.addressAt = at + ARP.sender;
    this.macAt = at + ARP.senderMac;
    return view.getUint16(at + ARP.operation) === ARP_OPERATION.reply;
  }

  /** Validated as RFC 4861 section 7.1.2 requires. */
  private parseNdp(at: number, length: number): boolean {
    const { view } = this;
    const end = at + packetLength(6, view, at, length);
    const message = at + NDP_AT;
    if (end < message + NDP.options || view.getUint8(at + HOP_LIMIT_AT[6]) !== NDP_HOP_LIMIT)
      return false;
    if (view.getUint8(message + ICMP_AT.type) !== NDP_TYPE.advertisement) return false;
    if (view.getUint8(message + ICMP_AT.code) !== 0) return false;
    this.addressAt = message + NDP.target;
    this.macAt = -1;
    let option = message + NDP.options;
    while (option + OPTION_UNIT_OCTETS <= end) {
      const octets = view.getUint8(option + 1) * OPTION_UNIT_OCTETS;
      if (octets === 0) return false;
      if (view.getUint8(option) === OPTION.targetMac && octets === OPTION_UNIT_OCTETS)
        this.macAt = option + OPTION.header;
      option += octets;
    }
    return option === end && this.macAt >= 0;
  }

  /** Not a multicast address (RFC 7042 section 2.1), not all zeros, and not our own. */
  private isHostsMac(): boolean {
    const { view, macAt, ownMac } = this;
    const isGroup = (view.getUint8(macAt) & 1) !== 0;
    let isZero = true;
    let isOwn = true;
    for (let i = 0; i < MAC_OCTETS; i++) {
      const octet = view.getUint8(macAt + i);
      isZero &&= octet === 0;
      isOwn &&= octet === ownMac[i];
    }
    return !isGroup && !isZero && !isOwn;
  }
}

function write(view: DataView, at: number, octets: Uint8Array): void {
  octets.forEach((octet, i) => {
    view.setUint8(at + i, octet);
  });
}
