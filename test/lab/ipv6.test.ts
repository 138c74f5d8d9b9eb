/** IPv6 is no second thought: large prefixes, hosts far away and on the link, by either engine. */

import assert from 'node:assert/strict';
import { LAB } from './address-plan.ts';
import { assertOutcomes, UP } from './expected-outcomes.ts';
import { labTest } from './lab-test.ts';
import { sweep, timesOf } from './sweep-report.ts';
import { countEchoes } from './wire.ts';

for (const [options, as] of [
  ['--engine raw -w 2', 'root'],
  ['--engine dgram -w 1', 'ordinary-user'],
] as const) {
  labTest(`a live /114 by ${options}: every host once, in order, each probe counted`, async () => {
    const { value, echoes } = await countEchoes(() =>
      sweep(`${options} --rate max`, ['fd00:79::4000/114'], { as }),
    );
    const expected = Array.from(
      { length: 2 ** 14 },
      (_, i) => `fd00:79::${(0x4000 + i).toString(16)}`,
    );
    const wrong = expected.findIndex((address, i) => value.hosts[i]?.address !== address);
    assert.equal(
      wrong,
      -1,
      `row ${wrong} is ${value.hosts[wrong]?.address}, not ${expected[wrong]}`,
    );
    assert.equal(value.hosts.length, expected.length);
    assert.deepEqual(
      { ...value.run.statuses },
      { up: expected.length, unreachable: 0, down: 0, error: 0 },
    );
    assert.ok(value.hosts.every(({ ttl, hops }) => ttl === 63 && hops === 1));
    // At full speed, too, each probe is timed by itself.
    assert.ok(timesOf(value, expected.length).every((rttMs) => rttMs > 0));
    assert.equal(value.run.packets['sent']! + value.run.canary!.sent, echoes.v6);
    assert.equal(echoes.v4, 0);
  });
}

labTest('both families in one sweep: IPv4 first, each by its own socket', async () => {
  const { value, echoes } = await countEchoes(() =>
    sweep('-c 2 -p 50 --no-arp --no-canary', [
      'fd00:80::/125',
      '10.80.0.0/29',
      LAB.linkLocalLive6[2],
    ]),
  );
  assert.deepEqual(
    value.hosts.map(({ address }) => address),
    [
      ...[1, 2, 3, 4, 5, 6].map((octet) => `10.80.0.${octet}`),
      'fd00:80::',
      ...[1, 2, 3, 4, 5, 6, 7].map((word) => `fd00:80::${word}`),
      LAB.linkLocalLive6[2],
    ],
  );
  assertOutcomes(
    value,
    value.hosts.map(({ address }) => [address, UP]),
  );
  assert.deepEqual(echoes, { v4: 12, v6: 18 });
});

labTest('the same link-local address on two links is two hosts', async () => {
  const report = await sweep('-t 300 -r 1', [
    'fe80::fe%lab-r1',
    'fe80::fe%lab-lan',
    'fe80::7%lab-lan',
  ]);
  assert.deepEqual(report.hosts.map(({ address, status }) => [address, status]).sort(), [
    ['fe80::7%lab-lan', 'up'],
    ['fe80::fe%lab-lan', 'down'],
    ['fe80::fe%lab-r1', 'up'],
  ]);
});
