/** Packets about probes of ours, as peers and routers make them: replies, and errors with any length of quote. */

import fc from 'fast-check';
import type { Family } from '../../src/address.ts';
import { EchoRequestWriter, OFFSET } from '../../src/probe/echo-request.ts';
import { TokenMaker } from '../../src/probe/token.ts';
import { internetChecksum } from '../../src/wire/checksum.ts';
import { ECHO_REPLY } from '../../src/wire/icmp.ts';
import { family, octet, uint16, uint32 } from './property.ts';

const REQUEST_OCTETS = 64;
export const KEY = [0x0bad_cafe, 0x600d_f00d] as const;
export const ERROR_TYPES: Readonly<Record<Family, readonly number[]>> = {
  4: [3, 11, 12, 4, 5],
  6: [1, 2, 3, 4, 137],
};

/** A probe of ours, and what the network makes of it. */
export interface Probe {
  readonly family: Family;
  readonly identifier: number;
  readonly sequence: number;
  readonly block: number;
  readonly host: number;
}

export const probe: fc.Arbitrary<Probe> = fc.record({
  family,
  identifier: uint16,
  sequence: uint16,
  block: uint32,
  host: uint32,
});

/** How an error quotes a request. */
export interface Quoting {
  readonly typeAt: number;
  readonly code: number;
  /** Octets of the quoted ICMP message. */
  readonly quoted: number;
  /** Words of options in the quoted IPv4 header; for IPv6, whether a fragment header stands there. */
  readonly options: number;
  /** Extensions (RFC 4884) and the like. */
  readonly trailing: Uint8Array;
}

export const quoting: fc.Arbitrary<Quoting> = fc.record({
  typeAt: fc.nat({ max: 4 }),
  code: fc.oneof(fc.nat({ max: 16 }), octet),
  quoted: fc.nat({ max: REQUEST_OCTETS }),
  options: fc.nat({ max: 10 }),
  trailing: fc.uint8Array({ maxLength: 40 }),
});

export const outerOptions = fc.nat({ max: 10 });

export function requestOf({ family, identifier, sequence, block, host }: Probe): Uint8Array {
  const octets = new Uint8Array(REQUEST_OCTETS);
  const slots = {
    view: new DataView(octets.buffer),
    stride: REQUEST_OCTETS,
    capacity: 1,
    packetLength: REQUEST_OCTETS,
  };
  const writer = new EchoRequestWriter(family, identifier, new TokenMaker(...KEY), slots);
  writer.setTime(1.795e18);
  writer.write(0, sequence, block, host);
  return octets;
}

function withChecksum(message: Uint8Array): Uint8Array {
  const view = new DataView(message.buffer);
  view.setUint16(OFFSET.checksum, 0);
  view.setUint16(OFFSET.checksum, internetChecksum(view, 0, message.length));
  return message;
}

export function replyTo(probe: Probe): Uint8Array {
  const message = requestOf(probe);
  message[0] = ECHO_REPLY[probe.family];
  return withChecksum(message);
}

export function errorAbout(probe: Probe, quoting: Quoting): Uint8Array {
  const type = ERROR_TYPES[probe.family][quoting.typeAt]!;
  return withChecksum(
    Uint8Array.from([
      ...[type, quoting.code, 0, 0, 0, 0, 0, 0],
      ...ipHeader(probe.family, quoting.options),
      ...requestOf(probe).subarray(0, quoting.quoted),
      ...quoting.trailing,
    ]),
  );
}

function ipHeader(family: Family, options: number): number[] {
  if (family === 4) {
    const header = new Array<number>(20 + options * 4).fill(0);
    header[0] = 0x45 + options;
    header[9] = 1;
    return header;
  }
  const isFragment = options > 5;
  const header = new Array<number>(40 + (isFragment ? 8 : 0)).fill(0);
  header[0] = 0x60;
  header[6] = isFragment ? 44 : 58;
  if (isFragment) header[40] = 58;
  return header;
}

/** A message as a raw socket is given it: behind its header in IPv4, alone in IPv6. */
export function arrived(family: Family, message: Uint8Array, options: number): Uint8Array {
  return family === 4 ? Uint8Array.from([...ipHeader(4, options), ...message]) : message;
}
