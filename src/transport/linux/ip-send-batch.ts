/** Send slots whose packets have an IP header of our own. */

import type { Family } from '../../address.ts';
import * as c from '../../native/linux/constants.ts';
import { ETHER_TYPE } from '../../wire/ethernet.ts';
import { ICMP_AT } from '../../wire/icmp.ts';
import {
  DESTINATION_AT,
  type HeaderFields,
  IP_HEADER_OCTETS,
  IPV4_AT,
  prepareHeader,
  sealPacket,
} from '../../wire/ip-header.ts';
import type { SendBatch } from '../contract.ts';
import type { WayPast } from '../handles.ts';
import { ADDRESS_AT, NAME_OCTETS, prepareNames } from './internet-address.ts';
import type { MessageChannel } from './message-channel.ts';
import { preparePacketAddress, setMac } from './packet-socket-address.ts';

/** Slots for messages behind headers with these fields; the names are left to prepare. */
function ipSendBatch(
  header: HeaderFields,
  { sendBatch, stamps }: MessageChannel,
  messageOctets: number,
): SendBatch {
  const { family } = header;
  const { stride } = sendBatch;
  const { slots } = sendBatch.layout;
  const { view } = sendBatch.packets;
  for (let slot = 0; slot < slots; slot++)
    prepareHeader(view, slot * stride, messageOctets, header);
  return {
    capacity: slots,
    view: new DataView(view.buffer, view.byteOffset + IP_HEADER_OCTETS[family]),
    stride,
    packetLength: messageOctets,
    addressView: view,
    addressOffset: DESTINATION_AT[family],
    addressStride: stride,
    setScope: () => {},
    ...stamps,
  };
}

/** For a packet socket: through an interface, to MAC addresses that are still to be set. */
export function linkSendBatch(
  header: HeaderFields,
  interfaceIndex: number,
  channel: MessageChannel,
  messageOctets: number,
): SendBatch {
  const { view } = channel.sendBatch.names;
  const protocol = header.family === 4 ? ETHER_TYPE.ipv4 : ETHER_TYPE.ipv6;
  for (let slot = 0; slot < channel.sendBatch.layout.slots; slot++)
    preparePacketAddress(view, slot * c.SOCKADDR_LL_OCTETS, protocol, interfaceIndex);
  return ipSendBatch(header, channel, messageOctets);
}

/** For a packet socket: all to one gateway. */
export function gatewaySendBatch(
  header: HeaderFields,
  { interfaceIndex, mac }: WayPast,
  channel: MessageChannel,
  messageOctets: number,
): SendBatch {
  const batch = linkSendBatch(header, interfaceIndex, channel, messageOctets);
  const { bytes } = channel.sendBatch.names;
  for (let slot = 0; slot < batch.capacity; slot++)
    setMac(bytes, slot * c.SOCKADDR_LL_OCTETS, mac, 0);
  return batch;
}

/** For an IPv4 raw socket that takes our header (IP_HDRINCL, raw(7)). */
export function routedSendBatch(
  header: HeaderFields,
  channel: MessageChannel,
  messageOctets: number,
): SendBatch {
  prepareNames(channel.sendBatch.names.view, 4, channel.sendBatch.layout.slots);
  return ipSendBatch(header, channel, messageOctets);
}

/**
 * Completes packets of a routed batch. The system routes by the name and fills in the checksum, and our address if the
 * header has none.
 */
export function routePackets(
  { addressView, addressOffset, stride, view }: SendBatch,
  { sendBatch }: MessageChannel,
  first: number,
  count: number,
): void {
  const names = sendBatch.names.view;
  for (let slot = first; slot < first + count; slot++) {
    const at = slot * stride;
    const destination = addressView.getUint32(at + addressOffset);
    names.setUint32(slot * NAME_OCTETS[4] + ADDRESS_AT[4], destination);
    // As `sealPacket` does; the system would spend time to find a unique one.
    addressView.setUint16(at + IPV4_AT.identification, view.getUint16(at + ICMP_AT.sequence));
  }
}

/** Completes packets whose destinations and messages are written. */
export function sealPackets(
  family: Family,
  { addressView, stride, packetLength }: SendBatch,
  first: number,
  count: number,
): void {
  for (let slot = first; slot < first + count; slot++)
    sealPacket(family, addressView, slot * stride, packetLength);
}
