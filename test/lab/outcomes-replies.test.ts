/** Replies that are lost, late by a retry, or come twice, as the statistics of a report tell them. */

import assert from 'node:assert/strict';
import { LAB } from './address-plan.ts';
import { labTest } from './lab-test.ts';
import { hostIn, sweep } from './sweep-report.ts';

labTest('lost probes are lost in the statistics, and only they', async () => {
  const { hosts, run } = await sweep('--engine raw -c 20 -p 20 -t 300', [
    '10.70.0.1-10.70.0.6',
    'fd00:70::1-fd00:70::6',
  ]);
  const marks = hosts.map(({ pattern }) => pattern).join('');
  assert.equal(marks.length, 12 * 20);
  const lost = marks.split('.').length - 1;
  assert.ok(
    lost > 0.1 * marks.length && lost < 0.5 * marks.length,
    `${lost} lost, where 3 in 10 are`,
  );
  for (const { address, sent, received, loss_pct, pattern, rtts_ms, status } of hosts) {
    const replies = pattern.split('!').length - 1;
    assert.deepEqual(
      { address, status, sent, received, loss_pct },
      { address, status: 'up', sent: 20, received: replies, loss_pct: 100 - 5 * replies },
    );
    assert.match(pattern, /^[!.]{20}$/);
    // A probe that may have left long after its stamp has no time, whatever its answer.
    assert.ok(rtts_ms.every((rtt, nth) => rtt === null || pattern[nth] === '!'));
    assert.ok(
      rtts_ms.filter((rtt) => rtt !== null).length >= replies - run.packets['unsure_sends']!,
    );
  }
});

labTest('a host that loses its first probes is found by a retry', async () => {
  const { hosts } = await sweep('--engine raw -r 7 -t 150 -B 1', [
    '10.70.1.1-10.70.1.10',
    'fd00:70:1::1-fd00:70:1::a',
  ]);
  assert.equal(hosts.length, 20);
  for (const { address, status, pattern, sent, received, loss_pct } of hosts) {
    assert.equal(status, 'up', address);
    assert.match(pattern, /^\.*!$/);
    const loss = Math.round((1000 * (pattern.length - 1)) / pattern.length) / 10;
    assert.deepEqual([sent, received, loss_pct], [pattern.length, 1, loss], address);
  }
  assert.ok(
    hosts.some(({ pattern }) => pattern.length > 1),
    'half of the first probes are lost',
  );
});

labTest('a second reply to a probe is a duplicate, not a reply', async () => {
  // The silent hosts keep the sweep open until the last duplicate is in.
  const silent = [hostIn(LAB.dropped4), hostIn(LAB.dropped6)];
  const twice = [hostIn(LAB.duplicated4), hostIn(LAB.duplicated6)];
  const { host, run } = await sweep('--engine raw -c 3 -p 50 -t 300', [...silent, ...twice]);
  for (const address of twice) {
    const { pattern, sent, received, duplicates, loss_pct } = host(address);
    assert.deepEqual([pattern, sent, received, duplicates, loss_pct], ['!!!', 3, 3, 3, 0], address);
  }
  assert.equal(run.packets['duplicates'], 6);
  assert.equal(run.packets['received'], 6);
});
