/** What is promised of received packets: by the parser, by the kernel's filter before it, and by the token. */

import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Family } from '../../src/address.ts';
import { MIN_PAYLOAD_OCTETS, OFFSET } from '../../src/probe/echo-request.ts';
import { errorReason } from '../../src/probe/icmp-reason.ts';
import { KIND, PacketParser } from '../../src/probe/packet-parser.ts';
import { TokenMaker } from '../../src/probe/token.ts';
import { FORM } from '../../src/transport/contract.ts';
import { checksumHolds } from '../../src/wire/checksum.ts';
import { ECHO_REQUEST } from '../../src/wire/icmp.ts';
import { socketFilter } from '../../src/wire/packet-filters.ts';
import { type Beside, batchOf, STRIDE } from '../unit/probe/received-slot.ts';
import { passes } from '../unit/wire/packet-filter.ts';
import { mutations } from './octet-mutations.ts';
import {
  arrived,
  ERROR_TYPES,
  errorAbout,
  KEY,
  outerOptions,
  type Probe,
  probe,
  quoting,
  replyTo,
  requestOf,
} from './probe-packets.ts';
import { type FuzzProperty, family, octet, oneOf, property, uint16 } from './property.ts';

const HEADER_OCTETS = 8;
const FORMS = Object.values(FORM);

const plainForm = (family: Family): number => (family === 4 ? FORM.ipv4Datagram : FORM.icmpMessage);

interface Told {
  readonly kind: number;
  readonly type?: number;
  readonly code?: number;
  readonly reason?: number;
  readonly ttl?: number;
  readonly sequence?: number;
  readonly block?: number;
  readonly host?: number;
  readonly tokenFirst?: number;
  readonly tokenSecond?: number;
  readonly sourceOffset?: number;
  readonly destinationOffset?: number;
}

/** All that the parser says of a packet. */
function read(
  family: Family,
  identifier: number,
  octets: Uint8Array,
  form: number,
  more?: Beside,
): Told {
  const parser = new PacketParser(family, identifier, batchOf(octets, form, more));
  const kind = parser.parse(0);
  const { ttl, sequence, block, host, tokenFirst, tokenSecond } = parser;
  const { type, code, reason, hasPayload, sourceOffset, destinationOffset } = parser;
  if (kind === KIND.reply) return { kind, ttl, sequence, block, host, tokenFirst, tokenSecond };
  if (kind !== KIND.error) return { kind };
  const payload = hasPayload ? { block, host, tokenFirst, tokenSecond } : {};
  return { kind, type, code, reason, sequence, sourceOffset, destinationOffset, ...payload };
}

function isIn(view: { readonly length: number }, offset: number | undefined): boolean {
  return offset === undefined || (offset >= 0 && offset + 4 <= view.length);
}

export const PACKETS: readonly FuzzProperty[] = [
  property(
    'no octets, of whatever length they claim to be, throw or pass for a reply that is not well-formed',
    1500,
    [family, oneOf(FORMS), fc.uint8Array({ maxLength: STRIDE }), uint16, uint16, octet, octet],
    (family, form, octets, claimedLength, identifier, errorType, errorCode) => {
      const told = read(family, identifier, octets, form, { claimedLength, errorType, errorCode });
      assert.ok(Object.values<number>(KIND).includes(told.kind));
      if (told.kind === KIND.reply)
        assert.ok(Math.min(claimedLength, STRIDE) >= HEADER_OCTETS + MIN_PAYLOAD_OCTETS);
    },
  ),
  property(
    'what stands behind a packet has no part in what is read from it',
    3000,
    [probe, quoting, fc.boolean(), mutations, oneOf(FORMS), outerOptions],
    (probe, quoting, isReply, mutate, form, options) => {
      const message = isReply ? replyTo(probe) : errorAbout(probe, quoting);
      const octets = mutate(
        form === FORM.ipv4Datagram ? arrived(4, message, options) : message,
      ).subarray(0, STRIDE);
      const beside = { errorType: 3, errorCode: quoting.code };
      const { family, identifier } = probe;
      const [zeros, ones] = [0, 0xff].map((behind) =>
        read(family, identifier, octets, form, { ...beside, behind }),
      );
      assert.deepEqual(zeros, ones);
    },
  ),
  property(
    'a reply counts as it was sent, and spoilt as whatever with a right checksum and our identifier',
    3000,
    [probe, mutations, outerOptions],
    (probe, mutate, options) => {
      const { family, identifier } = probe;
      const clean = replyTo(probe);
      const form = plainForm(family);
      const told = read(family, identifier, arrived(family, clean, options), form);
      assert.equal(told.kind, KIND.reply);
      assert.deepEqual(
        [told.sequence, told.block, told.host],
        [probe.sequence, probe.block, probe.host],
      );
      const spoilt = mutate(clean).subarray(0, STRIDE - 60);
      const after = read(family, identifier, arrived(family, spoilt, options), form);
      if (after.kind !== KIND.reply) return;
      const view = new DataView(spoilt.buffer, spoilt.byteOffset, spoilt.byteLength);
      assert.equal(view.getUint16(OFFSET.identifier), identifier);
      if (family === 4) assert.ok(checksumHolds(view, 0, spoilt.length));
    },
  ),
  property(
    'an error about our request is known by 8 octets of it, behind any options, and by the token where it reaches',
    3000,
    [probe, quoting, outerOptions],
    (probe, quoting, options) => {
      const { family, identifier } = probe;
      const octets = arrived(family, errorAbout(probe, quoting), options);
      const told = read(family, identifier, octets.subarray(0, STRIDE), plainForm(family));
      const type = ERROR_TYPES[family][quoting.typeAt]!;
      const reason = errorReason(family, type, quoting.code);
      if (quoting.quoted < HEADER_OCTETS || reason < 0) {
        if (quoting.trailing.length === 0) assert.equal(told.kind, KIND.foreign);
        return;
      }
      assert.equal(told.kind, KIND.error);
      assert.deepEqual(
        [told.type, told.code, told.reason, told.sequence],
        [type, quoting.code, reason, probe.sequence],
      );
      const isWhole = quoting.quoted >= OFFSET.filler;
      if (isWhole) assert.deepEqual([told.block, told.host], [probe.block, probe.host]);
    },
  ),
  property(
    'of a spoilt error no more is believed than that it quotes our identifier in an echo request',
    3000,
    [probe, quoting, mutations, outerOptions],
    (probe, quoting, mutate, options) => {
      const { family, identifier } = probe;
      const message = mutate(errorAbout(probe, quoting)).subarray(0, STRIDE - 60);
      const octets = arrived(family, message, options);
      const told = read(family, identifier, octets, plainForm(family));
      if (told.kind !== KIND.error) return;
      const request = told.destinationOffset! + (family === 4 ? 4 : 16);
      assert.ok(isIn(octets, told.destinationOffset) && isIn(octets, request));
      assert.equal(told.reason, errorReason(family, told.type!, told.code!));
      if (family === 4)
        assert.ok(checksumHolds(new DataView(octets.buffer), (5 + options) * 4, message.length));
    },
  ),
  property(
    "the kernel's filter lets through all that the parser takes, and no other's and no request",
    4000,
    [probe, quoting, fc.constantFrom('reply', 'error', 'request'), mutations, outerOptions, uint16],
    (probe, quoting, what, mutate, options, other) => {
      const { family, identifier } = probe;
      const made = {
        reply: () => replyTo(probe),
        error: () => errorAbout(probe, quoting),
        request: () => requestOf(probe),
      }[what as 'reply' | 'error' | 'request']();
      const octets = mutate(arrived(family, made, options)).subarray(0, STRIDE);
      const passed = passes(socketFilter(family, identifier), octets);
      const told = read(family, identifier, octets, plainForm(family));
      if (told.kind !== KIND.foreign) assert.ok(passed, 'the filter keeps from us what is ours');
      const start = family === 4 ? (octets[0]! & 15) * 4 : 0;
      if (passed) assert.notEqual(octets[start], ECHO_REQUEST[family]);
      if (passed && other !== identifier)
        assert.ok(!passes(socketFilter(family, other), octets), "another's packet passes");
    },
  ),
  property(
    'no other block, host, sequence or identifier has the same token',
    2000,
    [probe, probe],
    (one, other) => {
      const tokenOf = ({ block, host, identifier, sequence }: Probe): string => {
        const token = new TokenMaker(...KEY);
        token.tag(block, host, (identifier << 16) | sequence);
        return `${token.first} ${token.second}`;
      };
      const { family: _one, ...named } = one;
      const { family: _other, ...otherNamed } = other;
      const isSame = Object.values(named).join() === Object.values(otherNamed).join();
      assert.equal(tokenOf(one) === tokenOf(other), isSame);
      assert.notEqual(tokenOf(one), tokenOf({ ...one, sequence: one.sequence ^ 1 }));
    },
  ),
];
