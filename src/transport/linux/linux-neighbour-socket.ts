/** A socket that asks one link who has an address, by ARP or by NDP, and reads what is answered. */

import { ADDRESS_OCTETS, type Family } from '../../address.ts';
import type { AnswerBatch, NeighbourSocket, SendBatch, SendFailure } from '../contract.ts';
import type { LinuxClock } from './clock.ts';
import * as c from './constants.ts';
import {
  DESTINATION_AT,
  HOP_LIMIT_AT,
  IP_HEADER_OCTETS,
  packetLength,
  prepareHeader,
  sealPacket,
} from './ip-header.ts';
import { linkName } from './link.ts';
import { MAC_OCTETS, prepareLinkAddress, setMacOf } from './link-address.ts';
import { MessageBatch } from './message-batch.ts';
import { MessageReceiver } from './message-receiver.ts';
import { MessageSender } from './message-sender.ts';
import type { LinkHandle } from './open-link-socket.ts';

const SEND_SLOTS = 64;
const RECEIVE_SLOTS = 64;
const RECEIVE_OCTETS = 256;
const CONTROL_OCTETS = 64;
const ANSWER = { stride: 24, macOffset: 16 } as const;

/*
 * ARP (RFC 826) for IPv4 over Ethernet:
 *   0 hardware 1   2 protocol 0x0800   4 lengths 6, 4   6 operation   8 sender's MAC, address   18 target's MAC, address
 */
const ARP = { octets: 28, request: 1, reply: 2, senderMac: 8, sender: 14, target: 24 } as const;
const ARP_HEADER = 0x0001_0800;
const ARP_LENGTHS = 0x0604;
const EVERYBODY = new Uint8Array(MAC_OCTETS).fill(0xff);
/*
 * Neighbour solicitation and advertisement (RFC 4861 sections 4.3 and 4.4), as ICMPv6 behind an IPv6 header:
 *   0 type, code, checksum   4 flags   8 target   24 options: type, length in units of 8 octets, MAC
 */
const NDP = { octets: 32, solicitation: 135, advertisement: 136, target: 8, options: 24 } as const;
const OPTION = { sourceMac: 1, targetMac: 2, header: 2 } as const;
const NDP_HOP_LIMIT = 255;
/** ff02::1:ff00:0 and the MAC 33:33:ff:00:00:00, of whose last three octets the target's take the place (RFC 4291 section 2.7.1, RFC 2464 section 7). */
const SOLICITED_NODE = Uint8Array.of(0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, 0, 0, 0);
const SOLICITED_MAC = Uint8Array.of(0x33, 0x33, 0xff, 0, 0, 0);

const NDP_AT = IP_HEADER_OCTETS[6];
const TARGET_AT: Readonly<Record<Family, number>> = { 4: ARP.target, 6: NDP_AT + NDP.target };
const REQUEST_OCTETS: Readonly<Record<Family, number>> = { 4: ARP.octets, 6: NDP_AT + NDP.octets };
const STRIDE = 72;

export class LinuxNeighbourSocket implements NeighbourSocket {
  readonly family: Family;
  readonly linkName: string;
  readonly tx: SendBatch;
  readonly answers: AnswerBatch;

  private readonly handle: LinkHandle;
  private readonly sendBatch: MessageBatch;
  private readonly receiveBatch: MessageBatch;
  private readonly sender: MessageSender;
  private readonly receiver: MessageReceiver;
  /** Where the group's MAC is put together that an NDP request goes to. */
  private readonly groupMac = SOLICITED_MAC.slice();

  constructor(handle: LinkHandle, clock: LinuxClock) {
    const { family } = handle;
    this.handle = handle;
    this.family = family;
    this.linkName = linkName(handle.link);
    this.sendBatch = new MessageBatch({
      slots: SEND_SLOTS,
      packetOctets: REQUEST_OCTETS[family],
      stride: STRIDE,
      nameOctets: c.SOCKADDR_LL_OCTETS,
      controlOctets: 0,
    });
    this.receiveBatch = new MessageBatch({
      slots: RECEIVE_SLOTS,
      packetOctets: RECEIVE_OCTETS,
      stride: RECEIVE_OCTETS,
      nameOctets: 0,
      controlOctets: CONTROL_OCTETS,
    });
    this.sender = new MessageSender(handle.fd, this.sendBatch, clock);
    this.receiver = new MessageReceiver(handle.fd, this.receiveBatch, clock);
    for (let slot = 0; slot < SEND_SLOTS; slot++) {
      if (family === 4) this.prepareArp(slot);
      else this.prepareNdp(slot);
    }
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
      sentAtNs: this.sender.sentAtNs,
      leftByNs: this.sender.leftByNs,
      notBeforeNs: this.sender.notBeforeNs,
    };
    this.answers = {
      view: new DataView(new ArrayBuffer(RECEIVE_SLOTS * ANSWER.stride)),
      ...ANSWER,
    };
  }

  get failure(): SendFailure {
    return this.sender.failure;
  }

  get errno(): string {
    return this.sender.errno;
  }

  get droppedPackets(): number {
    return this.receiver.droppedPackets;
  }

  send(first: number, count: number): number {
    for (let slot = first; this.family === 6 && slot < first + count; slot++)
      this.addressToGroup(slot);
    return this.sender.send(first, count);
  }

  receive(): number {
    for (;;) {
      // An interface that went down says so once; its silence says the rest.
      const count = this.receiver.receive(0);
      if (count === 0) return 0;
      let answers = 0;
      for (let slot = 0; slot < count; slot++) {
        const isAnswer =
          this.family === 4 ? this.readArp(slot, answers) : this.readNdp(slot, answers);
        if (isAnswer) answers++;
      }
      if (answers > 0) return answers;
    }
  }

  free(): void {
    this.sendBatch.free();
    this.receiveBatch.free();
  }

  private prepareArp(slot: number): void {
    const { names, packets } = this.sendBatch;
    const { ethernet, header } = this.handle;
    const at = slot * STRIDE;
    packets.view.setUint32(at, ARP_HEADER);
    packets.view.setUint16(at + 4, ARP_LENGTHS);
    packets.view.setUint16(at + 6, ARP.request);
    packets.bytes.set(ethernet.mac, at + ARP.senderMac);
    packets.bytes.set(header.source, at + ARP.sender);
    const name = slot * c.SOCKADDR_LL_OCTETS;
    prepareLinkAddress(names.view, name, c.ETH_P_ARP, ethernet.interfaceIndex);
    setMacOf(names.bytes, name, EVERYBODY, 0);
  }

  private prepareNdp(slot: number): void {
    const { names, packets } = this.sendBatch;
    const { ethernet, header } = this.handle;
    const at = slot * STRIDE;
    prepareHeader(packets.view, at, NDP.octets, header);
    packets.bytes.set(SOLICITED_NODE, at + DESTINATION_AT[6]);
    const message = at + NDP_AT;
    packets.view.setUint8(message, NDP.solicitation);
    packets.view.setUint8(message + NDP.options, OPTION.sourceMac);
    packets.view.setUint8(message + NDP.options + 1, 1);
    packets.bytes.set(ethernet.mac, message + NDP.options + OPTION.header);
    const name = slot * c.SOCKADDR_LL_OCTETS;
    prepareLinkAddress(names.view, name, c.ETH_P_IPV6, ethernet.interfaceIndex);
  }

  private addressToGroup(slot: number): void {
    const { names, packets } = this.sendBatch;
    const at = slot * STRIDE;
    const target = at + TARGET_AT[6] + 13;
    const group = at + DESTINATION_AT[6] + 13;
    for (let i = 0; i < 3; i++) {
      const octet = packets.bytes[target + i]!;
      packets.bytes[group + i] = octet;
      this.groupMac[3 + i] = octet;
    }
    setMacOf(names.bytes, slot * c.SOCKADDR_LL_OCTETS, this.groupMac, 0);
    sealPacket(6, packets.view, at, NDP.octets);
  }

  private readArp(slot: number, answer: number): boolean {
    const { view } = this.receiveBatch.packets;
    const at = slot * RECEIVE_OCTETS;
    if (this.receiveBatch.lengthOf(slot) < ARP.octets) return false;
    if (view.getUint32(at) !== ARP_HEADER || view.getUint16(at + 4) !== ARP_LENGTHS) return false;
    if (view.getUint16(at + 6) !== ARP.reply) return false;
    return this.take(answer, at + ARP.sender, at + ARP.senderMac);
  }

  /** As RFC 4861 section 7.1.2 wants it. */
  private readNdp(slot: number, answer: number): boolean {
    const { view } = this.receiveBatch.packets;
    const at = slot * RECEIVE_OCTETS;
    const received = Math.min(RECEIVE_OCTETS, this.receiveBatch.lengthOf(slot));
    const end = at + packetLength(6, view, at, received);
    const message = at + NDP_AT;
    if (end < message + NDP.options || view.getUint8(at + HOP_LIMIT_AT[6]) !== NDP_HOP_LIMIT)
      return false;
    if (view.getUint8(message) !== NDP.advertisement || view.getUint8(message + 1) !== 0)
      return false;
    let macAt = -1;
    let option = message + NDP.options;
    while (option + 8 <= end) {
      const octets = view.getUint8(option + 1) * 8;
      if (octets === 0) return false;
      if (view.getUint8(option) === OPTION.targetMac && octets === 8)
        macAt = option + OPTION.header;
      option += octets;
    }
    if (option !== end || macAt < 0) return false;
    return this.take(answer, message + NDP.target, macAt);
  }

  /** @returns false where that is no other host's MAC address: a group's (RFC 7042 section 2.1), nobody's or our own */
  private take(answer: number, addressAt: number, macAt: number): boolean {
    const { view } = this.receiveBatch.packets;
    const isGroup = (view.getUint8(macAt) & 1) !== 0;
    const isNobody = view.getUint16(macAt) === 0 && view.getUint32(macAt + 2) === 0;
    if (isGroup || isNobody || this.isOwn(macAt)) return false;
    const to = answer * ANSWER.stride;
    for (let i = 0; i < ADDRESS_OCTETS[this.family]; i += 4)
      this.answers.view.setUint32(to + i, view.getUint32(addressAt + i));
    this.answers.view.setUint16(to + ANSWER.macOffset, view.getUint16(macAt));
    this.answers.view.setUint32(to + ANSWER.macOffset + 2, view.getUint32(macAt + 2));
    return true;
  }

  private isOwn(macAt: number): boolean {
    const { bytes } = this.receiveBatch.packets;
    const { mac } = this.handle.ethernet;
    for (let i = 0; i < MAC_OCTETS; i++) if (bytes[macAt + i] !== mac[i]) return false;
    return true;
  }
}
