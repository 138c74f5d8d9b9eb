/** Questions who has an address and answers to them: ARP for IPv4 over Ethernet, NDP for IPv6. */

import type { Family } from '../address.ts';
import { MAC_OCTETS } from '../results/block-results.ts';
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
 * ARP (RFC 826) for IPv4 over Ethernet:
 *   0 hardware 1   2 protocol 0x0800   4 lengths 6, 4   6 operation   8 sender's MAC, address   18 target's MAC, address
 */
const ARP = { octets: 28, request: 1, reply: 2, senderMac: 8, sender: 14, target: 24 } as const;
const ARP_HEADER = 0x0001_0800;
const ARP_LENGTHS = 0x0604;
/*
 * Neighbour solicitation and advertisement (RFC 4861 sections 4.3 and 4.4), as ICMPv6 behind an IPv6 header:
 *   0 type, code, checksum   4 flags   8 target   24 options: type, length in units of 8 octets, MAC
 */
const NDP = { octets: 32, solicitation: 135, advertisement: 136, target: 8, options: 24 } as const;
const OPTION = { sourceMac: 1, targetMac: 2, header: 2 } as const;
const OPTION_UNIT_OCTETS = 8;
/** RFC 4861 section 7.1: what has not come through a router still has it. */
export const NDP_HOP_LIMIT = 255;
/** ff02::1:ff00:0, of whose last three octets the target's take the place (RFC 4291 section 2.7.1). */
const SOLICITED_NODE = Uint8Array.of(0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, 0, 0, 0);

const NDP_AT = IP_HEADER_OCTETS[6];
export const REQUEST_OCTETS: Readonly<Record<Family, number>> = {
  4: ARP.octets,
  6: NDP_AT + NDP.octets,
};
/** Where a request has the address that is asked for. */
export const TARGET_AT: Readonly<Record<Family, number>> = {
  4: ARP.target,
  6: NDP_AT + NDP.target,
};

/** Writes all of a request but whom it asks for. @param view of zeros */
export function prepareRequest(
  view: DataView,
  at: number,
  mac: Uint8Array,
  header: HeaderFields,
): void {
  if (header.family === 4) {
    view.setUint32(at, ARP_HEADER);
    view.setUint16(at + 4, ARP_LENGTHS);
    view.setUint16(at + 6, ARP.request);
    write(view, at + ARP.senderMac, mac);
    write(view, at + ARP.sender, header.source);
    return;
  }
  prepareHeader(view, at, NDP.octets, header);
  write(view, at + DESTINATION_AT[6], SOLICITED_NODE);
  const message = at + NDP_AT;
  view.setUint8(message, NDP.solicitation);
  view.setUint8(message + NDP.options, OPTION.sourceMac);
  view.setUint8(message + NDP.options + 1, 1);
  write(view, message + NDP.options + OPTION.header, mac);
}

/**
 * Addresses a solicitation to the group that the address asked for is in, and seals it.
 * @param groupMac where the group's MAC stands, of which the last three octets are the address's (RFC 2464 section 7)
 */
export function addressToGroup(view: DataView, at: number, groupMac: Uint8Array): void {
  for (let i = 0; i < 3; i++) {
    const octet = view.getUint8(at + TARGET_AT[6] + 13 + i);
    view.setUint8(at + DESTINATION_AT[6] + 13 + i, octet);
    groupMac[3 + i] = octet;
  }
  sealPacket(6, view, at, NDP.octets);
}

/** Reads answers without trusting an octet of them; reused, so that nothing is allocated. */
export class AnswerParser {
  /** Of the last answer: where the address stands, and the MAC address that it is said to have. */
  addressAt = 0;
  macAt = 0;
  private readonly family: Family;
  private readonly view: DataView;
  private readonly ownMac: Uint8Array;

  /** @param ownMac whose bearer asks, and does not answer */
  constructor(family: Family, view: DataView, ownMac: Uint8Array) {
    this.family = family;
    this.view = view;
    this.ownMac = ownMac;
  }

  /** @returns whether the `length` octets at `at` are an answer; then the fields say which */
  parse(at: number, length: number): boolean {
    const isAnswer = this.family === 4 ? this.parseArp(at, length) : this.parseNdp(at, length);
    return isAnswer && this.isHostsMac();
  }

  private parseArp(at: number, length: number): boolean {
    const { view } = this;
    if (length < ARP.octets) return false;
    if (view.getUint32(at) !== ARP_HEADER || view.getUint16(at + 4) !== ARP_LENGTHS) return false;
    this.addressAt = at + ARP.sender;
    this.macAt = at + ARP.senderMac;
    return view.getUint16(at + 6) === ARP.reply;
  }

  /** As RFC 4861 section 7.1.2 wants it. */
  private parseNdp(at: number, length: number): boolean {
    const { view } = this;
    const end = at + packetLength(6, view, at, length);
    const message = at + NDP_AT;
    if (end < message + NDP.options || view.getUint8(at + HOP_LIMIT_AT[6]) !== NDP_HOP_LIMIT)
      return false;
    if (view.getUint8(message) !== NDP.advertisement || view.getUint8(message + 1) !== 0)
      return false;
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

  /** Not a group's (RFC 7042 section 2.1), nobody's or our own. */
  private isHostsMac(): boolean {
    const { view, macAt, ownMac } = this;
    const isGroup = (view.getUint8(macAt) & 1) !== 0;
    let isNobody = true;
    let isOwn = true;
    for (let i = 0; i < MAC_OCTETS; i++) {
      const octet = view.getUint8(macAt + i);
      isNobody &&= octet === 0;
      isOwn &&= octet === ownMac[i];
    }
    return !isGroup && !isNobody && !isOwn;
  }
}

function write(view: DataView, at: number, octets: Uint8Array): void {
  octets.forEach((octet, i) => {
    view.setUint8(at + i, octet);
  });
}
