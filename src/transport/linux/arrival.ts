/** Shows packets that were taken at an interface as a raw socket does. */

import type { Family } from '../../address.ts';
import { HOP_LIMIT_AT, IP_HEADER_OCTETS, packetLength, SOURCE_AT } from '../../wire/ip-header.ts';
import { FORM, type ReceiveBatch } from '../contract.ts';

/**
 * Fills a slot with a packet: IPv4 with its header, ICMPv6 without. An invalid packet gets the length 0.
 * @param at where the IP header begins @param octets that arrived
 */
export function copyArrival(
  family: Family,
  view: DataView,
  at: number,
  octets: number,
  rx: ReceiveBatch,
  slot: number,
): void {
  const length = packetLength(family, view, at, octets);
  if (family === 4) {
    rx.form[slot] = FORM.ipv4Datagram;
    rx.length[slot] = copyPacket(view, at, length, rx, slot);
    return;
  }
  const header = IP_HEADER_OCTETS[6];
  rx.form[slot] = FORM.icmpMessage;
  rx.length[slot] = copyPacket(view, at + header, length - header, rx, slot);
  rx.ttl[slot] = view.getUint8(at + HOP_LIMIT_AT[6]);
  const source = rx.sourceOffset + slot * rx.sourceStride;
  for (let i = 0; i < 16; i += 4)
    rx.sourceView.setUint32(source + i, view.getUint32(at + SOURCE_AT[6] + i));
}

/** Copies octets into a slot, words at a time: some behind the last one may come along. @returns how many, 0 for none */
export function copyPacket(
  view: DataView,
  at: number,
  octets: number,
  rx: ReceiveBatch,
  slot: number,
): number {
  const length = Math.max(0, octets);
  const to = slot * rx.stride;
  for (let i = 0; i < length; i += 4) rx.view.setUint32(to + i, view.getUint32(at + i));
  return length;
}
