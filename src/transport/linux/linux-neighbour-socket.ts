/** A socket that asks one link who has an address, by ARP or by NDP, and reads what is answered. */

import { ADDRESS_OCTETS, type Family } from '../../address.ts';
import { linkName } from '../../host-network/local-link.ts';
import * as c from '../../native/linux/constants.ts';
import { MAC_OCTETS } from '../../results/block-results.ts';
import {
  AnswerParser,
  addressToGroup,
  prepareRequest,
  REQUEST_OCTETS,
  TARGET_AT,
} from '../../wire/neighbour-messages.ts';
import type { AnswerBatch, NeighbourSocket, SendBatch } from '../contract.ts';
import type { LinuxClock } from './clock.ts';
import { MessageSocket } from './message-socket.ts';
import type { LinkHandle } from './open-packet-socket.ts';
import { prepareLinkAddress, setMacOf } from './packet-socket-address.ts';

const SEND_SLOTS = 64;
const STRIDE = 72;
const RECEIVE_SLOTS = 64;
const RECEIVE_OCTETS = 256;
const CONTROL_OCTETS = 64;
const ANSWER = { stride: 24, macOffset: 16 } as const;
const EVERYBODY = new Uint8Array(MAC_OCTETS).fill(0xff);
/** 33:33:ff:00:00:00, of whose last three octets those of the address asked for take the place (RFC 2464 section 7). */
const SOLICITED_GROUP = Uint8Array.of(0x33, 0x33, 0xff, 0, 0, 0);

export class LinuxNeighbourSocket extends MessageSocket implements NeighbourSocket {
  readonly family: Family;
  readonly linkName: string;
  readonly tx: SendBatch;
  readonly answers: AnswerBatch;

  private readonly parser: AnswerParser;
  /** Where the MAC address of the group is put together that an NDP request goes to. */
  private readonly groupMac = SOLICITED_GROUP.slice();

  constructor(handle: LinkHandle, clock: LinuxClock) {
    const { family } = handle;
    super(
      handle.fd,
      clock,
      {
        slots: SEND_SLOTS,
        packetOctets: REQUEST_OCTETS[family],
        stride: STRIDE,
        nameOctets: c.SOCKADDR_LL_OCTETS,
        controlOctets: 0,
      },
      {
        slots: RECEIVE_SLOTS,
        packetOctets: RECEIVE_OCTETS,
        stride: RECEIVE_OCTETS,
        nameOctets: 0,
        controlOctets: CONTROL_OCTETS,
      },
    );
    this.family = family;
    this.linkName = linkName(handle.link);
    this.parser = new AnswerParser(family, this.receiveBatch.packets.view, handle.ethernet.mac);
    this.prepareSlots(handle);
    const { view } = this.sendBatch.packets;
    this.tx = {
      capacity: SEND_SLOTS,
      view,
      stride: STRIDE,
      packetLength: REQUEST_OCTETS[family],
      addressView: view,
      addressOffset: TARGET_AT[family],
      addressStride: STRIDE,
      setScope: () => {},
      ...this.stamps,
    };
    this.answers = {
      view: new DataView(new ArrayBuffer(RECEIVE_SLOTS * ANSWER.stride)),
      ...ANSWER,
    };
  }

  override send(first: number, count: number): number {
    const { names, packets } = this.sendBatch;
    for (let slot = first; this.family === 6 && slot < first + count; slot++) {
      addressToGroup(packets.view, slot * STRIDE, this.groupMac);
      setMacOf(names.bytes, slot * c.SOCKADDR_LL_OCTETS, this.groupMac, 0);
    }
    return super.send(first, count);
  }

  receive(): number {
    for (;;) {
      // An interface that went down says so once; its silence says the rest.
      const count = this.receiver.receive(0);
      if (count === 0) return 0;
      let answers = 0;
      for (let slot = 0; slot < count; slot++) {
        const length = Math.min(RECEIVE_OCTETS, this.receiveBatch.lengthOf(slot));
        if (this.parser.parse(slot * RECEIVE_OCTETS, length)) this.take(answers++);
      }
      if (answers > 0) return answers;
    }
  }

  private prepareSlots({ family, ethernet, header }: LinkHandle): void {
    const { names, packets } = this.sendBatch;
    const protocol = family === 4 ? c.ETH_P_ARP : c.ETH_P_IPV6;
    for (let slot = 0; slot < SEND_SLOTS; slot++) {
      prepareRequest(packets.view, slot * STRIDE, ethernet.mac, header);
      const name = slot * c.SOCKADDR_LL_OCTETS;
      prepareLinkAddress(names.view, name, protocol, ethernet.interfaceIndex);
      setMacOf(names.bytes, name, EVERYBODY, 0);
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
