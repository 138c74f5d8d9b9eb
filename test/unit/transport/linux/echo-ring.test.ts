/** What a ring shows of requests and replies, on memory that a test fills as the kernel does (packet(7)). */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Family } from '../../../../src/address.ts';
import { CLOCK_REALTIME } from '../../../../src/native/linux/constants.ts';
import { allocate } from '../../../../src/native/native-memory.ts';
import { FORM, type ReceiveBatch } from '../../../../src/transport/contract.ts';
import { LinuxClock } from '../../../../src/transport/linux/clock.ts';
import { EchoRing } from '../../../../src/transport/linux/echo-ring.ts';
import { MessageBatch } from '../../../../src/transport/linux/message-batch.ts';
import { FRAME_HEADER_OCTETS } from '../../../../src/transport/linux/packet-ring.ts';
import { ICMP_AT } from '../../../../src/wire/icmp.ts';
import { IP_HEADER_OCTETS, prepareHeader, sealPacket } from '../../../../src/wire/ip-header.ts';
import { receiveBatch } from './receive-batch.ts';

const SLOTS = 512;
const FRAMES = 8;
const FRAME_OCTETS = 256;
const MESSAGE_OCTETS = 16;
const IDENTIFIER = 0x4321;
const TOKEN_AT = 8;
const STARTED_NS = 5e12;
/** In November 2023. */
const ORIGIN_SECONDS = 1_700_000_000;

/** A ring over frames of our own, and a sender's slots with a request each. */
class ScriptedRing {
  nowNs = STARTED_NS;
  /** How long it takes to read the monotonic clock. */
  readNs = 0;
  wallOffsetNs = 1e12;
  fit = 0;
  unfit = 0;
  readonly family: Family;
  readonly ring: EchoRing;
  readonly rx: ReceiveBatch;
  readonly sentAtNs = new Float64Array(SLOTS);
  readonly notBeforeNs = new Float64Array(SLOTS);
  readonly leftByNs = new Float64Array(SLOTS);
  private readonly memory = allocate(FRAMES * FRAME_OCTETS);
  private readonly requests: MessageBatch;
  private readonly clock: LinuxClock;
  /** The frame that the kernel fills next. */
  private frame: number;

  constructor({ family = 4 as Family, begin = 0, slots = 4 } = {}) {
    this.family = family;
    this.frame = begin;
    this.requests = new MessageBatch({ slots: SLOTS, packetOctets: 20 + MESSAGE_OCTETS });
    const { packets, stride } = this.requests;
    for (let slot = 0; slot < SLOTS; slot++)
      this.writeRequest(packets.view, slot * stride + 20, slot);
    this.clock = new LinuxClock((clock) => {
      if (clock === CLOCK_REALTIME) return this.nowNs + this.readNs / 2 + this.wallOffsetNs;
      this.nowNs += this.readNs;
      return this.nowNs;
    }, ORIGIN_SECONDS);
    this.ring = this.open();
    this.rx = receiveBatch(slots);
  }

  /** Another thread's, over the same memory. */
  open(): EchoRing {
    const heard = { interfaceIndex: 2, packetOctets: 20 + MESSAGE_OCTETS };
    const { address } = this.memory;
    return new EchoRing(
      {
        family: this.family,
        handle: {
          fd: -1,
          remainderFd: -1,
          address,
          heard,
          frameOctets: FRAME_OCTETS,
          frames: FRAMES,
        },
        requestAt: 20,
        onFit: () => this.fit++,
        onUnfit: () => this.unfit++,
      },
      this.requests,
      this.clock,
    );
  }

  /** The packet of a slot passes the interface. @param spoilt a word of its mark @returns false if the ring has no room */
  leave(slot: number, passedAtNs: number, spoilt?: number): boolean {
    return this.pass(slot, passedAtNs, {
      isOutgoing: true,
      ...(spoilt !== undefined && { spoilt }),
    });
  }

  /** A reply to it arrives. */
  arrive(slot: number, passedAtNs: number, { isFragment = false } = {}): boolean {
    return this.pass(slot, passedAtNs, { isFragment });
  }

  /** Slots that were sent between two readings of the clock, one more than `latest` included. */
  stamp(first: number, count: number, beganAtNs: number, endedAtNs: number): void {
    this.sentAtNs.fill(beganAtNs, first, first + count);
    this.notBeforeNs.fill(beganAtNs, first, first + count);
    this.leftByNs.fill(endedAtNs, first, first + count);
    this.ring.stamp(this, first, count);
  }

  /** What a call receives: the form, the sequence number, and the time after `STARTED_NS`. */
  received(ring = this.ring): [form: number, slot: number, afterNs: number][] {
    const { rx } = this;
    return Array.from({ length: ring.receive(rx) }, (_, slot) => {
      const isDatagram = rx.form[slot] === FORM.ipv4Datagram;
      const at = slot * rx.stride + (isDatagram ? 20 : 0) + ICMP_AT.sequence;
      assert.equal(rx.length[slot], MESSAGE_OCTETS + (isDatagram ? 20 : 0));
      return [rx.form[slot]!, rx.view.getUint16(at), rx.receivedAtNs[slot]! - STARTED_NS];
    });
  }

  private pass(
    slot: number,
    passedAtNs: number,
    { isOutgoing = false, isFragment = false, spoilt = -1 },
  ): boolean {
    const { view } = this.memory;
    const at = this.frame * FRAME_OCTETS;
    if (view.getUint32(at, true) !== 0) return false;
    const { family } = this;
    const packet = at + FRAME_HEADER_OCTETS + 4;
    const source = new Uint8Array(family === 4 ? 4 : 16).fill(0x20 + (slot & 7));
    const header = { family, source, hopLimit: 61, trafficClass: 0, dontFragment: false };
    prepareHeader(view, packet, MESSAGE_OCTETS, header);
    this.writeRequest(view, packet + IP_HEADER_OCTETS[family], slot);
    sealPacket(family, view, packet, MESSAGE_OCTETS);
    const mark = packet + IP_HEADER_OCTETS[family] + ICMP_AT.identifier;
    if (spoilt >= 0) view.setUint32(mark + spoilt * 4, ~view.getUint32(mark + spoilt * 4));
    // Of an earlier, longer packet.
    view.setUint32(packet + IP_HEADER_OCTETS[family] + MESSAGE_OCTETS, 0xdeadbeef);
    if (isFragment && family === 4) view.setUint16(packet + 6, 0x2000);
    if (isFragment && family === 6) view.setUint8(packet + 6, 44);
    const wallNs =
      BigInt(passedAtNs) + BigInt(this.wallOffsetNs) + BigInt(ORIGIN_SECONDS) * 10n ** 9n;
    view.setUint32(at + 8, IP_HEADER_OCTETS[family] + MESSAGE_OCTETS, true);
    view.setUint16(at + 14, FRAME_HEADER_OCTETS + 4, true);
    view.setUint32(at + 16, Number(wallNs / 1_000_000_000n), true);
    view.setUint32(at + 20, Number(wallNs % 1_000_000_000n), true);
    view.setUint8(at + 42, isOutgoing ? 4 : 0);
    view.setUint32(at, 1, true);
    this.frame = (this.frame + 1) % FRAMES;
    return true;
  }

  private writeRequest(view: DataView, at: number, slot: number): void {
    view.setUint16(at + ICMP_AT.identifier, IDENTIFIER);
    view.setUint16(at + ICMP_AT.sequence, slot);
    // Only the end of the token differs.
    view.setUint32(at + TOKEN_AT + 4, slot * 7919);
  }
}

const T = STARTED_NS;
const NONE = Number.POSITIVE_INFINITY;
const slice = (values: Float64Array, first: number, count: number): number[] =>
  [...values.subarray(first, first + count)].map((ns) => ns - T);

describe('requests that a ring shows', () => {
  test('have the time when they left, in any order, and are read once', () => {
    for (const begin of [0, 6]) {
      const system = new ScriptedRing({ begin });
      for (const [slot, ns] of [
        [1, 30_000],
        [0, 10_000],
        [2, 40_000],
      ] as const)
        system.leave(slot, T + ns);
      system.stamp(0, 3, T, T + 50_000);
      assert.deepEqual(slice(system.sentAtNs, 0, 3), [10_000, 30_000, 40_000]);
      assert.deepEqual(slice(system.notBeforeNs, 0, 3), [10_000, 30_000, 40_000]);
      assert.deepEqual(slice(system.leftByNs, 0, 3), [10_000, 30_000, 40_000]);
      assert.deepEqual([system.fit, system.ring.showsDepartures], [1, true]);
      // Their frames have been given back.
      for (let slot = 0; slot < FRAMES; slot++) assert.ok(system.leave(slot + 3, T + 60_000));
      assert.ok(!system.leave(0, T));
    }
  });

  test('that have not passed yet are expected, from the departure before them on', () => {
    const system = new ScriptedRing();
    system.leave(1, T + 20_000);
    system.stamp(0, 4, T, T + 50_000);
    assert.deepEqual(slice(system.leftByNs, 0, 4), [NONE, 20_000, NONE, NONE]);
    assert.deepEqual(slice(system.sentAtNs, 0, 4), [0, 20_000, 20_000, 20_000]);
    system.leave(4, T + 60_000);
    system.stamp(4, 2, T + 55_000, T + 65_000);
    assert.deepEqual(slice(system.sentAtNs, 4, 2), [60_000, 60_000]);
    system.leave(2, T + 70_000);
    system.nowNs = T + 90_000;
    assert.deepEqual(system.received(), [[FORM.departure, 2, 70_000]]);
    assert.equal(system.rx.isKernelTime[0], 1);
  });

  test('may all pass after the call, and are known to leave then', () => {
    const system = new ScriptedRing();
    system.stamp(0, 1, T, T + 5000);
    system.leave(0, T + 6000);
    assert.deepEqual([system.fit, system.ring.isOnTrial], [0, true]);
    system.nowNs = T + 9000;
    assert.deepEqual(system.received(), [[FORM.departure, 0, 6000]]);
    assert.deepEqual([system.fit, system.ring.showsDepartures], [1, true]);
  });

  test('of an earlier call are not taken for those of this one', () => {
    const system = new ScriptedRing();
    system.stamp(2, 1, T, T + 5000);
    for (const slot of [1, 2, 0]) system.leave(slot, T + 10_000 + slot);
    system.stamp(0, 2, T + 9000, T + 15_000);
    assert.deepEqual(slice(system.leftByNs, 0, 3), [10_000, 10_001, NONE]);
    system.nowNs = T + 30_000;
    assert.deepEqual(system.received(), [[FORM.departure, 2, 10_002]]);
  });

  test('of an earlier call are left for later, behind those of this one', () => {
    const system = new ScriptedRing();
    system.stamp(0, 1, T, T + 5000);
    system.leave(0, T + 6000);
    system.leave(1, T + 12_000);
    system.stamp(1, 1, T + 10_000, T + 15_000);
    assert.deepEqual(slice(system.leftByNs, 1, 1), [12_000]);
    system.leave(2, T + 22_000);
    system.stamp(2, 1, T + 20_000, T + 25_000);
    assert.deepEqual(slice(system.leftByNs, 2, 1), [22_000]);
    system.nowNs = T + 30_000;
    assert.deepEqual(system.received(), [[FORM.departure, 0, 6000]]);
    assert.deepEqual(system.received(), []);
  });

  test('keep their stamps if the clocks disagree by more than 20 µs', () => {
    for (const [ns, isTaken] of [
      [-19_999, true],
      [-20_000, false],
      [69_999, true],
      [70_000, false],
    ] as const) {
      const system = new ScriptedRing();
      system.leave(0, T + ns);
      system.stamp(0, 1, T, T + 50_000);
      const stamps = [system.sentAtNs, system.notBeforeNs, system.leftByNs].map(
        (each) => each[0]! - T,
      );
      assert.deepEqual(stamps, isTaken ? [ns, ns, ns] : [0, 0, 50_000], `${ns}`);
    }
  });

  test('are no longer waited for if 256 in a row were not seen', () => {
    const system = new ScriptedRing();
    assert.ok(system.ring.isOnTrial && !system.ring.showsDepartures);
    system.stamp(0, 255, T, T + 1000);
    assert.ok(system.ring.isOnTrial);
    system.stamp(255, 1, T, T + 1000);
    assert.ok(!system.ring.isOnTrial);
    system.leave(256, T + 2000);
    system.stamp(256, 1, T + 1500, T + 3000);
    assert.ok(system.ring.showsDepartures && !system.ring.isOnTrial);
    system.stamp(0, 255, T, T + 1000);
    assert.ok(system.ring.showsDepartures);
    system.stamp(255, 1, T, T + 1000);
    assert.ok(!system.ring.showsDepartures && !system.ring.isOnTrial);
  });

  test('are searched once in a ring that is full', () => {
    const system = new ScriptedRing();
    for (let slot = 100; slot < 100 + FRAMES; slot++) system.arrive(slot, T);
    system.stamp(0, 2, T, T + 5000);
    assert.deepEqual(slice(system.leftByNs, 0, 2), [NONE, NONE]);
    assert.equal(system.received().length, 4);
    system.leave(2, T + 6000);
    system.stamp(2, 1, T + 5500, T + 7000);
    assert.deepEqual(slice(system.leftByNs, 2, 1), [6000]);
  });

  test('are other requests if a single word of their marks differs', () => {
    for (const word of [0, 1, 2]) {
      const system = new ScriptedRing();
      system.leave(1, T + 1000, word);
      system.stamp(0, 2, T, T + 5000);
      assert.deepEqual(slice(system.leftByNs, 0, 2), [NONE, NONE], `word ${word}`);
    }
  });
});

describe('replies in a ring', () => {
  for (const family of [4, 6] as const)
    test(`of IPv${family} come with the times when they arrived, as many as there are slots`, () => {
      const form = family === 4 ? FORM.ipv4Datagram : FORM.icmpMessage;
      const system = new ScriptedRing({ family, begin: 5, slots: 4 });
      system.nowNs = T + 90_000;
      for (let slot = 0; slot < 6; slot++) system.arrive(slot, T + slot * 1000);
      const [one, other] = [system.received(), system.received()];
      assert.deepEqual(
        one,
        [0, 1, 2, 3].map((slot) => [form, slot, slot * 1000]),
      );
      assert.deepEqual(
        other,
        [4, 5].map((slot) => [form, slot, slot * 1000]),
      );
      assert.deepEqual(system.received(), []);
      if (family === 6) {
        assert.equal(system.rx.ttl[1], 61);
        assert.equal(system.rx.sourceView.getUint32(16 + 12), 0x25252525);
      }
      assert.deepEqual([system.fit, system.unfit], [0, 0]);
      system.leave(7, T + 95_000);
      system.stamp(7, 1, T + 94_000, T + 96_000);
      assert.deepEqual(slice(system.leftByNs, 7, 1), [95_000]);
    });

  test('do not arrive after they were read', () => {
    const system = new ScriptedRing();
    system.arrive(1, T + 5000);
    system.nowNs = T + 4000;
    assert.deepEqual(system.received(), [[FORM.ipv4Datagram, 1, 4000]]);
  });

  test('may arrive while earlier ones are read', () => {
    const system = new ScriptedRing();
    system.arrive(1, T + 500);
    system.arrive(2, T + 3500);
    system.readNs = 1000;
    assert.deepEqual(
      system.received().map(([, , afterNs]) => afterNs),
      [500, 3500],
    );
  });

  test('come after departures that were searched, which are not seen again', () => {
    const system = new ScriptedRing();
    system.arrive(9, T + 100);
    system.leave(0, T + 1000);
    system.arrive(0, T + 1100);
    system.leave(1, T + 1200);
    system.stamp(0, 2, T, T + 2000);
    assert.deepEqual(slice(system.leftByNs, 0, 2), [1000, 1200]);
    system.nowNs = T + 3000;
    assert.deepEqual(
      system.received().map(([, slot]) => slot),
      [9, 0],
    );
    for (let slot = 0; slot < FRAMES; slot++) assert.ok(system.arrive(slot, T + 4000));
  });

  for (const family of [4, 6] as const)
    test(`of IPv${family} in fragments are left to the system`, () => {
      const system = new ScriptedRing({ family });
      system.arrive(1, T, { isFragment: true });
      system.arrive(2, T + 100);
      system.nowNs = T + 1000;
      assert.deepEqual(
        system.received().map(([, slot]) => slot),
        [2],
      );
      assert.equal(system.unfit, 1);
    });

  test('have the time of reading until the ring was empty after a step of the wall clock', () => {
    const system = new ScriptedRing();
    system.arrive(1, T + 1000);
    system.nowNs = T + 2000;
    system.wallOffsetNs += 1e9;
    assert.deepEqual(system.received(), [[FORM.ipv4Datagram, 1, 2000]]);
    assert.equal(system.rx.isKernelTime[0], 0);
    system.arrive(2, T + 2500);
    system.nowNs = T + 3000;
    assert.deepEqual(system.received(), [[FORM.ipv4Datagram, 2, 3000]]);
    assert.deepEqual(system.received(), []);
    system.arrive(3, T + 3500);
    system.nowNs = T + 4000;
    assert.deepEqual(system.received(), [[FORM.ipv4Datagram, 3, 3500]]);
    assert.equal(system.rx.isKernelTime[0], 1);
  });

  test('are found after the ring was seen empty, wherever the kernel has got to', () => {
    const system = new ScriptedRing({ begin: 3 });
    system.nowNs = T + 9000;
    assert.deepEqual(system.received(), []);
    system.arrive(1, T + 500);
    assert.deepEqual(system.received(), [[FORM.ipv4Datagram, 1, 500]]);
  });

  test('are found by another thread, also in a full ring', () => {
    for (const [begin, count] of [
      [6, 3],
      [7, 2],
      [6, FRAMES],
      [1, FRAMES],
      [0, FRAMES],
    ] as const) {
      const system = new ScriptedRing({ begin, slots: FRAMES });
      for (let slot = 0; slot < count; slot++) system.arrive(slot, T + slot * 1000);
      system.nowNs = T + 90_000;
      assert.deepEqual(
        system.received(system.open()).map(([, slot]) => slot),
        Array.from({ length: count }, (_, slot) => slot),
      );
    }
  });
});
