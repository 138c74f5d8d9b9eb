/** An ICMP socket of Linux as the prober sees it: sends in small groups, receives in batches stamped by the kernel. */

import { ADDRESS_OCTETS, type Family } from '../../address.ts';
import {
  FORM,
  type PacketSocket,
  type ReceiveBatch,
  type SendBatch,
  type SendFailure,
} from '../contract.ts';
import type { LinuxClock } from './clock.ts';
import * as c from './constants.ts';
import { errnoName, getsockopt, lastErrno, recvmmsg, sendmmsg, sendmsg } from './libc.ts';
import { MessageBatch } from './message-batch.ts';
import type { SocketHandle, SocketKind } from './open-socket.ts';

const SEND_SLOTS = 64;
const RECEIVE_SLOTS = 256;
/** From this many on, packets are sent in groups of a call each, which costs a tenth less time. */
const MANY_TO_SEND = 32;
const GROUP = 8;
/** What becomes of the usual pace after a faster and after a slower group: it follows the fastest tenth of them. */
const PACE = { falls: 0.91, rises: 1.01 } as const;
/** Slower than any group, so that the first one sets the pace. */
const FIRST_PACE_NS = 1e6;
/** Room for the longest error that a router quotes us with, and for replies as long as the requests. */
const RECEIVE_OCTETS = 2048;
const CONTROL_OCTETS = 192;
/** The most that a short packet takes of a socket's buffer: drivers give it a page and a descriptor. */
const LARGEST_TRUE_SIZE = 4608;
const IP_HEADER_MAX_OCTETS = 60;
const ICMP_HEADER_OCTETS = 8;
/** Where the address stands in struct sockaddr_in and sockaddr_in6, and the scope in the latter. */
const ADDRESS_AT: Readonly<Record<Family, number>> = { 4: 4, 6: 8 };
const SCOPE_AT = 24;
const NAME_OCTETS: Readonly<Record<Family, number>> = { 4: 16, 6: 28 };
/** struct cmsghdr: length u64, level i32, type i32, then data, each padded to 8 octets. */
const CMSG_HEADER_OCTETS = 16;
/** None that is read here has less data than a number. */
const CMSG_LEAST_OCTETS = CMSG_HEADER_OCTETS + 4;
const TIMESPEC_OCTETS = 16;
const EXTENDED_ERROR_OCTETS = 16;
/** A socket that is told of errors reports an earlier probe's ICMP error from the next call; it is asked again this often before the error is taken for the packet's own. */
const STALE_ERROR_TRIES = 8;
/** The system is out of room for the moment (send(2), and ENOBUFS for a full neighbour table). */
const BUSY_ERRNOS: ReadonlySet<number> = new Set([c.EAGAIN, c.ENOBUFS, c.ENOMEM]);

export class LinuxPacketSocket implements PacketSocket {
  readonly family: Family;
  readonly identifier: number;
  readonly tx: SendBatch;
  readonly rx: ReceiveBatch;
  failure: SendFailure = 'refused';
  errno = '';
  droppedPackets = 0;

  /** Time that a packet of a group usually takes to leave. */
  private usualPaceNs = FIRST_PACE_NS;
  /** Packets read since the queue was last seen empty, and the fewest that can fill it. */
  private readSinceEmpty = 0;
  /** By the kernel's count, of whatever kind. */
  private dropsTold = 0;
  private readonly fullQueue: number;
  private readonly fd: number;
  private readonly kind: SocketKind;
  private readonly clock: LinuxClock;
  private readonly sendBatch: MessageBatch;
  private readonly receiveBatch: MessageBatch;
  private readonly optionValue = new Uint8Array(4);
  private readonly optionLength = new Uint8Array([4, 0, 0, 0]);
  /** Who sent each slot's packet: the offender of a queued error stands in a control message, so all are copied here. */
  private readonly sources: DataView;

  constructor(handle: SocketHandle, payloadBytes: number, clock: LinuxClock) {
    const { family } = handle;
    const packetLength = ICMP_HEADER_OCTETS + payloadBytes;
    this.fd = handle.fd;
    this.kind = handle.kind;
    this.family = family;
    this.identifier = handle.identifier;
    this.clock = clock;
    this.sendBatch = new MessageBatch({
      slots: SEND_SLOTS,
      packetOctets: packetLength,
      stride: (packetLength + 7) & ~7,
      nameOctets: NAME_OCTETS[family],
      controlOctets: 0,
    });
    const receiveOctets = Math.max(RECEIVE_OCTETS, IP_HEADER_MAX_OCTETS + packetLength);
    this.receiveBatch = new MessageBatch({
      slots: RECEIVE_SLOTS,
      packetOctets: receiveOctets,
      stride: (receiveOctets + 7) & ~7,
      nameOctets: NAME_OCTETS[family],
      controlOctets: CONTROL_OCTETS,
    });
    this.fullQueue = Math.floor(this.receiveBufferOctets() / LARGEST_TRUE_SIZE);
    this.sources = new DataView(new ArrayBuffer(RECEIVE_SLOTS * 16));
    this.tx = this.makeSendBatch(packetLength);
    this.rx = this.makeReceiveBatch();
  }

  get clockSteps(): number {
    return this.clock.steps;
  }

  send(first: number, count: number): number {
    // Whoever has few to send can afford a call for each, and has the truest stamps for it.
    const atOnce = count < MANY_TO_SEND ? 1 : GROUP;
    let sent = 0;
    let staleErrors = 0;
    let nowNs = this.clock.nowNs();
    while (sent < count) {
      const left = this.sendGroup(first + sent, Math.min(atOnce, count - sent));
      if (left > 0) {
        const beganAtNs = nowNs;
        nowNs = this.clock.nowNs();
        this.stampGroup(first + sent, left, beganAtNs, nowNs);
        sent += left;
        staleErrors = 0;
        continue;
      }
      const errno = lastErrno();
      if (errno === c.EINTR) continue;
      if (!BUSY_ERRNOS.has(errno) && staleErrors++ < STALE_ERROR_TRIES) {
        this.clearError();
        nowNs = this.clock.nowNs();
        continue;
      }
      this.failure = BUSY_ERRNOS.has(errno) ? 'busy' : 'refused';
      this.errno = errnoName(errno);
      break;
    }
    return sent;
  }

  /** @returns how many left; 0 or less where the first failed */
  private sendGroup(first: number, count: number): number {
    const address = this.sendBatch.headerAddress[first]!;
    if (count > 1) return sendmmsg(this.fd, address, count, c.MSG_DONTWAIT);
    return sendmsg(this.fd, address, c.MSG_DONTWAIT) >= 0 ? 1 : -1;
  }

  /**
   * Of packets sent by one call it is known only that they left one after another between its beginning and its end.
   * A call that took longer than most was held up somewhere: its packets are stamped at the usual pace, so that an RTT
   * may come out longer by what the call was held up, as it would for a packet sent alone, and hardly ever shorter.
   */
  private stampGroup(first: number, count: number, beganAtNs: number, endedAtNs: number): void {
    const { sentAtNs, notBeforeNs, leftByNs } = this.tx;
    notBeforeNs.fill(beganAtNs, first, first + count);
    leftByNs.fill(endedAtNs, first, first + count);
    if (count === 1) {
      sentAtNs[first] = beganAtNs;
      return;
    }
    const paceNs = (endedAtNs - beganAtNs) / count;
    this.usualPaceNs =
      paceNs < this.usualPaceNs
        ? Math.max(paceNs, this.usualPaceNs * PACE.falls)
        : this.usualPaceNs * PACE.rises;
    const usedNs = Math.min(paceNs, this.usualPaceNs);
    for (let i = 0; i < count; i++) sentAtNs[first + i] = beganAtNs + i * usedNs;
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

  free(): void {
    this.sendBatch.free();
    this.receiveBatch.free();
  }

  private receiveFrom(queue: number): number {
    const { receiveBatch } = this;
    let count = -1;
    for (let tries = 0; count < 0 && tries < STALE_ERROR_TRIES; tries++) {
      count = recvmmsg(
        this.fd,
        receiveBatch.headerAddress[0]!,
        RECEIVE_SLOTS,
        c.MSG_DONTWAIT | queue,
        null,
      );
      if (count < 0 && lastErrno() === c.EAGAIN) break;
    }
    if (queue === 0) this.readSinceEmpty = count <= 0 ? 0 : this.readSinceEmpty + count;
    if (count <= 0) return 0;
    const nowNs = this.clock.nowNs();
    const trustsKernelTime = this.clock.resample();
    for (let slot = 0; slot < count; slot++) {
      this.rx.length[slot] = receiveBatch.lengthOf(slot);
      this.rx.form[slot] = queue !== 0 ? FORM.queuedError : this.plainForm();
      this.rx.receivedAtNs[slot] = nowNs;
      this.rx.isKernelTime[slot] = 0;
      this.rx.ttl[slot] = 0;
      this.readControl(slot, nowNs, trustsKernelTime);
      if (queue === 0) this.copySource(slot);
    }
    receiveBatch.rearm(count);
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

  private readControl(slot: number, nowNs: number, trustsKernelTime: boolean): void {
    const { view } = this.receiveBatch.control;
    let at = slot * CONTROL_OCTETS;
    const end = at + this.receiveBatch.controlLengthOf(slot);
    while (at + CMSG_HEADER_OCTETS <= end) {
      const length = view.getUint32(at, true);
      if (length < CMSG_LEAST_OCTETS || length > end - at) return;
      const level = view.getUint32(at + 8, true);
      const type = view.getUint32(at + 12, true);
      const data = at + CMSG_HEADER_OCTETS;
      const octets = length - CMSG_HEADER_OCTETS;
      if (level !== c.SOL_SOCKET) this.readProtocolControl(slot, level, type, data, octets);
      else if (type === c.SO_RXQ_OVFL) this.noteDrops(view.getUint32(data, true));
      else if (type === c.SO_TIMESTAMPNS && trustsKernelTime && octets >= TIMESPEC_OCTETS)
        this.readArrival(slot, data, nowNs);
      at += (length + 7) & ~7;
    }
  }

  private readArrival(slot: number, data: number, nowNs: number): void {
    const { view } = this.receiveBatch.control;
    const wallNs = view.getUint32(data, true) * 1e9 + view.getUint32(data + 8, true);
    // A packet cannot have come after it was read: what says so was stamped by a clock that has stepped since.
    this.rx.receivedAtNs[slot] = Math.min(nowNs, wallNs - this.clock.wallClockOffsetNs());
    this.rx.isKernelTime[slot] = 1;
  }

  /**
   * IPv6 counts packets with wrong checksums as dropped, which anybody can send; what the queue had no room for was
   * dropped behind a full queue.
   */
  private noteDrops(total: number): void {
    if (total <= this.dropsTold) return;
    if (this.readSinceEmpty >= this.fullQueue) this.droppedPackets += total - this.dropsTold;
    this.dropsTold = total;
  }

  private readProtocolControl(
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

  /** Fetches, and so clears, the socket's pending error. */
  private clearError(): void {
    getsockopt(this.fd, c.SOL_SOCKET, c.SO_ERROR, this.optionValue, this.optionLength);
  }

  private receiveBufferOctets(): number {
    getsockopt(this.fd, c.SOL_SOCKET, c.SO_RCVBUF, this.optionValue, this.optionLength);
    return new DataView(this.optionValue.buffer).getUint32(0, true);
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
      sentAtNs: new Float64Array(SEND_SLOTS),
      leftByNs: new Float64Array(SEND_SLOTS),
      notBeforeNs: new Float64Array(SEND_SLOTS),
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
      receivedAtNs: new Float64Array(RECEIVE_SLOTS),
      isKernelTime: new Uint8Array(RECEIVE_SLOTS),
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
