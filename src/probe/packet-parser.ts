/** Reads what a socket received (RFC 792, RFC 4443) without trusting a single octet of it. */

import type { Family } from '../address.ts';
import { FORM, type ReceiveBatch } from '../transport/contract.ts';
import { checksumHolds } from '../wire/checksum.ts';
import { ECHO_REPLY, ECHO_REQUEST, ICMP_HEADER_OCTETS } from '../wire/icmp.ts';
import {
  DESTINATION_AT,
  FRAGMENT_HEADER,
  HOP_LIMIT_AT,
  ICMP_PROTOCOL,
  IP_HEADER_OCTETS,
  IPV4_AT,
  IPV4_FRAGMENT,
  ipv4HeaderOctets,
  PROTOCOL_AT,
  SOURCE_AT,
} from '../wire/ip-header.ts';
import { MIN_PAYLOAD_OCTETS, OFFSET } from './echo-request.ts';
import { errorReason } from './icmp-reason.ts';

/** What a packet turned out to be. */
export const KIND = {
  /** Not ours: from another program that pings, or of a kind that does not give an outcome. */
  foreign: 0,
  /** It has our identifier but is malformed or truncated. */
  rejected: 1,
  reply: 2,
  error: 3,
  /** Our own system could not send a probe that seemed to have left. */
  unsent: 4,
  /** A probe of ours has left, later than it was sent. */
  departed: 5,
} as const;

/** One parsed packet, reused for the next: numbers and places in the batch, so that nothing is allocated. */
export class PacketParser {
  /** TTL or hop limit on arrival, 0 if unknown. */
  ttl = 0;
  sequence = 0;
  /** The numbers and the token that the payload of a reply brings back, and that of an error if `hasPayload`. */
  block = 0;
  host = 0;
  tokenFirst = 0;
  tokenSecond = 0;
  /** Of an error: type, code and the number of its reason. */
  type = 0;
  code = 0;
  reason = 0;
  /** Of an error: whether its code stands for itself alone. */
  isCodeExact = true;
  /** Of an error: whether its quote reaches as far as our numbers and token. */
  hasPayload = false;
  /** The sender of the packet: address octets in network order. */
  sourceView: DataView;
  sourceOffset = 0;
  /** Whether the packet is from the address that it is to: our own kernel's. False if that is not known. */
  isToItself = false;
  /** Of an error: the destination of the quoted request. */
  destinationView: DataView;
  destinationOffset = 0;

  private readonly family: Family;
  private readonly identifier: number;
  private readonly batch: ReceiveBatch;

  /** @param identifier of the socket's echo requests */
  constructor(family: Family, identifier: number, batch: ReceiveBatch) {
    this.family = family;
    this.identifier = identifier;
    this.batch = batch;
    this.sourceView = batch.sourceView;
    this.destinationView = batch.destinationView;
  }

  /** Parses slot `slot` of the batch. @returns one of KIND; the fields hold what that kind has */
  parse(slot: number): number {
    const { batch } = this;
    const start = slot * batch.stride;
    const length = Math.min(batch.length[slot]!, batch.stride);
    this.isCodeExact = true;
    this.isToItself = false;
    if (batch.form[slot] === FORM.ipv4Datagram) return this.parseIPv4(start, length);
    if (batch.form[slot] === FORM.departure)
      return this.readRequest(start, length) ? KIND.departed : KIND.foreign;
    this.ttl = batch.ttl[slot]!;
    this.sourceView = batch.sourceView;
    this.sourceOffset = batch.sourceOffset + slot * batch.sourceStride;
    if (batch.form[slot] === FORM.icmpMessage) return this.parseMessage(start, length);
    this.destinationView = batch.destinationView;
    this.destinationOffset = batch.destinationOffset + slot * batch.destinationStride;
    if (batch.form[slot] === FORM.localFailure)
      return this.readRequest(start, length) ? KIND.unsent : KIND.foreign;
    this.type = batch.errorType[slot]!;
    this.code = batch.errorCode[slot]!;
    this.isCodeExact = batch.isCodeVague?.[slot] !== 1;
    return this.parseQuotedRequest(start, length);
  }

  private parseIPv4(start: number, length: number): number {
    const { view } = this.batch;
    if (length < IP_HEADER_OCTETS[4]) return KIND.foreign;
    const headerOctets = ipv4HeaderOctets(view, start);
    if (headerOctets < IP_HEADER_OCTETS[4] || length < headerOctets + ICMP_HEADER_OCTETS)
      return KIND.foreign;
    this.ttl = view.getUint8(start + HOP_LIMIT_AT[4]);
    this.sourceView = view;
    this.sourceOffset = start + SOURCE_AT[4];
    this.isToItself =
      view.getUint32(this.sourceOffset) === view.getUint32(start + DESTINATION_AT[4]);
    return this.parseMessage(start + headerOctets, length - headerOctets);
  }

  private parseMessage(start: number, length: number): number {
    const { view } = this.batch;
    if (length < ICMP_HEADER_OCTETS) return KIND.foreign;
    const type = view.getUint8(start + OFFSET.type);
    const code = view.getUint8(start + OFFSET.code);
    if (type === ECHO_REPLY[this.family]) return this.parseReply(start, length, code);
    this.type = type;
    this.code = code;
    const quote = start + ICMP_HEADER_OCTETS;
    const quoteLength = length - ICMP_HEADER_OCTETS;
    const kind =
      this.family === 4
        ? this.parseQuote4(quote, quoteLength)
        : this.parseQuote6(quote, quoteLength);
    if (kind === KIND.error && !this.checksumIsRight(start, length)) return KIND.rejected;
    return kind;
  }

  private parseReply(start: number, length: number, code: number): number {
    const { view } = this.batch;
    if (view.getUint16(start + OFFSET.identifier) !== this.identifier) return KIND.foreign;
    if (code !== 0 || length < ICMP_HEADER_OCTETS + MIN_PAYLOAD_OCTETS) return KIND.rejected;
    if (!this.checksumIsRight(start, length)) return KIND.rejected;
    this.sequence = view.getUint16(start + OFFSET.sequence);
    this.readPayload(start);
    return KIND.reply;
  }

  /** An error's quote begins with the IPv4 header of the packet that it is about; only 8 octets of ICMP need follow. */
  private parseQuote4(start: number, length: number): number {
    const { view } = this.batch;
    if (length < IP_HEADER_OCTETS[4]) return KIND.foreign;
    const headerOctets = ipv4HeaderOctets(view, start);
    if (headerOctets < IP_HEADER_OCTETS[4]) return KIND.foreign;
    if (view.getUint8(start + PROTOCOL_AT[4]) !== ICMP_PROTOCOL[4]) return KIND.foreign;
    if ((view.getUint16(start + IPV4_AT.fragment) & IPV4_FRAGMENT.offset) !== 0)
      return KIND.foreign;
    this.destinationView = view;
    this.destinationOffset = start + DESTINATION_AT[4];
    return this.parseQuotedRequest(start + headerOctets, length - headerOctets);
  }

  private parseQuote6(start: number, length: number): number {
    const { view } = this.batch;
    if (length < IP_HEADER_OCTETS[6] + FRAGMENT_HEADER.octets) return KIND.foreign;
    let headerOctets: number = IP_HEADER_OCTETS[6];
    let nextHeader: number = view.getUint8(start + PROTOCOL_AT[6]);
    if (nextHeader === FRAGMENT_HEADER.protocol) {
      const fragment = start + headerOctets;
      const place = view.getUint16(fragment + FRAGMENT_HEADER.offsetAt);
      if ((place & FRAGMENT_HEADER.offsetMask) !== 0) return KIND.foreign;
      nextHeader = view.getUint8(fragment + FRAGMENT_HEADER.nextHeaderAt);
      headerOctets += FRAGMENT_HEADER.octets;
    }
    if (nextHeader !== ICMP_PROTOCOL[6]) return KIND.foreign;
    this.destinationView = view;
    this.destinationOffset = start + DESTINATION_AT[6];
    return this.parseQuotedRequest(start + headerOctets, length - headerOctets);
  }

  private parseQuotedRequest(start: number, length: number): number {
    this.reason = errorReason(this.family, this.type, this.code);
    return this.reason >= 0 && this.readRequest(start, length) ? KIND.error : KIND.foreign;
  }

  /** @returns whether this is the beginning of an echo request of ours */
  private readRequest(start: number, length: number): boolean {
    const { view } = this.batch;
    if (length < ICMP_HEADER_OCTETS) return false;
    if (view.getUint8(start + OFFSET.type) !== ECHO_REQUEST[this.family]) return false;
    if (view.getUint16(start + OFFSET.identifier) !== this.identifier) return false;
    this.sequence = view.getUint16(start + OFFSET.sequence);
    const isLongEnough = length >= OFFSET.filler;
    if (isLongEnough) this.readPayload(start);
    // A router that quotes the least and adds extensions fills its quote up with zeros (RFC 4884 section 5).
    this.hasPayload = isLongEnough && (this.tokenFirst | this.tokenSecond) !== 0;
    return true;
  }

  private readPayload(start: number): void {
    const { view } = this.batch;
    this.tokenFirst = view.getUint32(start + OFFSET.token);
    this.tokenSecond = view.getUint32(start + OFFSET.token + 4);
    this.block = view.getUint32(start + OFFSET.block);
    this.host = view.getUint32(start + OFFSET.host);
  }

  /** The kernel has verified ICMPv6's, which covers addresses that we are not shown. */
  private checksumIsRight(start: number, length: number): boolean {
    return this.family === 6 || checksumHolds(this.batch.view, start, length);
  }
}
