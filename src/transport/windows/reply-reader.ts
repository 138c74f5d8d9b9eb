/** Reads what became of a request out of its memory, into the slots that the prober reads. */

import { ADDRESS_OCTETS, type Family } from '../../address.ts';
import { internetChecksum } from '../../wire/checksum.ts';
import { ECHO_REPLY, ICMP_AT, ICMP_HEADER_OCTETS } from '../../wire/icmp.ts';
import { FORM, type ReceiveBatch } from '../contract.ts';
import { RECEIVE_SLOTS } from '../slot-sizes.ts';
import { REPLY, SOCKADDR6 } from './echo-layout.ts';
import { errnoOfStatus, IP_SUCCESS, isSilence, statedError } from './echo-status.ts';
import type { EchoRequests } from './request-memory.ts';

/** Of the addresses of slots, whatever their family. */
export const ADDRESS_STRIDE = 16;
/** Up to this a completion's time is exact enough. */
const EXACT_NS = 1_000_000;
/** The system's round-trip time is in whole milliseconds: half of one is the best guess at the rest. */
const HALF_MS_NS = 500_000;

/** By request: when it left, and when it completed at the earliest and at the latest. */
export interface RequestTimes {
  readonly sentAtNs: Float64Array;
  readonly completedSinceNs: Float64Array;
  readonly completedByNs: Float64Array;
}

export class ReplyReader {
  readonly rx: ReceiveBatch;
  private readonly family: Family;
  private readonly packetLength: number;
  private readonly requests: EchoRequests;
  private readonly times: RequestTimes;
  private readonly packets: Uint8Array;
  private readonly sources = new Uint8Array(RECEIVE_SLOTS * ADDRESS_STRIDE);
  private readonly destinations = new Uint8Array(RECEIVE_SLOTS * ADDRESS_STRIDE);
  private readonly errnos = new Array<string>(RECEIVE_SLOTS).fill('');
  private readonly isCodeVague = new Uint8Array(RECEIVE_SLOTS);

  /** @param packetLength of an echo request, header included */
  constructor(family: Family, packetLength: number, requests: EchoRequests, times: RequestTimes) {
    this.family = family;
    this.packetLength = packetLength;
    this.requests = requests;
    this.times = times;
    this.packets = new Uint8Array(RECEIVE_SLOTS * packetLength);
    this.rx = {
      view: new DataView(this.packets.buffer),
      stride: packetLength,
      length: new Uint32Array(RECEIVE_SLOTS),
      form: new Uint8Array(RECEIVE_SLOTS),
      ttl: new Uint8Array(RECEIVE_SLOTS),
      receivedAtNs: new Float64Array(RECEIVE_SLOTS),
      isKernelTime: new Uint8Array(RECEIVE_SLOTS),
      sourceView: new DataView(this.sources.buffer),
      sourceOffset: 0,
      sourceStride: ADDRESS_STRIDE,
      errorType: new Uint8Array(RECEIVE_SLOTS),
      errorCode: new Uint8Array(RECEIVE_SLOTS),
      isCodeVague: this.isCodeVague,
      errnos: this.errnos,
      destinationView: new DataView(this.destinations.buffer),
      destinationOffset: 0,
      destinationStride: ADDRESS_STRIDE,
    };
  }

  /** Puts what became of a request into a slot. @returns false if there is nothing to report */
  read(slot: number, request: number): boolean {
    const { requests, rx, family } = this;
    const { view, bytes } = requests.memory;
    const layout = REPLY[family];
    const replyAt = requests.replyAt(request);
    const status = view.getUint32(replyAt + layout.status, true);
    if (isSilence(status)) return false;
    const from = replyAt + layout.address;
    this.sources.set(bytes.subarray(from, from + ADDRESS_OCTETS[family]), slot * ADDRESS_STRIDE);
    this.copyRequest(slot, request);
    rx.receivedAtNs[slot] = this.arrivedAtNs(request);
    rx.isKernelTime[slot] = 1;
    if (status === IP_SUCCESS) this.fillReply(slot, replyAt);
    else this.fillError(slot, status, this.isUnspecified(from));
    return true;
  }

  /** The probe as the prober wrote it, and where it went. */
  private copyRequest(slot: number, request: number): void {
    const { requests, rx, packetLength } = this;
    const { bytes } = requests.memory;
    const packetAt = requests.packetAt(request);
    this.packets.set(bytes.subarray(packetAt, packetAt + packetLength), slot * rx.stride);
    const toAt = requests.destinationAt(request) + SOCKADDR6.address;
    const to = bytes.subarray(toAt, toAt + ADDRESS_OCTETS[this.family]);
    this.destinations.set(to, slot * ADDRESS_STRIDE);
    rx.length[slot] = packetLength;
    rx.ttl[slot] = 0;
  }

  private fillReply(slot: number, replyAt: number): void {
    const { rx, family } = this;
    const { view, bytes } = this.requests.memory;
    const { ttl } = REPLY[family];
    const octets = this.returnedOctets(replyAt);
    const dataAt = this.dataAt(replyAt, octets);
    const to = slot * rx.stride;
    this.packets.set(bytes.subarray(dataAt, dataAt + octets), to + ICMP_HEADER_OCTETS);
    rx.view.setUint8(to + ICMP_AT.type, ECHO_REPLY[family]);
    rx.length[slot] = ICMP_HEADER_OCTETS + octets;
    rx.form[slot] = FORM.icmpMessage;
    if (ttl !== null) rx.ttl[slot] = view.getUint8(replyAt + ttl);
    // The system has verified the checksum of what it received; this is one of what we pass on.
    rx.view.setUint16(to + ICMP_AT.checksum, 0);
    const sum = internetChecksum(rx.view, to, ICMP_HEADER_OCTETS + octets);
    rx.view.setUint16(to + ICMP_AT.checksum, sum);
  }

  /** @param isLocal whether the error has no sender: it is about our own routes */
  private fillError(slot: number, status: number, isLocal: boolean): void {
    const { rx } = this;
    const error = isLocal ? undefined : statedError(this.family, status);
    if (error === undefined) {
      rx.form[slot] = FORM.localFailure;
      this.errnos[slot] = errnoOfStatus(status);
      return;
    }
    rx.form[slot] = FORM.queuedError;
    rx.errorType[slot] = error.type;
    rx.errorCode[slot] = error.code;
    this.isCodeVague[slot] = error.isVague ? 1 : 0;
  }

  private isUnspecified(at: number): boolean {
    const { bytes } = this.requests.memory;
    for (let i = 0; i < ADDRESS_OCTETS[this.family]; i++) if (bytes[at + i] !== 0) return false;
    return true;
  }

  /** IPv6's reply does not say how long its payload is: as long as ours, or the token does not hold. */
  private returnedOctets(replyAt: number): number {
    const sent = this.packetLength - ICMP_HEADER_OCTETS;
    const { data } = REPLY[this.family];
    if (data === null) return sent;
    return Math.min(sent, this.requests.memory.view.getUint16(replyAt + data.octets, true));
  }

  /** The payload follows the reply, unless its pointer leads elsewhere in the buffer. */
  private dataAt(replyAt: number, octets: number): number {
    const { requests } = this;
    const { view } = requests.memory;
    const layout = REPLY[this.family];
    const usual = replyAt + layout.octets;
    if (layout.data === null) return usual;
    const pointerAt = replyAt + layout.data.pointer;
    const pointer = view.getUint32(pointerAt + 4, true) * 2 ** 32 + view.getUint32(pointerAt, true);
    const at = pointer - requests.addressOf(0);
    return at >= usual && at <= replyAt + requests.replyRoom - octets ? at : usual;
  }

  /**
   * When a request completed. If its routine had to wait for this thread, that is known only to lie between two times: then
   * the system's own round-trip time says where.
   */
  private arrivedAtNs(request: number): number {
    const { sentAtNs, completedSinceNs, completedByNs } = this.times;
    const sinceNs = completedSinceNs[request]!;
    const byNs = completedByNs[request]!;
    if (byNs - sinceNs <= EXACT_NS) return byNs;
    const at = this.requests.replyAt(request) + REPLY[this.family].roundTripMs;
    const roundTripNs = this.requests.memory.view.getUint32(at, true) * 1e6 + HALF_MS_NS;
    return Math.min(byNs, Math.max(sinceNs, sentAtNs[request]! + roundTripNs));
  }
}
