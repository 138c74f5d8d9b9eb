/** What a plan of scans has due: the network that waits longest, unless another one is requested. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ScanPlan } from '../../../src/inventory/scan-plan.ts';

const at = (time: string) => new Date(`2026-03-01T${time}:00Z`);

test('of networks that are due together, the one that waits longest is first', () => {
  const plan = new ScanPlan(
    [
      { name: 'late', schedule: { cron: '30 * * * *', timeZone: 'UTC' }, lastScan: at('00:30') },
      { name: 'later', schedule: { cron: '45 * * * *', timeZone: 'UTC' }, lastScan: at('00:00') },
    ],
    at('02:00'),
  );
  assert.equal(plan.dueAt(at('00:40')), undefined);
  assert.deepEqual(plan.nextAt, at('00:45'));
  assert.equal(plan.dueAt(at('02:00')), 'later');
  plan.begin('later', at('02:00'));
  assert.equal(plan.dueAt(at('02:00')), 'late');
  plan.begin('late', at('02:00'));
  assert.equal(plan.dueAt(at('02:00')), undefined);
  assert.deepEqual(plan.nextAt, at('02:30'));
});

test('a clock that was days ahead, and not only at the start, is noticed when it is set right', () => {
  const hourly = { cron: '0 * * * *', timeZone: 'UTC' };
  const plan = new ScanPlan(
    [{ name: 'office', schedule: hourly, lastScan: at('00:00') }],
    at('00:30'),
  );
  const ahead = new Date('2026-03-11T00:00:00Z');
  assert.equal(plan.dueAt(ahead), 'office');
  plan.begin('office', ahead);
  assert.equal(plan.dueAt(at('02:30')), undefined);
  assert.deepEqual(plan.nextAt, at('03:00'));
});

describe('a requested scan', () => {
  const plan = () =>
    new ScanPlan(
      [{ name: 'due', schedule: { cron: '0 * * * *', timeZone: 'UTC' }, lastScan: at('00:00') }],
      at('02:30'),
    );

  test('comes before all that are due, needs no schedule, and is made once', () => {
    const requested = plan();
    requested.request('by-hand');
    requested.request('by-hand');
    assert.equal(requested.dueAt(at('02:30')), 'by-hand');
    requested.begin('by-hand', at('02:30'));
    assert.equal(requested.dueAt(at('02:30')), 'due');
    requested.begin('due', at('02:30'));
    assert.equal(requested.dueAt(at('02:30')), undefined);
    assert.deepEqual(requested.nextAt, at('03:00'));
  });

  test('counts as the scan of its schedule that is due', () => {
    const requested = plan();
    requested.request('due');
    requested.begin('due', at('02:30'));
    assert.equal(requested.dueAt(at('02:30')), undefined);
  });

  test('is taken back', () => {
    const requested = plan();
    requested.request('by-hand');
    assert.deepEqual(requested.requested, ['by-hand']);
    assert.ok(requested.withdraw('by-hand'));
    assert.ok(!requested.withdraw('by-hand'));
    assert.equal(requested.dueAt(at('02:30')), 'due');
  });
});
