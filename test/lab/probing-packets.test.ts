/** What the packets look like as they leave, by the kernel's own rules and counters. */

import assert from 'node:assert/strict';
import { LAB } from './address-plan.ts';
import { outcome, refusedBy, UP } from './expected-outcomes.ts';
import { labTest } from './lab-test.ts';
import { hostIn, sweep } from './sweep-report.ts';
import { countMatching } from './wire.ts';

labTest('probes have the size asked for, up to the largest that IP has', async () => {
  for (const octets of [24, 1400, 8000, 65_507]) {
    const targets = ['127.0.0.1', hostIn(LAB.live4), '::1', hostIn(LAB.live6)];
    const { value, counts } = await countMatching(
      [
        `icmp type echo-request ip length ${octets + 28}`,
        `icmpv6 type echo-request ip6 length ${octets + 8}`,
      ],
      () => sweep(`-b ${octets}`, targets),
    );
    assert.deepEqual(
      value.hosts.map((host) => `${host.address} ${outcome(host)}`).sort(),
      targets.map((address) => `${address} ${UP}`).sort(),
    );
    assert.deepEqual(counts, [2, 2], `${octets} octets`);
  }
});

labTest('TTL and TOS of the probes are those asked for', async () => {
  const { counts } = await countMatching(
    [
      'icmp type echo-request ip ttl 9 ip dscp ef',
      'icmpv6 type echo-request ip6 hoplimit 9 ip6 dscp ef',
    ],
    () => sweep('-H 9 -O 0xb8 -c 2 -p 20', [hostIn(LAB.live4), hostIn(LAB.live6)]),
  );
  assert.deepEqual(counts, [2, 2]);
});

labTest('a TTL too small ends at the router that it reaches', async () => {
  const far = [hostIn(LAB.far4), hostIn(LAB.far6)];
  const [one, two, three] = await Promise.all(
    [1, 2, 3].map((ttl) => sweep(`-H ${ttl} -r 0 -t 300`, far)),
  );
  assert.deepEqual(one!.hosts.map(outcome), [
    refusedBy(LAB.router4, 'time-exceeded', 11, 0),
    refusedBy(LAB.router6, 'time-exceeded', 3, 0),
  ]);
  assert.deepEqual(two!.hosts.map(outcome), [
    refusedBy(LAB.farRouter4, 'time-exceeded', 11, 0),
    refusedBy(LAB.farRouter6, 'time-exceeded', 3, 0),
  ]);
  assert.deepEqual(three!.hosts.map(outcome), [UP, UP]);
});

labTest('fragmentation is forbidden when asked, and else allowed', async () => {
  const expressions = [
    'icmp type echo-request ip frag-off & 0x4000 == 0x4000',
    'icmp type echo-request ip frag-off & 0x4000 == 0',
  ];
  const hosts = [hostIn(LAB.live4)];
  const forbidden = await countMatching(expressions, () => sweep('-M', hosts));
  const allowed = await countMatching(expressions, () => sweep('', hosts));
  assert.deepEqual(
    [forbidden.counts, allowed.counts],
    [
      [1, 0],
      [0, 1],
    ],
  );
});

labTest('probes leave from the address asked for, one for each family', async () => {
  const targets = [hostIn(LAB.local4), hostIn(LAB.local6)];
  const { value, counts } = await countMatching(
    [
      `icmp type echo-request ip saddr ${LAB.client4}`,
      `icmpv6 type echo-request ip6 saddr ${LAB.client6}`,
    ],
    () => sweep(`-S ${LAB.client4} -S ${LAB.client6}`, targets),
  );
  assert.deepEqual(value.hosts.map(outcome), [UP, UP]);
  assert.deepEqual(counts, [1, 1]);
});

// These have an IP header of ours, where the system writes that of fewer requests.
labTest('each probe of a large sweep looks as asked for', async () => {
  const request = `icmp type echo-request ip length 84 ip saddr ${LAB.client4}`;
  const { value, counts } = await countMatching(
    [
      `${request} ip ttl 64 ip dscp 0 ip frag-off 0`,
      `${request} ip ttl 9 ip dscp ef ip frag-off 0x4000`,
    ],
    async () => [
      await sweep('--rate max -r 0 --no-canary', [LAB.live4]),
      await sweep(`--rate max -r 0 --no-canary -H 9 -O 0xb8 -M -S ${LAB.client4}`, [LAB.live4]),
    ],
  );
  assert.deepEqual(
    value.map(({ run }) => [run.statuses['up'], run.doubts]),
    counts.map((count) => [count, []]),
  );
});

labTest('probes leave by the interface asked for, wherever the routes lead', async () => {
  const { value, counts } = await countMatching(
    ['icmp type echo-request oifname "lab-lan"', 'icmp type echo-request oifname "lab-r1"'],
    () => sweep('-I lab-lan -r 0 -t 200', [LAB.lanLive4[1], hostIn(LAB.live4)]),
  );
  assert.equal(value.host(LAB.lanLive4[1]).status, 'up');
  assert.notEqual(value.host(hostIn(LAB.live4)).status, 'up');
  assert.equal(counts[1], 0);
});
