/** What `--dry-run` prints. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAddress } from '../../../src/address.ts';
import { formatPlan } from '../../../src/cli/dry-run.ts';
import type { AddressRange } from '../../../src/results/block-targets.ts';
import { resolveSettings, type SweepOptions } from '../../../src/settings.ts';
import type { SweepPlan } from '../../../src/sweep-plan.ts';

const settingsOf = (options: Omit<SweepOptions, 'targets'> = {}) =>
  resolveSettings({ targets: [], seed: 42, ...options });

function rangeOf(first: string, last = first, zone = ''): AddressRange {
  const from = parseAddress(first)!;
  return { family: from.family, first: from.value, last: parseAddress(last)!.value, zone };
}

const PLAN: SweepPlan = {
  targets: 65_534,
  probesMin: 65_534,
  probesMax: 196_602,
  secondsMin: 65.534,
  secondsMax: 201.352,
  engine: 'dgram',
  engineReason: 'best that works here: raw: permission denied',
  workers: 1,
  links: [],
  sending: [],
  canary: undefined,
};

test('ranges, targets, probes, time, engine and order, the uncertain ones with both ends', () => {
  assert.deepEqual(formatPlan(settingsOf(), [rangeOf('10.0.0.1', '10.0.255.254')], PLAN), [
    'ranges   10.0.0.1 - 10.0.255.254  (65,534)',
    'targets  65,534',
    'probes   at least 65,534, at most 196,602',
    'time     at least 1 min 06 s, at most 3 min 21 s at 1,000 probes/s',
    'engine   dgram, best that works here: raw: permission denied',
    'workers  1',
    'order    random, seed 42',
  ]);
});

test('who would be asked beside the targets is said, and why', () => {
  const gateway = { ...PLAN, canary: { address: '192.0.2.254', choice: 'gateway' } } as const;
  assert.equal(
    formatPlan(settingsOf(), [], gateway).at(-1),
    'canary   192.0.2.254, the first gateway on the way; probed about once a second, alongside the targets',
  );
});

test('the ports that are tried by TCP, and at most how often', () => {
  const lines = formatPlan(settingsOf({ tcp: [443, 22] }), [], PLAN);
  assert.ok(
    lines.includes(
      'tcp      ports 443, 22 of hosts that do not reply; at most 131,068 connections',
    ),
  );
});

test('what is certain is said once', () => {
  const certain = { ...PLAN, probesMax: PLAN.probesMin, secondsMin: 4.02, secondsMax: 4.04 };
  const lines = formatPlan(settingsOf({ order: 'sequential', ratePps: 0.5 }), [], certain);
  assert.ok(lines.includes('probes   65,534'));
  assert.ok(lines.includes('time     4.0 s at 0.5 probes/s'));
  assert.ok(lines.includes('order    sequential'));
});

test('without a limit of rate the time is that of the waiting alone, and says so', () => {
  const plan = { ...PLAN, secondsMin: 0, secondsMax: 4.75 };
  const lines = formatPlan(settingsOf({ ratePps: Number.POSITIVE_INFINITY }), [], plan);
  assert.ok(
    lines.includes(
      'time     at least 0 ms, at most 4.8 s plus what sending takes, at no limit of rate',
    ),
  );
});

test('single addresses, zones and IPv6', () => {
  const ranges = [rangeOf('192.0.2.1'), rangeOf('fe80::1', 'fe80::2', 'eth0')];
  assert.deepEqual(formatPlan(settingsOf(), ranges, PLAN).slice(0, 2), [
    'ranges   192.0.2.1',
    '         fe80::1%eth0 - fe80::2%eth0  (2)',
  ]);
});

test('20 ranges are shown and the rest is counted', () => {
  const many = (count: number) =>
    Array.from({ length: count }, (_, i) => rangeOf(`10.0.${i >> 7}.${(i % 128) * 2}`));
  const shown = formatPlan(settingsOf(), many(1234), PLAN);
  assert.equal(shown[19], '         10.0.0.38');
  assert.equal(shown[20], '         and 1,214 more');
  assert.equal(shown[21], 'targets  65,534');
  assert.equal(formatPlan(settingsOf(), many(20), PLAN)[20], 'targets  65,534');
});

test('where hosts are looked for by ARP and NDP, link by link', () => {
  const links = [
    { index: 0, family: 4, interface: 'eth0', source: '192.0.2.1' },
    { index: 1, family: 6, interface: 'eth0', source: '2001:db8::1' },
  ] as const;
  const lines = formatPlan(settingsOf(), [rangeOf('192.0.2.2')], { ...PLAN, links });
  assert.deepEqual(
    lines.filter((line) => line.includes('eth0')),
    [
      'link     eth0, discovery by ARP from 192.0.2.1; only hosts that answer are pinged',
      '         eth0, discovery by NDP from 2001:db8::1; only hosts that answer are pinged',
    ],
  );
});
