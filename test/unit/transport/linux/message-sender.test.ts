/** When packets are said to have left, and what a failed call means, on system calls and a clock that a test moves. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import * as c from '../../../../src/native/linux/constants.ts';
import { LinuxClock } from '../../../../src/transport/linux/clock.ts';
import { MessageBatch } from '../../../../src/transport/linux/message-batch.ts';
import { MessageSender } from '../../../../src/transport/linux/message-sender.ts';

const SLOTS = 64;
const FD = 7;
const BATCH = { slots: SLOTS, packetOctets: 8 };

/** A system that sends packets one after another. Each takes as long as the test says, or fails. */
class ScriptedSystem {
  nowNs = 1e12;
  /** Called for the n-th packet that is tried, from 0. @returns how long it takes to leave, or the errno */
  script: (nth: number) => number | { readonly errno: number } = () => 5000;
  /** When each packet left. */
  readonly leftAtNs: number[] = [];
  /** The error that a socket has whenever it is looked at. */
  pending = 0;
  tries = 0;
  calls = 0;
  readonly sender: MessageSender;
  private errno = 0;

  constructor() {
    const batch = new MessageBatch(BATCH);
    const clock = new LinuxClock(() => this.nowNs);
    this.sender = new MessageSender(FD, batch, clock, undefined, undefined, {
      sendmsg: () => (this.sendSome(1) === 1 ? BATCH.packetOctets : -1),
      sendmmsg: (_fd, _messages, count) => this.sendSome(count) || -1,
      getsockopt: (_fd, _level, _name, value) => {
        value[0] = this.pending;
        return 0;
      },
      lastErrno: () => this.errno,
    });
  }

  /** How much later than its stamp each packet left. */
  send(count: number): number[] {
    this.leftAtNs.length = 0;
    const sent = this.sender.send(0, count);
    assert.equal(sent, this.leftAtNs.length);
    return this.leftAtNs.map((atNs, slot) => atNs - this.sender.sentAtNs[slot]!);
  }

  /** sendmmsg(2) reports an error only if the first packet failed. */
  private sendSome(count: number): number {
    this.calls++;
    for (let sent = 0; sent < count; sent++) {
      const outcome = this.script(this.tries++);
      if (typeof outcome === 'object') {
        this.errno = outcome.errno;
        return sent;
      }
      this.nowNs += outcome;
      this.leftAtNs.push(this.nowNs);
    }
    return count;
  }
}

describe('a stamp', () => {
  for (const [name, isHeldUp] of [
    ['the first group', (nth: number) => nth === 3],
    ['a later group', (nth: number) => nth === 45],
    // Nothing can be learned from groups that are all slow.
    ['every group before', (nth: number) => nth % 8 === 7],
  ] as const) {
    test(`is never later than its packet left, if ${name} is held up midway`, () => {
      const system = new ScriptedSystem();
      system.script = (nth) => (isHeldUp(nth) ? 900_000 : 5000);
      for (let batch = 0; batch < 5; batch++)
        for (const lateNs of system.send(SLOTS)) assert.ok(lateNs >= 0, `${lateNs} ns`);
    });
  }

  test('is never later than its packet left, whatever the machine does', () => {
    const takesNs = fc.oneof(
      { weight: 4, arbitrary: fc.integer({ min: 500, max: 20_000 }) },
      { weight: 1, arbitrary: fc.integer({ min: 0, max: 50_000_000 }) },
    );
    const batch = fc.array(takesNs, { minLength: 1, maxLength: SLOTS });
    fc.assert(
      fc.property(fc.array(batch, { minLength: 1, maxLength: 30, size: 'max' }), (batches) => {
        const system = new ScriptedSystem();
        const times = batches.flat();
        system.script = (nth) => times[nth]!;
        for (const { length } of batches)
          for (const lateNs of system.send(length)) assert.ok(lateNs >= 0, `${lateNs} ns`);
      }),
    );
  });

  test('is no earlier than the call that sent its packet began', () => {
    const system = new ScriptedSystem();
    const late = system.send(SLOTS);
    const groups = system.calls;
    assert.ok(groups > 1 && groups < SLOTS, `${groups} calls`);
    assert.equal(Math.max(...late), (SLOTS / groups) * 5000);
  });

  test('of a packet sent alone is the time when its call began, and the call bounds its departure', () => {
    const system = new ScriptedSystem();
    system.script = () => 90_000;
    assert.deepEqual(system.send(3), [90_000, 90_000, 90_000]);
    const { sentAtNs, notBeforeNs, leftByNs } = system.sender;
    for (let slot = 0; slot < 3; slot++) {
      assert.equal(notBeforeNs[slot], sentAtNs[slot]);
      assert.equal(leftByNs[slot], system.leftAtNs[slot]);
    }
  });

  test('of the rest of a group that failed midway is that of the call that sent it', () => {
    const system = new ScriptedSystem();
    system.script = (nth) => (nth === 4 ? { errno: c.EINTR } : 5000);
    assert.deepEqual(
      system.send(SLOTS).slice(0, 8),
      [5000, 10_000, 15_000, 20_000, 5000, 10_000, 15_000, 20_000],
    );
  });
});

describe('a packet that does not leave', () => {
  const EPERM = 1;
  const ENOMEM = 12;
  const EINVAL = 22;
  const EMSGSIZE = 90;
  for (const [errno, name, failure] of [
    [c.EAGAIN, 'EAGAIN', 'busy'],
    [c.ENOBUFS, 'ENOBUFS', 'busy'],
    [ENOMEM, 'ENOMEM', 'busy'],
    [EPERM, 'EPERM', 'refused'],
    [EINVAL, 'EINVAL', 'hopeless'],
    [EMSGSIZE, 'EMSGSIZE', 'hopeless'],
  ] as const) {
    test(`for ${name} is ${failure}, after the packets before it have left`, () => {
      const system = new ScriptedSystem();
      system.script = (nth) => (nth < 2 ? 5000 : { errno });
      assert.equal(system.send(SLOTS).length, 2);
      assert.deepEqual([system.sender.failure, system.sender.errno], [failure, name]);
      assert.ok(system.tries <= 2 + 10, `${system.tries} tries`);
    });
  }

  test('for the error of an earlier probe, which the call reports, is sent again at once', () => {
    const system = new ScriptedSystem();
    const EHOSTUNREACH = 113;
    system.script = (nth) => (nth === 1 ? { errno: EHOSTUNREACH } : 5000);
    assert.equal(system.send(3).length, 3);
  });

  test('for errors of earlier probes that keep arriving, is sent again until they end', () => {
    const system = new ScriptedSystem();
    const EHOSTUNREACH = 113;
    system.pending = EHOSTUNREACH;
    system.script = (nth) => (nth >= 1 && nth <= 200 ? { errno: EHOSTUNREACH } : 5000);
    assert.equal(system.send(3).length, 3);
  });

  test('is given up if the errors never end', () => {
    const system = new ScriptedSystem();
    const EHOSTUNREACH = 113;
    system.pending = EHOSTUNREACH;
    system.script = () => ({ errno: EHOSTUNREACH });
    assert.equal(system.send(3).length, 0);
    assert.ok(system.tries <= 1010, `${system.tries} tries`);
  });
});
