/**
 * Windows' echo requests as the prober sees a socket. The system makes identifier, sequence number and checksum itself and
 * matches replies to requests; the payload comes back. So a reply is passed on as the message that it stands for: the
 * header that the prober wrote, and the payload that came back, in which the prober looks for its token.
 */

import { ADDRESS_OCTETS, type Family } from '../../address.ts';
import { type EchoApi, ERROR_IO_PENDING } from '../../native/windows/echo-api.ts';
import { ICMP_HEADER_OCTETS } from '../../wire/icmp.ts';
import type {
  PacketSocket,
  ReceiveBatch,
  SendBatch,
  SendFailure,
  SocketOptions,
} from '../contract.ts';
import type { IcmpHandle } from '../handles.ts';
import { sendFailureOf } from '../send-failure.ts';
import { RECEIVE_SLOTS, SEND_SLOTS } from '../slot-sizes.ts';
import type { AlertableThread } from './alertable-thread.ts';
import { AF_INET6, IP_FLAG_DF, OPTIONS, REPLY, SOCKADDR6 } from './echo-layout.ts';
import { errnoOfStatus, IP_PENDING } from './echo-status.ts';
import { ADDRESS_STRIDE, ReplyReader, type RequestTimes } from './reply-reader.ts';
import { EchoRequests } from './request-memory.ts';

/** Requests between two looks at what has completed: a reply that waits meanwhile seems slow. */
const SEND_GROUP = 8;
/** The system gives up on a request a while after its timeout: by then it has ended for certain. */
export const ENDED_AFTER_MS = 10_000;
/** Of what leaves with options of ours, as Windows has it without any. */
const DEFAULT_TTL = 128;

export class EchoSocket implements PacketSocket {
  readonly family: Family;
  readonly identifier: number;
  readonly tx: SendBatch;
  readonly rx: ReceiveBatch;
  /** The system does not say how many replies it dropped. */
  readonly droppedPackets = undefined;
  readonly clockSteps = 0;
  failure: SendFailure = 'refused';
  errno = '';

  private readonly api: EchoApi;
  private readonly thread: AlertableThread;
  private readonly handle: number;
  private readonly requests: EchoRequests;
  private readonly routine: bigint;
  private readonly timeoutMs: number;
  /** 0 if the system's own options do. */
  private readonly options: number;
  /** IPv4: the source address as the system takes it; IPv6: the address of its sockaddr. */
  private readonly source: number;
  private readonly sendBytes: Uint8Array;
  private readonly addresses = new Uint8Array(SEND_SLOTS * ADDRESS_STRIDE);
  private readonly scopes = new Uint32Array(SEND_SLOTS);
  /** By request. */
  private readonly times: RequestTimes;
  private readonly reader: ReplyReader;
  /** Completed requests in their order: a ring of as many places as there are requests. */
  private readonly completed: Uint16Array;
  private firstCompleted = 0;
  private completedCount = 0;
  /** Requests of a thread that died with this handle, and when they have ended. */
  private lost: ReadonlySet<number>;
  private readonly lostUntilNs: number;

  /** @param source address octets in network order, all 0 for the system's choice */
  constructor(
    api: EchoApi,
    thread: AlertableThread,
    handle: IcmpHandle,
    options: SocketOptions,
    source: Uint8Array,
  ) {
    const { family } = handle;
    this.api = api;
    this.thread = thread;
    this.family = family;
    this.identifier = handle.identifier;
    this.handle = handle.fd;
    this.timeoutMs = options.longestTimeoutMs;
    const requests = new EchoRequests(api, family, options.payloadBytes, handle.requests!);
    this.requests = requests;
    this.lost = requests.lost();
    this.lostUntilNs = thread.nowNs() + (this.timeoutMs + ENDED_AFTER_MS) * 1e6;
    this.options = this.writeOptions(options);
    this.source = this.writeSource(source);
    this.times = {
      sentAtNs: new Float64Array(requests.room),
      completedSinceNs: new Float64Array(requests.room),
      completedByNs: new Float64Array(requests.room),
    };
    this.completed = new Uint16Array(requests.room);
    const packetLength = ICMP_HEADER_OCTETS + options.payloadBytes;
    this.sendBytes = new Uint8Array(SEND_SLOTS * packetLength);
    this.tx = this.makeSendBatch(packetLength);
    this.reader = new ReplyReader(family, packetLength, requests, this.times);
    this.rx = this.reader.rx;
    this.routine = api.registerRoutine((request) => this.noteCompleted(request));
  }

  get room(): number {
    if (this.lost.size > 0 && this.thread.nowNs() > this.lostUntilNs) {
      this.requests.releaseLost(this.lost);
      this.lost = new Set();
    }
    return this.requests.left;
  }

  /** Whether any request of this thread has not completed: its routine has still to run. */
  get isUnderWay(): boolean {
    return this.requests.underWay - this.lost.size - this.completedCount > 0;
  }

  send(first: number, count: number): number {
    for (let slot = first; slot < first + count; slot++) {
      if (slot > first && (slot - first) % SEND_GROUP === 0) this.thread.wait(0);
      if (this.requests.left === 0) return this.failed('ENOBUFS', slot - first);
      const request = this.requests.take();
      const error = this.request(request, slot);
      if (error === ERROR_IO_PENDING) continue;
      this.requests.release(request);
      return this.failed(errnoOfStatus(error), slot - first);
    }
    return count;
  }

  receive(): number {
    if (this.completedCount === 0) this.thread.wait(0);
    let filled = 0;
    while (this.completedCount > 0 && filled < RECEIVE_SLOTS) {
      const request = this.completed[this.firstCompleted]!;
      this.firstCompleted = (this.firstCompleted + 1) % this.completed.length;
      this.completedCount--;
      if (this.reader.read(filled, request)) filled++;
      this.requests.release(request);
    }
    return filled;
  }

  /** To be called when nothing is under way. */
  free(): void {
    this.api.unregisterRoutine(this.routine);
  }

  private failed(errno: string, sent: number): number {
    this.errno = errno;
    this.failure = sendFailureOf(errno);
    return sent;
  }

  /** @returns the system's error; ERROR_IO_PENDING if the request has left */
  private request(request: number, slot: number): number {
    const { api, requests, tx, thread } = this;
    const { bytes, view } = requests.memory;
    const packetAt = requests.packetAt(request);
    const at = slot * tx.stride;
    bytes.set(this.sendBytes.subarray(at, at + tx.packetLength), packetAt);
    this.writeDestination(request, slot);
    // A request that ends without a reply must not find the one of an earlier request.
    view.setUint32(requests.replyAt(request) + REPLY[this.family].status, IP_PENDING, true);
    const send = this.family === 4 ? api.icmpSendEcho2Ex : api.icmp6SendEcho2;
    const beforeNs = thread.nowNs();
    const replies = send(
      this.handle,
      null,
      this.routine,
      request,
      this.source,
      this.destinationOf(request),
      requests.addressOf(packetAt + ICMP_HEADER_OCTETS),
      tx.packetLength - ICMP_HEADER_OCTETS,
      this.options,
      requests.addressOf(requests.replyAt(request)),
      requests.replyRoom,
      this.timeoutMs,
    );
    const error = replies === 0 ? api.getLastError() : ERROR_IO_PENDING;
    this.times.sentAtNs[request] = beforeNs;
    tx.sentAtNs[slot] = beforeNs;
    tx.notBeforeNs[slot] = beforeNs;
    tx.leftByNs[slot] = thread.nowNs();
    return error;
  }

  private writeDestination(request: number, slot: number): void {
    const { memory } = this.requests;
    const at = this.requests.destinationAt(request);
    const from = slot * ADDRESS_STRIDE;
    memory.view.setUint16(at + SOCKADDR6.family, AF_INET6, true);
    const octets = this.addresses.subarray(from, from + ADDRESS_OCTETS[this.family]);
    memory.bytes.set(octets, at + SOCKADDR6.address);
    memory.view.setUint32(at + SOCKADDR6.scope, this.scopes[slot]!, true);
  }

  /** IPv4: the destination itself, in network order; IPv6: the address of its sockaddr. */
  private destinationOf(request: number): number {
    const { requests } = this;
    const at = requests.destinationAt(request);
    if (this.family === 6) return requests.addressOf(at);
    return requests.memory.view.getUint32(at + SOCKADDR6.address, true);
  }

  private noteCompleted(request: number): void {
    const { thread } = this;
    thread.noteCompletion();
    // A request of a thread that died must not end one of ours.
    if (this.requests.isUnderWay(request) && !this.lost.has(request)) {
      this.times.completedSinceNs[request] = thread.completedSinceNs;
      this.times.completedByNs[request] = thread.completedByNs;
      const place = (this.firstCompleted + this.completedCount) % this.completed.length;
      this.completed[place] = request;
      this.completedCount++;
    }
    thread.endCompletion();
  }

  /** @returns the address for the system; 0 leaves all options to it */
  private writeOptions({ ttl, dontFragment }: SocketOptions): number {
    if (ttl === undefined && !dontFragment) return 0;
    const { view } = this.requests.memory;
    const at = this.requests.optionsAt;
    view.setUint8(at + OPTIONS.ttl, ttl ?? DEFAULT_TTL);
    // IPv6 never fragments on the way.
    view.setUint8(at + OPTIONS.flags, dontFragment && this.family === 4 ? IP_FLAG_DF : 0);
    return this.requests.addressOf(at);
  }

  private writeSource(source: Uint8Array): number {
    if (this.family === 4) return new DataView(source.buffer, source.byteOffset).getUint32(0, true);
    const { memory, sourceAt } = this.requests;
    memory.view.setUint16(sourceAt + SOCKADDR6.family, AF_INET6, true);
    memory.bytes.set(source, sourceAt + SOCKADDR6.address);
    return this.requests.addressOf(sourceAt);
  }

  private makeSendBatch(packetLength: number): SendBatch {
    return {
      capacity: SEND_SLOTS,
      view: new DataView(this.sendBytes.buffer),
      stride: packetLength,
      packetLength,
      addressView: new DataView(this.addresses.buffer),
      addressOffset: 0,
      addressStride: ADDRESS_STRIDE,
      setScope: (slot, scopeId) => {
        this.scopes[slot] = scopeId;
      },
      sentAtNs: new Float64Array(SEND_SLOTS),
      notBeforeNs: new Float64Array(SEND_SLOTS),
      leftByNs: new Float64Array(SEND_SLOTS),
    };
  }
}
