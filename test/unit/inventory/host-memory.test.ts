/** What counts as a change of one host, sighting by sighting. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  type ChangeRules,
  forget,
  type HostMemory,
  remember,
  type Sighting,
} from '../../../src/inventory/host-memory.ts';

const RULES: ChangeRules = { missesUntilGone: 3, slowerFactor: 3, slowerByMs: 5 };
const UP: Sighting = {
  hostname: null,
  status: 'up',
  reason: 'echo-reply',
  rttAvgMs: 1,
  mac: null,
};
const DOWN: Sighting = { ...UP, status: 'down', reason: 'no-response', rttAvgMs: null };
const REFUSED: Sighting = { ...DOWN, status: 'unreachable', reason: 'admin-prohibited' };
const ABSENT: Sighting = { ...REFUSED, reason: 'host-unreach' };
const ARP_FAILED: Sighting = { ...DOWN, reason: 'arp-failed' };
const UNSENT: Sighting = { ...DOWN, status: 'error', reason: 'no-route' };

/** The kinds of change that each sighting brings, one after the other. */
function kindsOf(sightings: readonly Sighting[], rules = RULES): string[] {
  let memory: HostMemory | undefined;
  return sightings.map((sighting) => {
    const remembered = remember(memory, sighting, rules);
    memory = remembered?.memory ?? memory;
    return remembered?.changes.map(({ kind }) => kind).join('+') ?? '';
  });
}

describe('presence', () => {
  test('the first answer of an address is new, whether it was asked before or not', () => {
    assert.deepEqual(kindsOf([UP]), ['new']);
    assert.deepEqual(kindsOf([DOWN, DOWN, UP, UP]), ['', '', 'new', '']);
  });

  test('a host is gone after so many misses in a row, once, and then back', () => {
    assert.deepEqual(kindsOf([UP, DOWN, DOWN, DOWN, DOWN, UP]), [
      'new',
      '',
      '',
      'gone',
      '',
      'back',
    ]);
  });

  test('a host that answers in between is never gone', () => {
    assert.deepEqual(kindsOf([UP, DOWN, DOWN, UP, DOWN, DOWN, UP]), [
      'new',
      '',
      '',
      '',
      '',
      '',
      '',
    ]);
  });

  test('with one miss allowed a host is gone at once', () => {
    assert.deepEqual(kindsOf([UP, DOWN, UP], { ...RULES, missesUntilGone: 1 }), [
      'new',
      'gone',
      'back',
    ]);
  });

  test('a sweep that could not ask a host says nothing about it', () => {
    assert.deepEqual(kindsOf([UP, UNSENT, UNSENT, UNSENT, UNSENT]), ['new', '', '', '', '']);
    assert.equal(remember(undefined, UNSENT, RULES), undefined);
  });

  test('gone says what was before and what is now', () => {
    const first = remember(undefined, UP, RULES)!.memory;
    const rules = { ...RULES, missesUntilGone: 2 };
    const second = remember(first, DOWN, rules)!.memory;
    assert.deepEqual(remember(second, REFUSED, rules)!.changes, [
      { kind: 'gone', before: 'echo-reply', after: 'admin-prohibited' },
    ]);
  });

  test('a host without a row is gone, unless it was already', () => {
    const { memory } = remember(undefined, UP, RULES)!;
    assert.deepEqual(forget(memory).changes, [{ kind: 'gone', before: 'echo-reply', after: '' }]);
    const missing = remember(memory, REFUSED, RULES)!.memory;
    assert.deepEqual(forget(missing).changes, [{ kind: 'gone', before: 'echo-reply', after: '' }]);
    assert.deepEqual(forget(forget(memory).memory).changes, []);
    assert.deepEqual(forget(remember(undefined, DOWN, RULES)!.memory).changes, []);
  });

  test('gone and back take turns, whatever is seen', () => {
    const any = fc.array(fc.constantFrom(UP, DOWN, REFUSED, UNSENT), {
      maxLength: 60,
      size: 'max',
    });
    fc.assert(
      fc.property(any, fc.integer({ min: 1, max: 5 }), (sightings, missesUntilGone) => {
        const told = kindsOf(sightings, { ...RULES, missesUntilGone })
          .flatMap((kinds) => kinds.split('+'))
          .filter((kind) => ['new', 'gone', 'back'].includes(kind));
        const expected = told.map((_, i) => (i === 0 ? 'new' : i % 2 === 1 ? 'gone' : 'back'));
        assert.deepEqual(told, expected);
      }),
    );
  });
});

describe('a host that sends an error itself', () => {
  const OWN_ERROR: Sighting = { ...REFUSED, responder: null };
  const ROUTERS_ERROR: Sighting = { ...REFUSED, responder: '192.0.2.254' };

  test('is present: it is new, and back after it was gone', () => {
    const rules = { ...RULES, missesUntilGone: 1 };
    assert.deepEqual(kindsOf([DOWN, OWN_ERROR, DOWN, OWN_ERROR], rules), [
      '',
      'new',
      'gone',
      'back',
    ]);
  });

  test('is no more present if a router sent it, or if nobody knows who did', () => {
    assert.deepEqual(kindsOf([DOWN, ROUTERS_ERROR]), ['', 'reason-changed']);
    assert.deepEqual(kindsOf([DOWN, REFUSED]), ['', 'reason-changed']);
  });

  test('and replied before is told by its reason', () => {
    assert.deepEqual(kindsOf([UP, OWN_ERROR, OWN_ERROR, UP]), [
      'new',
      'reason-changed',
      '',
      'reason-changed',
    ]);
  });

  test('is gone from what it was', () => {
    const { memory } = remember(undefined, OWN_ERROR, RULES)!;
    assert.deepEqual(remember(memory, DOWN, { ...RULES, missesUntilGone: 1 })!.changes, [
      { kind: 'gone', before: 'admin-prohibited', after: 'no-response' },
    ]);
  });
});

describe('names and MAC addresses', () => {
  test('another name is a change, capitals and a missing name are none', () => {
    const sightings = ['a.example', 'A.EXAMPLE', 'a.example', null, 'b.example'].map(
      (hostname) => ({
        ...UP,
        hostname,
      }),
    );
    assert.deepEqual(kindsOf(sightings), ['new', '', '', '', 'name-changed']);
  });

  test('another MAC address is a change, also while a host was gone', () => {
    const rules = { ...RULES, missesUntilGone: 1 };
    const mac = (last: string): string => `02:00:00:00:00:${last}`;
    assert.deepEqual(kindsOf([{ ...UP, mac: mac('01') }, DOWN, { ...UP, mac: mac('02') }], rules), [
      'new',
      'gone',
      'back+mac-changed',
    ]);
  });
});

describe('reasons', () => {
  test('another reason of an address that is not up is a change', () => {
    assert.deepEqual(kindsOf([DOWN, REFUSED, REFUSED, ARP_FAILED]), [
      '',
      'reason-changed',
      '',
      'reason-changed',
    ]);
  });

  test('silence after an error is no change, and neither is the same error again: routers limit them', () => {
    assert.deepEqual(kindsOf([DOWN, REFUSED, DOWN, DOWN, REFUSED, DOWN]), [
      '',
      'reason-changed',
      ...['', '', '', ''],
    ]);
    const refused = remember(undefined, REFUSED, RULES)!.memory;
    const silent = remember(refused, DOWN, RULES)!.memory;
    assert.deepEqual(remember(silent, ABSENT, RULES)!.changes, [
      { kind: 'reason-changed', before: 'admin-prohibited', after: 'host-unreach' },
    ]);
  });

  test('an error that says that nothing is there says the same as silence', () => {
    assert.deepEqual(kindsOf([DOWN, ABSENT, DOWN, ABSENT]), ['', '', '', '']);
    assert.deepEqual(kindsOf([DOWN, { ...ABSENT, reason: 'address-unreach' }]), ['', '']);
    assert.deepEqual(kindsOf([ARP_FAILED, ABSENT]), ['', 'reason-changed']);
  });

  test('what an error said before a host was up is forgotten', () => {
    const rules = { ...RULES, missesUntilGone: 1 };
    assert.deepEqual(kindsOf([REFUSED, UP, DOWN, REFUSED], rules), [
      '',
      'new',
      'gone',
      'reason-changed',
    ]);
  });

  test('of a host that is missing, only gone is told', () => {
    assert.deepEqual(kindsOf([UP, DOWN, REFUSED, DOWN, REFUSED]), [
      'new',
      '',
      '',
      'gone',
      'reason-changed',
    ]);
  });
});

describe('speed', () => {
  const up = (...rtts: number[]): Sighting[] => rtts.map((rttAvgMs) => ({ ...UP, rttAvgMs }));

  test('slower is told once, by factor and by milliseconds', () => {
    assert.deepEqual(kindsOf(up(10, 11, 40, 41)), ['new', '', 'slower', '']);
    assert.deepEqual(kindsOf(up(0.01, 0.5)), ['new', '']);
    assert.deepEqual(kindsOf(up(2, 6.9)), ['new', '']);
    assert.deepEqual(kindsOf(up(2, 7)), ['new', 'slower']);
    assert.deepEqual(kindsOf(up(100, 150)), ['new', '']);
  });

  test('a host that was missing is slower than before it was, which is told once', () => {
    assert.deepEqual(kindsOf([...up(10, 100), DOWN, ...up(100)]), ['new', 'slower', '', '']);
    const missing = [...up(10), DOWN].reduce<HostMemory | undefined>(
      (memory, sighting) => remember(memory, sighting, RULES)!.memory,
      undefined,
    );
    assert.equal(missing!.usualRttMs, 10);
  });

  test('an eighth of the distance to the newest round-trip time becomes usual (RFC 6298)', () => {
    const { memory } = remember(undefined, up(10)[0]!, RULES)!;
    assert.equal(remember(memory, up(18)[0]!, RULES)!.memory.usualRttMs, 11);
    assert.equal(remember(memory, up(2)[0]!, RULES)!.memory.usualRttMs, 9);
  });

  test('an equal time is not slower, whatever the rules', () => {
    const rules = { ...RULES, slowerFactor: 1, slowerByMs: 0 };
    assert.deepEqual(kindsOf(up(10, 10), rules), ['new', '']);
    assert.deepEqual(kindsOf(up(10, 10.001), rules), ['new', 'slower']);
  });

  test('slower is told again after the host was as fast as usual', () => {
    assert.deepEqual(kindsOf(up(10, 40, 10, 60)), ['new', 'slower', '', 'slower']);
  });

  test('what stays slow becomes usual', () => {
    const slow = up(10, ...Array<number>(30).fill(40), 41);
    assert.deepEqual(kindsOf(slow).filter(Boolean), ['new', 'slower']);
  });

  test('before and after are milliseconds with three decimals', () => {
    const { memory } = remember(undefined, { ...UP, rttAvgMs: 10 }, RULES)!;
    assert.deepEqual(remember(memory, { ...UP, rttAvgMs: 40.12345 }, RULES)!.changes, [
      { kind: 'slower', before: '10.000', after: '40.123' },
    ]);
  });
});
