/** Send slots whose packets have an IP header of our own, for packet sockets. */

import type { Family } from '../../address.ts';
import * as c from '../../native/linux/constants.ts';
import { ETHER_TYPE } from '../../wire/ethernet.ts';
import {
  DESTINATION_AT,
  type HeaderFields,
  IP_HEADER_OCTETS,
  prepareHeader,
  sealPacket,
} from '../../wire/ip-header.ts';
import type { SendBatch } from '../contract.ts';
import type { GatewayWay } from '../handles.ts';
import type { MessageChannel } from './message-channel.ts';
import { preparePacketAddress, setMac } from './packet-socket-address.ts';

/** Slots for messages behind headers with these fields, sent through an interface. */
export function ipSendBatch(
  header: HeaderFields,
  interfaceIndex: number,
  { sendBatch, stamps }: MessageChannel,
  messageOctets: number,
): SendBatch {
  const { family } = header;
  const { stride, slots } = sendBatch.layout;
  const { view } = sendBatch.packets;
  const protocol = family === 4 ? ETHER_TYPE.ipv4 : ETHER_TYPE.ipv6;
  for (let slot = 0; slot < slots; slot++) {
    prepareHeader(view, slot * stride, messageOctets, header);
    preparePacketAddress(
      sendBatch.names.view,
      slot * c.SOCKADDR_LL_OCTETS,
      protocol,
      interfaceIndex,
    );
  }
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

/** The same, all to one gateway. */
export function sendBatchTo(
  { header, past: { interfaceIndex, mac } }: GatewayWay,
  channel: MessageChannel,
  messageOctets: number,
): SendBatch {
  const batch = ipSendBatch(header, interfaceIndex, channel, messageOctets);
  const { bytes } = channel.sendBatch.names;
  for (let slot = 0; slot < batch.capacity; slot++)
    setMac(bytes, slot * c.SOCKADDR_LL_OCTETS, mac, 0);
  return batch;
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
