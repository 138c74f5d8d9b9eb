/** Resolves hosts of one link to MAC addresses: sends ARP or NDP requests and reads the replies. */

import { ADDRESS_OCTETS, type Family } from '../../address.ts';
import * as c from '../../native/linux/constants.ts';
import { BROADCAST_MAC, ETHER_TYPE, SOLICITED_GROUP_MAC } from '../../wire/ethernet.ts';
import {
  addressToGroup,
  NeighbourReplyParser,
  prepareRequest,
  REQUEST_OCTETS,
  TARGET_AT,
} from '../../wire/neighbour-messages.ts';
import type { AnswerBatch, NeighbourSocket, SendBatch } from '../contract.ts';
import type { LinkHandle } from '../handles.ts';
import type { LinuxClock } from './clock.ts';
import { CONTROL_OCTETS } from './control-messages.ts';
import { MessageChannel } from './message-channel.ts';
import { preparePacketAddress, setMac } from './packet-socket-address.ts';

const SEND_SLOTS = 64;
const RECEIVE_SLOTS = 64;
const RECEIVE_OCTETS = 256;
const ANSWER = { stride: 24, macOffset: 16 } as const;

export class LinuxNeighbourSocket extends MessageChannel implements NeighbourSocket {
  readonly family: Family;
  readonly linkIndex: number;
  readonly tx: SendBatch;
  readonly answers: AnswerBatch;

  private readonly parser: NeighbourReplyParser;
  /** Where the MAC address is put together that an NDP request goes to. */
  private readonly groupMac = SOLICITED_GROUP_MAC.slice();

  constructor(handle: LinkHandle, clock: LinuxClock) {
    const { family } = handle;
    super({
      fd: handle.fd,
      clock,
      sends: {
        slots: SEND_SLOTS,
        packetOctets: REQUEST_OCTETS[family],
        nameOctets: c.SOCKADDR_LL_OCTETS,
      },
      receives: {
        slots: RECEIVE_SLOTS,
        packetOctets: RECEIVE_OCTETS,
        controlOctets: CONTROL_OCTETS,
      },
      stampsDepartures: false,
    });
    const { sendBatch, receiveBatch, stamps } = this;
    this.family = family;
    this.linkIndex = handle.link.index;
    this.parser = new NeighbourReplyParser(family, receiveBatch.packets.view, handle.ethernet.mac);
    this.prepareSlots(handle);
    const { stride, packets } = sendBatch;
    this.tx = {
      capacity: SEND_SLOTS,
      view: packets.view,
      stride,
      packetLength: REQUEST_OCTETS[family],
      addressView: packets.view,
      addressOffset: TARGET_AT[family],
      addressStride: stride,
      setScope: () => {},
      ...stamps,
    };
    this.answers = {
      view: new DataView(new ArrayBuffer(RECEIVE_SLOTS * ANSWER.stride)),
      ...ANSWER,
    };
  }

  send(first: number, count: number): number {
    const { sender, sendBatch } = this;
    const { names, packets, stride } = sendBatch;
    for (let slot = first; this.family === 6 && slot < first + count; slot++) {
      addressToGroup(packets.view, slot * stride, this.groupMac);
      setMac(names.bytes, slot * c.SOCKADDR_LL_OCTETS, this.groupMac, 0);
    }
    return sender.send(first, count);
  }

  receive(): number {
    const { receiver, receiveBatch } = this;
    for (;;) {
      // An interface that went down is reported once; after that it is silent.
      const count = receiver.receive(0);
      if (count === 0) return 0;
      let answers = 0;
      for (let slot = 0; slot < count; slot++) {
        const length = Math.min(RECEIVE_OCTETS, receiveBatch.lengthOf(slot));
        if (this.parser.parse(slot * RECEIVE_OCTETS, length)) this.take(answers++);
      }
      if (answers > 0) return answers;
    }
  }

  private prepareSlots({ family, ethernet, header }: LinkHandle): void {
    const { names, packets, stride } = this.sendBatch;
    const protocol = family === 4 ? ETHER_TYPE.arp : ETHER_TYPE.ipv6;
    for (let slot = 0; slot < SEND_SLOTS; slot++) {
      prepareRequest(packets.view, slot * stride, ethernet.mac, header);
      const name = slot * c.SOCKADDR_LL_OCTETS;
      preparePacketAddress(names.view, name, protocol, ethernet.interfaceIndex);
      setMac(names.bytes, name, BROADCAST_MAC, 0);
    }
  }

  private take(answer: number): void {
    const { addressAt, macAt } = this.parser;
    const from = this.receiveBatch.packets.view;
    const { view } = this.answers;
    const to = answer * ANSWER.stride;
    for (let i = 0; i < ADDRESS_OCTETS[this.family]; i += 4)
      view.setUint32(to + i, from.getUint32(addressAt + i));
    view.setUint16(to + ANSWER.macOffset, from.getUint16(macAt));
    view.setUint32(to + ANSWER.macOffset + 2, from.getUint32(macAt + 2));
  }
}
