/** Builds echo requests (RFC 792, RFC 4443 section 4.1): one template a socket, patched per probe. */

import type { Family } from '../address.ts';
import { foldSum, sumWords } from '../wire/checksum.ts';
import { ECHO_REQUEST, ICMP_AT, ICMP_HEADER_OCTETS } from '../wire/icmp.ts';
import type { TokenMaker } from './token.ts';

/*
 *   octet 0      1      2             4             6
 *        +------+------+-------------+-------------+-------------+
 *        | type | code |  checksum   | identifier  |  sequence   |   ICMP header
 *        +------+------+-------------+-------------+-------------+
 *      8 |              token (64 bits, keyed)                   |   payload
 *     16 |     seconds since 1970    |        nanoseconds        |
 *     24 |       block number        |    host number in block   |
 *     32 |  filler 0x20, 0x21, … to the payload's size           |
 */
export const OFFSET = {
  ...ICMP_AT,
  token: 8,
  seconds: 16,
  nanoseconds: 20,
  block: 24,
  host: 28,
  filler: 32,
} as const;

/** The least payload that holds token, timestamp and numbers. */
export const MIN_PAYLOAD_OCTETS = OFFSET.filler - ICMP_HEADER_OCTETS;

/** Writes echo requests into the slots of a send batch. */
export class EchoRequestWriter {
  private readonly family: Family;
  private readonly identifier: number;
  private readonly token: TokenMaker;
  private readonly view: DataView;
  /** Sum of every word that is the same in all of this socket's requests. */
  private readonly constantSum: number;
  private seconds = 0;
  private nanoseconds = 0;

  /** Fills every slot with the constant part once. @param packetLength header and payload, octets */
  constructor(
    family: Family,
    identifier: number,
    token: TokenMaker,
    slots: {
      readonly view: DataView;
      readonly stride: number;
      readonly capacity: number;
      readonly packetLength: number;
    },
  ) {
    this.family = family;
    this.identifier = identifier;
    this.token = token;
    this.view = slots.view;
    for (let slot = 0; slot < slots.capacity; slot++) {
      const offset = slot * slots.stride;
      this.view.setUint8(offset + OFFSET.type, ECHO_REQUEST[family]);
      this.view.setUint8(offset + OFFSET.code, 0);
      this.view.setUint16(offset + OFFSET.checksum, 0);
      this.view.setUint16(offset + OFFSET.identifier, identifier);
      for (let at = OFFSET.filler; at < slots.packetLength; at++)
        this.view.setUint8(offset + at, at & 0xff);
    }
    this.constantSum =
      (ECHO_REQUEST[family] << 8) +
      identifier +
      sumWords(this.view, OFFSET.filler, slots.packetLength - OFFSET.filler);
  }

  /** Sets the wall-clock time that the following requests carry. @param epochNs nanoseconds since 1970 UTC */
  setTime(epochNs: number): void {
    this.seconds = Math.floor(epochNs / 1e9);
    this.nanoseconds = Math.floor(epochNs - this.seconds * 1e9);
  }

  /** Completes the request whose slot begins at `offset`. */
  write(offset: number, sequence: number, block: number, host: number): void {
    const { view, token } = this;
    token.tag(block, host, (this.identifier << 16) | sequence);
    view.setUint16(offset + OFFSET.sequence, sequence);
    view.setUint32(offset + OFFSET.token, token.first);
    view.setUint32(offset + OFFSET.token + 4, token.second);
    view.setUint32(offset + OFFSET.seconds, this.seconds);
    view.setUint32(offset + OFFSET.nanoseconds, this.nanoseconds);
    view.setUint32(offset + OFFSET.block, block);
    view.setUint32(offset + OFFSET.host, host);
    if (this.family === 6) return;
    const sum =
      this.constantSum +
      sequence +
      halves(token.first) +
      halves(token.second) +
      halves(this.seconds) +
      halves(this.nanoseconds) +
      halves(block) +
      halves(host);
    view.setUint16(offset + OFFSET.checksum, ~foldSum(sum) & 0xffff);
  }
}

/** The sum of a 32-bit number's two words. */
function halves(value: number): number {
  return (value >>> 16) + (value & 0xffff);
}
