/** An ICMP socket of Linux as the prober sees it: sends in small groups, receives in batches stamped by the kernel. */

import { ADDRESS_OCTETS, type Family } from '../../address.ts';
import * as c from '../../native/linux/constants.ts';
import {
  FORM,
  ICMP_HEADER_OCTETS,
  type PacketSocket,
  type ReceiveBatch,
  type SendBatch,
} from '../contract.ts';
import type { LinuxClock } from './clock.ts';
import { DepartureStamps } from './departure-stamps.ts';
import { MessageSocket } from './message-socket.ts';
import type { SocketHandle, SocketKind } from './open-icmp-socket.ts';

const SEND_SLOTS = 64;
const RECEIVE_SLOTS = 256;
/** Room for the longest error that a router quotes us with, and for replies as long as the requests. */
const RECEIVE_OCTETS = 2048;
const CONTROL_OCTETS = 192;
const IP_HEADER_MAX_OCTETS = 60;
/** Where the address stands in struct sockaddr_in and sockaddr_in6, and the scope in the latter. */
const ADDRESS_AT: Readonly<Record<Family, number>> = { 4: 4, 6: 8 };
const SCOPE_AT = 24;
const NAME_OCTETS: Readonly<Record<Family, number>> = { 4: 16, 6: 28 };
const EXTENDED_ERROR_OCTETS = 16;

export class LinuxPacketSocket extends MessageSocket implements PacketSocket {
  readonly family: Family;
  readonly identifier: number;
  readonly tx: SendBatch;
  readonly rx: ReceiveBatch;

  private readonly kind: SocketKind;
  private readonly clock: LinuxClock;
  /** Who sent each slot's packet: the offender of a queued error stands in a control message, so all are copied here. */
  private readonly sources: DataView;

  constructor(handle: SocketHandle, payloadBytes: number, clock: LinuxClock) {
    const { family } = handle;
    const packetLength = ICMP_HEADER_OCTETS + payloadBytes;
    const receiveOctets = Math.max(RECEIVE_OCTETS, IP_HEADER_MAX_OCTETS + packetLength);
    super(
      handle.fd,
      clock,
      {
        slots: SEND_SLOTS,
        packetOctets: packetLength,
        stride: (packetLength + 7) & ~7,
        nameOctets: NAME_OCTETS[family],
        controlOctets: 0,
      },
      {
        slots: RECEIVE_SLOTS,
        packetOctets: receiveOctets,
        stride: (receiveOctets + 7) & ~7,
        nameOctets: NAME_OCTETS[family],
        controlOctets: CONTROL_OCTETS,
      },
      // An unprivileged socket reads the errors about its probes there.
      handle.kind === 'raw' ? new DepartureStamps(handle.fd, clock) : undefined,
    );
    this.kind = handle.kind;
    this.family = family;
    this.identifier = handle.identifier;
    this.clock = clock;
    this.sources = new DataView(new ArrayBuffer(RECEIVE_SLOTS * 16));
    this.tx = this.makeSendBatch(packetLength);
    this.rx = this.makeReceiveBatch();
  }

  get clockSteps(): number {
    return this.clock.steps;
  }

  receive(): number {
    const count = this.receiveFrom(0);
    if (count > 0) return count;
    let errors = this.receiveFrom(c.MSG_ERRQUEUE);
    if (this.kind === 'dgram') return errors;
    // A raw socket has been given these errors as packets, and everybody else's here besides.
    while (errors > 0) errors = this.receiveFrom(c.MSG_ERRQUEUE);
    return 0;
  }

  private receiveFrom(queue: number): number {
    const { rx, receiveBatch } = this;
    // A message's hop limit stands beside it only where the protocol tells it.
    rx.ttl.fill(0);
    const count = this.receiver.receive(queue);
    for (let slot = 0; slot < count; slot++) {
      rx.length[slot] = receiveBatch.lengthOf(slot);
      rx.form[slot] = queue !== 0 ? FORM.queuedError : this.plainForm();
      if (queue === 0) this.copySource(slot);
    }
    return count;
  }

  private plainForm(): number {
    return this.kind === 'raw' && this.family === 4 ? FORM.ipv4Datagram : FORM.icmpMessage;
  }

  /** Without a control message the sender is the socket address; in an IPv4 datagram the header says it better. */
  private copySource(slot: number): void {
    if (this.kind === 'raw' && this.family === 4) return;
    const from = slot * NAME_OCTETS[this.family] + ADDRESS_AT[this.family];
    this.copyAddress(this.receiveBatch.names.view, from, slot);
  }

  private copyAddress(view: DataView, from: number, slot: number): void {
    for (let at = 0; at < ADDRESS_OCTETS[this.family]; at += 4) {
      this.sources.setUint32(slot * 16 + at, view.getUint32(from + at));
    }
  }

  protected override readControl(
    slot: number,
    level: number,
    type: number,
    data: number,
    octets: number,
  ): void {
    const isTtl = level === c.SOL_IP ? type === c.IP_TTL : type === c.IPV6_HOPLIMIT;
    if (isTtl) this.rx.ttl[slot] = this.receiveBatch.control.view.getUint32(data, true);
    else if (type !== (level === c.SOL_IP ? c.IP_RECVERR : c.IPV6_RECVERR)) return;
    else if (octets >= EXTENDED_ERROR_OCTETS + NAME_OCTETS[this.family])
      this.readQueuedError(slot, data);
  }

  /*
   * struct sock_extended_err: errno u32, origin u8 at 4, type u8 at 5, code u8 at 6, info u32 at 8, data u32 at 12;
   * the offender's socket address follows at 16 (ip(7)). What did not come from ICMP is left without a type, which
   * is no outcome.
   */
  private readQueuedError(slot: number, data: number): void {
    const { view } = this.receiveBatch.control;
    const origin = view.getUint8(data + 4);
    const fromIcmp = origin === c.SO_EE_ORIGIN_ICMP || origin === c.SO_EE_ORIGIN_ICMP6;
    this.rx.errorType[slot] = fromIcmp ? view.getUint8(data + 5) : 0;
    this.rx.errorCode[slot] = view.getUint8(data + 6);
    this.copyAddress(view, data + EXTENDED_ERROR_OCTETS + ADDRESS_AT[this.family], slot);
  }

  private makeSendBatch(packetLength: number): SendBatch {
    const { family, sendBatch } = this;
    const { view } = sendBatch.names;
    const domain = family === 4 ? c.AF_INET : c.AF_INET6;
    for (let slot = 0; slot < SEND_SLOTS; slot++)
      view.setUint16(slot * NAME_OCTETS[family], domain, true);
    return {
      capacity: SEND_SLOTS,
      view: sendBatch.packets.view,
      stride: sendBatch.layout.stride,
      packetLength,
      addressView: view,
      addressOffset: ADDRESS_AT[family],
      addressStride: NAME_OCTETS[family],
      setScope: (slot, scopeId) => view.setUint32(slot * NAME_OCTETS[6] + SCOPE_AT, scopeId, true),
      ...this.stamps,
    };
  }

  private makeReceiveBatch(): ReceiveBatch {
    const { family, receiveBatch } = this;
    return {
      view: receiveBatch.packets.view,
      stride: receiveBatch.layout.stride,
      length: new Uint32Array(RECEIVE_SLOTS),
      form: new Uint8Array(RECEIVE_SLOTS),
      ttl: new Uint8Array(RECEIVE_SLOTS),
      receivedAtNs: this.receiver.receivedAtNs,
      isKernelTime: this.receiver.isKernelTime,
      sourceView: this.sources,
      sourceOffset: 0,
      sourceStride: 16,
      errorType: new Uint8Array(RECEIVE_SLOTS),
      errorCode: new Uint8Array(RECEIVE_SLOTS),
      destinationView: receiveBatch.names.view,
      destinationOffset: ADDRESS_AT[family],
      destinationStride: NAME_OCTETS[family],
    };
  }
}
