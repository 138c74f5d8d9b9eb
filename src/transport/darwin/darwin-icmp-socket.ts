/** An unprivileged ICMP socket of macOS as the prober sees it: a system call for each packet, arrivals stamped by the kernel. */

import type { Family } from '../../address.ts';
import * as c from '../../native/darwin/constants.ts';
import { errnoName, lastErrno, recvmsg, sendto } from '../../native/darwin/libc.ts';
import { allocate, type NativeMemory } from '../../native/native-memory.ts';
import { ICMP_HEADER_OCTETS } from '../../wire/icmp.ts';
import {
  FORM,
  type PacketSocket,
  type ReceiveBatch,
  type SendBatch,
  type SendFailure,
} from '../contract.ts';
import type { ControlReader } from '../control-reader.ts';
import type { IcmpHandle } from '../handles.ts';
import { restoreQuotedLength } from '../quoted-length.ts';
import { sendFailureOf } from '../send-failure.ts';
import { RECEIVE_SLOTS, receiveSlotOctets, SEND_SLOTS } from '../slot-sizes.ts';
import type { DarwinClock } from './darwin-clock.ts';
import { MessageSlots } from './message-slots.ts';
import {
  ADDRESS_AT,
  beginSocketAddress,
  SCOPE_AT,
  SOCKET_ADDRESS_OCTETS,
} from './socket-address.ts';

/** Room for a stamp (20 octets with its header) and a hop limit (16), and for what later versions may add. */
const CONTROL_OCTETS = 96;
const STAMP_OCTETS = 8;
const HOP_LIMIT_OCTETS = 4;

export class DarwinIcmpSocket implements PacketSocket {
  readonly family: Family;
  readonly identifier: number;
  readonly tx: SendBatch;
  readonly rx: ReceiveBatch;
  /** The system does not count them for a socket. */
  readonly droppedPackets = undefined;
  /** The kernel stamps arrivals with a clock that does not step. */
  readonly clockSteps = 0;
  failure: SendFailure = 'refused';
  errno = '';

  private readonly fd: number;
  private readonly clock: DarwinClock;
  private readonly nameOctets: number;
  private readonly packets: NativeMemory;
  private readonly names: NativeMemory;
  /** By send slot. */
  private readonly packetAddress: readonly bigint[];
  private readonly nameAddress: readonly bigint[];
  private readonly received: MessageSlots;
  private readonly controlReader: ControlReader = (slot, level, type, data, octets) =>
    this.readControl(slot, level, type, data, octets);

  constructor({ fd, family, identifier }: IcmpHandle, payloadOctets: number, clock: DarwinClock) {
    const packetLength = ICMP_HEADER_OCTETS + payloadOctets;
    const stride = (packetLength + 7) & ~7;
    this.fd = fd;
    this.family = family;
    this.identifier = identifier;
    this.clock = clock;
    this.nameOctets = SOCKET_ADDRESS_OCTETS[family];
    this.packets = allocate(SEND_SLOTS * stride);
    this.names = allocate(SEND_SLOTS * this.nameOctets);
    this.packetAddress = addressesIn(this.packets, stride);
    this.nameAddress = addressesIn(this.names, this.nameOctets);
    this.received = new MessageSlots({
      slots: RECEIVE_SLOTS,
      stride: (receiveSlotOctets(payloadOctets) + 7) & ~7,
      nameOctets: this.nameOctets,
      controlOctets: CONTROL_OCTETS,
    });
    this.tx = this.makeSendBatch(stride, packetLength);
    this.rx = this.makeReceiveBatch();
  }

  send(first: number, count: number): number {
    const { tx, clock } = this;
    let beganAtNs = clock.nowNs();
    for (let slot = first; slot < first + count; slot++) {
      if (!this.sendSlot(slot)) return slot - first;
      const endedAtNs = clock.nowNs();
      tx.sentAtNs[slot] = tx.notBeforeNs[slot] = beganAtNs;
      tx.leftByNs[slot] = endedAtNs;
      beganAtNs = endedAtNs;
    }
    return count;
  }

  receive(): number {
    const { received } = this;
    let count = 0;
    for (; count < RECEIVE_SLOTS; count++) {
      received.rearm(count);
      const octets = Number(recvmsg(this.fd, received.headerAddress[count]!, c.MSG_DONTWAIT));
      if (octets >= 0) this.rx.length[count] = octets;
      else if (lastErrno() === c.EINTR) count--;
      else break;
    }
    if (count > 0) this.readSlots(count);
    return count;
  }

  free(): void {
    this.packets.free();
    this.names.free();
    this.received.free();
  }

  /** @returns false if the packet did not leave */
  private sendSlot(slot: number): boolean {
    const { fd, tx, nameOctets } = this;
    const packet = this.packetAddress[slot]!;
    const name = this.nameAddress[slot]!;
    while (sendto(fd, packet, tx.packetLength, c.MSG_DONTWAIT, name, nameOctets) < 0) {
      const errno = lastErrno();
      if (errno === c.EINTR) continue;
      this.errno = errnoName(errno);
      this.failure = sendFailureOf(this.errno);
      return false;
    }
    return true;
  }

  private readSlots(count: number): void {
    const { rx, clock } = this;
    clock.noteSleep();
    const readAtNs = clock.nowNs();
    for (let slot = 0; slot < count; slot++) {
      rx.ttl[slot] = 0;
      rx.receivedAtNs[slot] = readAtNs;
      rx.isKernelTime[slot] = 0;
      this.received.readControlMessages(slot, this.controlReader);
      if (this.family === 4) restoreQuotedLength(rx.view, slot * rx.stride, rx.length[slot]!);
    }
  }

  private readControl(
    slot: number,
    level: number,
    type: number,
    data: number,
    octets: number,
  ): void {
    const { rx } = this;
    const { view } = this.received.control;
    const isStamp = level === c.SOL_SOCKET && type === c.SCM_TIMESTAMP_MONOTONIC;
    if (isStamp && octets >= STAMP_OCTETS) {
      const ticks = view.getUint32(data + 4, true) * 2 ** 32 + view.getUint32(data, true);
      // Conversion may round a stamp to after the reading.
      rx.receivedAtNs[slot] = Math.min(rx.receivedAtNs[slot]!, this.clock.ofTicks(ticks));
      rx.isKernelTime[slot] = 1;
    }
    const isHopLimit = level === c.IPPROTO_IPV6 && type === c.IPV6_HOPLIMIT;
    if (isHopLimit && octets >= HOP_LIMIT_OCTETS) rx.ttl[slot] = view.getUint32(data, true);
  }

  private makeSendBatch(stride: number, packetLength: number): SendBatch {
    const { family, nameOctets } = this;
    const { view } = this.names;
    for (let slot = 0; slot < SEND_SLOTS; slot++)
      beginSocketAddress(view, slot * nameOctets, family);
    return {
      capacity: SEND_SLOTS,
      view: this.packets.view,
      stride,
      packetLength,
      addressView: view,
      addressOffset: ADDRESS_AT[family],
      addressStride: nameOctets,
      setScope: (slot, scopeId) => view.setUint32(slot * nameOctets + SCOPE_AT, scopeId, true),
      sentAtNs: new Float64Array(SEND_SLOTS),
      notBeforeNs: new Float64Array(SEND_SLOTS),
      leftByNs: new Float64Array(SEND_SLOTS),
    };
  }

  private makeReceiveBatch(): ReceiveBatch {
    const { family, nameOctets } = this;
    const { packets, names, layout } = this.received;
    const form = family === 4 ? FORM.ipv4Datagram : FORM.icmpMessage;
    return {
      view: packets.view,
      stride: layout.stride,
      length: new Uint32Array(RECEIVE_SLOTS),
      form: new Uint8Array(RECEIVE_SLOTS).fill(form),
      ttl: new Uint8Array(RECEIVE_SLOTS),
      receivedAtNs: new Float64Array(RECEIVE_SLOTS),
      isKernelTime: new Uint8Array(RECEIVE_SLOTS),
      sourceView: names.view,
      sourceOffset: ADDRESS_AT[family],
      sourceStride: nameOctets,
      // Errors come as packets here, never through a queue of their own.
      errorType: new Uint8Array(RECEIVE_SLOTS),
      errorCode: new Uint8Array(RECEIVE_SLOTS),
      destinationView: names.view,
      destinationOffset: ADDRESS_AT[family],
      destinationStride: nameOctets,
    };
  }
}

function addressesIn(memory: NativeMemory, stride: number): bigint[] {
  return Array.from({ length: SEND_SLOTS }, (_, slot) => memory.address + BigInt(slot * stride));
}
