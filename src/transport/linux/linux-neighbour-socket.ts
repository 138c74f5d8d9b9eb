/** A socket that asks one link who has an address, by ARP or by NDP, and reads what is answered. */

import { ADDRESS_OCTETS, type Family, parseAddress } from '../../address.ts';
import type { AnswerBatch, NeighbourSocket, SendBatch, SendFailure } from '../contract.ts';
import type { LinuxClock } from './clock.ts';
import * as c from './constants.ts';
import type { Ethernet } from './ethernet.ts';
import { errnoName, lastErrno, recvmmsg, sendmsg } from './libc.ts';
import { MessageBatch } from './message-batch.ts';
import type { Link, NeighbourHandle } from './open-neighbour-socket.ts';

const SEND_SLOTS = 64;
const RECEIVE_SLOTS = 64;
const RECEIVE_OCTETS = 256;
const CONTROL_OCTETS = 64;
const CMSG_HEADER_OCTETS = 16;
const MAC_OCTETS = 6;
const ANSWER = { stride: 24, macOffset: 16 } as const;

/*
 * ARP (RFC 826) for IPv4 over Ethernet:
 *   0 hardware 1   2 protocol 0x0800   4 lengths 6, 4   6 operation   8 sender's MAC, address   18 target's MAC, address
 */
const ARP = { octets: 28, request: 1, reply: 2, senderMac: 8, sender: 14, target: 24 } as const;
const ARP_HEADER = 0x0001_0800;
const ARP_LENGTHS = 0x0604;
/*
 * Neighbour solicitation and advertisement (RFC 4861 sections 4.3 and 4.4), as ICMPv6:
 *   0 type, code, checksum   4 flags   8 target   24 options: type, length in units of 8 octets, MAC
 */
const NDP = { octets: 32, solicitation: 135, target: 8, options: 24 } as const;
const OPTION = { sourceMac: 1, targetMac: 2, header: 2 } as const;
const NDP_HOP_LIMIT = 255;
/** ff02::1:ff00:0, of whose last three octets the target's take the place (RFC 4291 section 2.7.1). */
const SOLICITED_NODE = 0xff02_0000_0000_0000_0000_0001_ff00_0000n;

const TARGET_AT: Readonly<Record<Family, number>> = { 4: ARP.target, 6: NDP.target };
const REQUEST_OCTETS: Readonly<Record<Family, number>> = { 4: ARP.octets, 6: NDP.octets };
/** struct sockaddr_ll and struct sockaddr_in6. */
const NAME_OCTETS: Readonly<Record<Family, number>> = { 4: 20, 6: 28 };
const NAME_ADDRESS_AT = 8;
const BUSY_ERRNOS: ReadonlySet<number> = new Set([c.EAGAIN, c.ENOBUFS, c.ENOMEM]);

export class LinuxNeighbourSocket implements NeighbourSocket {
  readonly family: Family;
  readonly interface: string;
  readonly tx: SendBatch;
  readonly answers: AnswerBatch;
  failure: SendFailure = 'refused';
  errno = '';
  droppedPackets = 0;

  private readonly fd: number;
  private readonly link: Link;
  private readonly ethernet: Ethernet;
  private readonly clock: LinuxClock;
  private readonly sendBatch: MessageBatch;
  private readonly receiveBatch: MessageBatch;

  constructor({ fd, link, ethernet }: NeighbourHandle, clock: LinuxClock) {
    const { family } = link;
    this.ethernet = ethernet;
    this.fd = fd;
    this.link = link;
    this.family = family;
    this.interface = link.interface;
    this.clock = clock;
    this.sendBatch = new MessageBatch({
      slots: SEND_SLOTS,
      packetOctets: REQUEST_OCTETS[family],
      stride: NDP.octets,
      nameOctets: NAME_OCTETS[family],
      controlOctets: 0,
    });
    this.receiveBatch = new MessageBatch({
      slots: RECEIVE_SLOTS,
      packetOctets: RECEIVE_OCTETS,
      stride: RECEIVE_OCTETS,
      nameOctets: 0,
      controlOctets: CONTROL_OCTETS,
    });
    for (let slot = 0; slot < SEND_SLOTS; slot++) {
      if (family === 4) this.prepareArp(slot);
      else this.prepareNdp(slot);
    }
    const { view } = this.sendBatch.packets;
    this.tx = {
      capacity: SEND_SLOTS,
      view,
      stride: NDP.octets,
      packetLength: REQUEST_OCTETS[family],
      addressView: view,
      addressOffset: TARGET_AT[family],
      addressStride: NDP.octets,
      setScope: () => {},
      sentAtNs: new Float64Array(SEND_SLOTS),
      notBeforeNs: new Float64Array(SEND_SLOTS),
      leftByNs: new Float64Array(SEND_SLOTS),
    };
    this.answers = {
      view: new DataView(new ArrayBuffer(RECEIVE_SLOTS * ANSWER.stride)),
      ...ANSWER,
    };
  }

  send(first: number, count: number): number {
    for (let slot = first; slot < first + count; slot++) {
      if (this.family === 6) this.addressToGroup(slot);
      this.tx.sentAtNs[slot] = this.clock.nowNs();
      const message = this.sendBatch.headerAddress[slot]!;
      let result = -1;
      do result = sendmsg(this.fd, message, c.MSG_DONTWAIT);
      while (result < 0 && lastErrno() === c.EINTR);
      this.tx.leftByNs[slot] = this.clock.nowNs();
      if (result >= 0) continue;
      this.failure = BUSY_ERRNOS.has(lastErrno()) ? 'busy' : 'refused';
      this.errno = errnoName(lastErrno());
      return slot - first;
    }
    return count;
  }

  receive(): number {
    const { receiveBatch } = this;
    for (;;) {
      const header = receiveBatch.headerAddress[0]!;
      const count = recvmmsg(this.fd, header, RECEIVE_SLOTS, c.MSG_DONTWAIT, null);
      // An interface that went down says so once; its silence says the rest.
      if (count <= 0) return 0;
      let answers = 0;
      for (let slot = 0; slot < count; slot++) {
        const hopLimit = this.readControl(slot);
        const isAnswer =
          this.family === 4 ? this.readArp(slot, answers) : this.readNdp(slot, hopLimit, answers);
        if (isAnswer) answers++;
      }
      receiveBatch.rearm(count);
      if (answers > 0) return answers;
    }
  }

  free(): void {
    this.sendBatch.free();
    this.receiveBatch.free();
  }

  private prepareArp(slot: number): void {
    const { names, packets } = this.sendBatch;
    const at = slot * NDP.octets;
    packets.view.setUint32(at, ARP_HEADER);
    packets.view.setUint16(at + 4, ARP_LENGTHS);
    packets.view.setUint16(at + 6, ARP.request);
    packets.bytes.set(this.ethernet.mac, at + ARP.senderMac);
    packets.view.setUint32(at + ARP.sender, Number(parseAddress(this.link.source)!.value));
    const name = slot * NAME_OCTETS[4];
    names.view.setUint16(name, c.AF_PACKET, true);
    names.view.setUint16(name + 2, c.ETH_P_ARP);
    names.view.setInt32(name + 4, this.ethernet.interfaceIndex, true);
    names.view.setUint8(name + 11, MAC_OCTETS);
    names.bytes.fill(0xff, name + 12, name + 12 + MAC_OCTETS);
  }

  private prepareNdp(slot: number): void {
    const { names, packets } = this.sendBatch;
    const at = slot * NDP.octets;
    packets.view.setUint8(at, NDP.solicitation);
    packets.view.setUint8(at + NDP.options, OPTION.sourceMac);
    packets.view.setUint8(at + NDP.options + 1, 1);
    packets.bytes.set(this.ethernet.mac, at + NDP.options + OPTION.header);
    const name = slot * NAME_OCTETS[6];
    names.view.setUint16(name, c.AF_INET6, true);
    names.view.setBigUint64(name + NAME_ADDRESS_AT, SOLICITED_NODE >> 64n);
    names.view.setBigUint64(name + NAME_ADDRESS_AT + 8, SOLICITED_NODE & 0xffff_ffff_ffff_ffffn);
    names.view.setUint32(name + 24, this.ethernet.interfaceIndex, true);
  }

  private addressToGroup(slot: number): void {
    const { names, packets } = this.sendBatch;
    const target = slot * NDP.octets + NDP.target + 13;
    const group = slot * NAME_OCTETS[6] + NAME_ADDRESS_AT + 13;
    for (let i = 0; i < 3; i++) names.bytes[group + i] = packets.bytes[target + i]!;
  }

  /** @returns the hop limit, 0 where it is not told */
  private readControl(slot: number): number {
    const { view } = this.receiveBatch.control;
    let hopLimit = 0;
    let at = slot * CONTROL_OCTETS;
    const end = at + this.receiveBatch.controlLengthOf(slot);
    while (at + CMSG_HEADER_OCTETS <= end) {
      const length = view.getUint32(at, true);
      if (length < CMSG_HEADER_OCTETS + 4 || length > end - at) break;
      const level = view.getUint32(at + 8, true);
      const type = view.getUint32(at + 12, true);
      const value = view.getUint32(at + CMSG_HEADER_OCTETS, true);
      if (level === c.SOL_SOCKET && type === c.SO_RXQ_OVFL)
        this.droppedPackets = Math.max(this.droppedPackets, value);
      if (level === c.SOL_IPV6 && type === c.IPV6_HOPLIMIT) hopLimit = value;
      at += (length + 7) & ~7;
    }
    return hopLimit;
  }

  private readArp(slot: number, answer: number): boolean {
    const { view } = this.receiveBatch.packets;
    const at = slot * RECEIVE_OCTETS;
    if (this.receiveBatch.lengthOf(slot) < ARP.octets) return false;
    if (view.getUint32(at) !== ARP_HEADER || view.getUint16(at + 4) !== ARP_LENGTHS) return false;
    if (view.getUint16(at + 6) !== ARP.reply) return false;
    return this.take(answer, at + ARP.sender, at + ARP.senderMac);
  }

  /** As RFC 4861 section 7.1.2 wants it; the kernel has verified the checksum. */
  private readNdp(slot: number, hopLimit: number, answer: number): boolean {
    const { view } = this.receiveBatch.packets;
    const at = slot * RECEIVE_OCTETS;
    const end = at + this.receiveBatch.lengthOf(slot);
    if (hopLimit !== NDP_HOP_LIMIT || end < at + NDP.options || view.getUint8(at + 1) !== 0)
      return false;
    let option = at + NDP.options;
    while (option + 8 <= end) {
      const length = view.getUint8(option + 1) * 8;
      if (length === 0) return false;
      if (view.getUint8(option) === OPTION.targetMac && length === 8)
        return this.take(answer, at + NDP.target, option + OPTION.header);
      option += length;
    }
    return false;
  }

  /** @returns false where that is no host's MAC address: a group's (RFC 7042 section 2.1) or nobody's */
  private take(answer: number, addressAt: number, macAt: number): boolean {
    const { view } = this.receiveBatch.packets;
    const isGroup = (view.getUint8(macAt) & 1) !== 0;
    const isNobody = view.getUint16(macAt) === 0 && view.getUint32(macAt + 2) === 0;
    if (isGroup || isNobody) return false;
    const to = answer * ANSWER.stride;
    for (let i = 0; i < ADDRESS_OCTETS[this.family]; i += 4)
      this.answers.view.setUint32(to + i, view.getUint32(addressAt + i));
    this.answers.view.setUint16(to + ANSWER.macOffset, view.getUint16(macAt));
    this.answers.view.setUint32(to + ANSWER.macOffset + 2, view.getUint32(macAt + 2));
    return true;
  }
}
