/** No packet of a group is ever stamped later than it left, wherever the group was held up. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { GroupStamps } from '../../../../src/transport/linux/group-stamps.ts';

const GROUP = 8;

function slots() {
  return {
    sentAtNs: new Float64Array(GROUP),
    notBeforeNs: new Float64Array(GROUP),
    leftByNs: new Float64Array(GROUP),
  };
}

/** Sends groups one after the other. @param gapsNs of each group: the time before each of its packets leaves */
function errorsNs(groups: readonly (readonly number[])[]): number[] {
  const own = slots();
  const stamps = new GroupStamps(own);
  let nowNs = 1e12;
  return groups.flatMap((gapsNs) => {
    const beganAtNs = nowNs;
    const left = gapsNs.map((gapNs) => {
      nowNs += gapNs;
      return nowNs;
    });
    stamps.stamp(0, gapsNs.length, beganAtNs, nowNs);
    return left.map((atNs, i) => atNs - own.sentAtNs[i]!);
  });
}

/** What a packet takes when nothing is in its way: 4 to 7 µs. */
const usualNs = fc.integer({ min: 4000, max: 7000 });
const stallNs = fc.integer({ min: 0, max: 5_000_000 });
const group = fc
  .tuple(fc.array(usualNs, { minLength: 1, maxLength: GROUP }), fc.nat(), stallNs, fc.boolean())
  .map(([gaps, at, stall, isHeldUp]) =>
    gaps.map((gap, i) => (isHeldUp && i === at % gaps.length ? gap + stall : gap)),
  );

test('a stamp is never later than the departure, from the first group on', () => {
  fc.assert(
    fc.property(fc.array(group, { minLength: 1, maxLength: 60 }), (groups) => {
      for (const errorNs of errorsNs(groups)) assert.ok(errorNs >= 0, `${errorNs} ns`);
    }),
  );
});

test('the first group, held up in its middle, is stamped from its beginning', () => {
  const errors = errorsNs([[5000, 5000, 900_000, 5000, 5000, 5000, 5000, 5000]]);
  assert.ok(errors.every((errorNs) => errorNs > 0));
  assert.equal(errors[0], 5000);
});

test('once groups have shown their pace, stamps follow the packets', () => {
  const steady = Array.from({ length: GROUP }, () => 5000);
  const errors = errorsNs(Array.from({ length: 40 }, () => steady));
  assert.deepEqual(
    errors.slice(-GROUP),
    [5000, 7500, 10_000, 12_500, 15_000, 17_500, 20_000, 22_500],
  );
});

test('a packet that is sent alone is stamped when its call began', () => {
  assert.deepEqual(errorsNs([[5000], [90_000]]), [5000, 90_000]);
});
