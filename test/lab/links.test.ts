/** Connected subnets that we ask and ping ourselves: crowded ones, guarded ones, and what else is said on a link. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { assertOutcomes, presentBut, UP, without } from './expected-outcomes.ts';
import { labTest } from './lab-test.ts';
import { startSimulation } from './simulator/start.ts';
import { once, sweep, whenMachineHasTime } from './sweep-report.ts';
import { countMatching } from './wire.ts';

/** A namespace of its own at the other end of a link, where every address of a /20 is alive, more than a neighbour table holds. */
const CROWD = {
  name: 'crowd',
  interface: 'lab-crowd',
  mac: '02:00:00:00:cc:01',
  client4: '10.104.0.1',
  gateway4: '10.104.0.2',
  client6: 'fd00:104::1',
  live4: '10.104.16.0/20',
  hosts4: 4094,
  /** 10 to 59 hexadecimal are there. */
  some6: 'fd00:104::/120',
  live6: Array.from({ length: 0x60 - 0x10 }, (_, i) => `fd00:104::${(0x10 + i).toString(16)}`),
} as const;
const ABSENT = without('down', 'arp-failed');

const crowd = once(async () => {
  const { interface: name, mac } = CROWD;
  run([
    `ip netns add ${CROWD.name}`,
    `ip link add ${name} type veth peer name client address ${mac} netns ${CROWD.name}`,
    `ip link set ${name} addrgenmode none`,
    `ip link set ${name} up`,
    `ip addr add ${CROWD.client4}/16 dev ${name}`,
    `ip addr add ${CROWD.client6}/64 dev ${name} nodad`,
  ]);
  inCrowd([
    'ip link set lo up',
    'ip link set client addrgenmode none',
    'ip link set client up',
    `ip addr add ${CROWD.gateway4}/16 dev client`,
    `ip route add local ${CROWD.live4} dev lo`,
    ...CROWD.live6.map((address) => `ip addr add ${address}/64 dev client nodad`),
  ]);
});

function run(commands: readonly string[], place: readonly string[] = []): string {
  const [file, ...args] = [...place, 'sh', '-e'];
  const done = spawnSync(file!, args, { input: commands.join('\n'), encoding: 'utf8' });
  assert.equal(done.status, 0, done.stderr);
  return done.stdout;
}

function inCrowd(commands: readonly string[]): void {
  run(commands, ['nsenter', `--net=/run/netns/${CROWD.name}`]);
}

function neighbourEntries(): string[] {
  return run([`ip neigh show dev ${CROWD.interface}`])
    .split('\n')
    .filter((line) => line !== '');
}

labTest('a crowded link is swept whole, by two at once, without a neighbour entry', async () => {
  await crowd();
  const targets = [CROWD.live4, CROWD.some6];
  const reports = await Promise.all([
    sweep('--engine raw --rate 10000', targets),
    sweep('--engine raw --rate 10000 -w 3', targets),
  ]);
  for (const { hosts, run: record } of reports) {
    const on4 = hosts.filter(({ address }) => address.startsWith('10.'));
    const up6 = hosts.filter(({ address, status }) => address.includes(':') && status === 'up');
    assert.equal(
      on4.filter(({ status, mac }) => status === 'up' && mac === CROWD.mac).length,
      CROWD.hosts4,
    );
    // The client's own address is there, too.
    assert.deepEqual(
      new Set(up6.map(({ address }) => address)),
      new Set([CROWD.client6, ...CROWD.live6]),
    );
    // A machine with other work may hold the process up, which is noted and changes nothing.
    const notes = record.notes.filter((note) => !note.startsWith('the process was held up'));
    assert.deepEqual([record.failure, record.doubts, notes], [null, [], []]);
    assert.deepEqual(record.packets['rejected'], 0);
  }
  const live = new Set([CROWD.gateway4, ...CROWD.live6]);
  const strangers = neighbourEntries().filter((line) => {
    const address = line.split(' ')[0]!;
    return (
      address.startsWith('10.104.16.') || (address.startsWith('fd00:104::') && !live.has(address))
    );
  });
  assert.deepEqual(strangers, []);
});

labTest('a firewall that knows nothing of our requests keeps no reply from us', async () => {
  await crowd();
  run([
    `nft 'table inet guard {
      chain in { type filter hook input priority 0; policy drop; iif lo accept; ct state established,related accept; }
      chain out { type filter hook output priority 0; ct state invalid drop; }
    }'`,
  ]);
  try {
    const targets = ['10.104.16.8/29', 'fd00:104::50/125'];
    const report = await sweep('--engine raw', targets);
    assertOutcomes(
      report,
      report.hosts.map(({ address }) => [address, UP]),
    );
    assert.equal(report.hosts.length, 6 + 8);
  } finally {
    run(['nft delete table inet guard']);
  }
});

labTest('a host that answers ARP or NDP and refuses to be pinged is up', async () => {
  await crowd();
  const [host4, host6] = ['10.104.16.9', 'fd00:104::1f'];
  inCrowd([
    `nft 'table inet refuse {
      chain in { type filter hook input priority 0;
        ip daddr ${host4} icmp type echo-request reject with icmp type admin-prohibited
        ip6 daddr ${host6} icmpv6 type echo-request reject with icmpv6 type admin-prohibited
      }
    }'`,
  ]);
  try {
    const report = await sweep('--engine raw -t 300', [host4, host6]);
    assertOutcomes(report, [
      [host4, presentBut('arp-reply', 3, 13)],
      [host6, presentBut('ndp-reply', 1, 1)],
    ]);
    assert.ok(report.hosts.every(({ mac }) => mac === CROWD.mac));
  } finally {
    inCrowd(['nft delete table inet refuse']);
  }
});

labTest('what is sent to a link looks as asked for', async () => {
  await crowd();
  const seen = [
    'ip ttl 33 ip dscp ef ip frag-off & 0x4000 == 0x4000 ip length 128 icmp type echo-request',
    'ip6 hoplimit 33 ip6 dscp ef ip6 length 108 icmpv6 type echo-request',
  ];
  const { value, counts } = await countMatching(
    seen,
    () => sweep('--engine raw -H 33 -O 0xb8 -M -b 100 -c 3 -p 20', ['10.104.16.5', 'fd00:104::11']),
    { place: CROWD.name, hook: 'input' },
  );
  assert.deepEqual(
    value.hosts.map(({ pattern }) => pattern),
    ['!!!', '!!!'],
  );
  assert.deepEqual(counts, [3, 3]);
});

labTest(
  'a more specific route is followed, and rules of routing are left to the system',
  async () => {
    await crowd();
    const routes = [
      '10.104.17.0/28 via 10.104.0.2',
      'unreachable 10.104.17.16/28',
      'blackhole 10.104.17.32/28',
    ];
    const targets = ['10.104.17.1', '10.104.17.17', '10.104.17.33', '10.104.17.65'];
    run(routes.map((route) => `ip route add ${route}`));
    try {
      const report = await sweep('--engine raw', targets);
      const error = without('error', 'no-route');
      assertOutcomes(
        report,
        targets.map((address, i) => [address, [UP, error, error, UP][i]!]),
      );
      assert.equal(report.run.packets['neighbour_requests'], 1);
      run(['ip rule add to 10.104.17.64/28 lookup 100']);
      const ruled = await sweep('--engine raw', targets.slice(-1));
      assert.equal(ruled.host(targets[3]!).status, 'up');
      assert.equal(ruled.run.packets['neighbour_requests'], 0);
    } finally {
      run([
        ...routes.map((route) => `ip route del ${route}`),
        'ip rule del to 10.104.17.64/28 || :',
      ]);
    }
  },
);

labTest(
  'hosts of each of several networks on an interface are asked from our address there',
  async () => {
    await crowd();
    const second = ['10.107.0.1/24', '10.107.0.9/24'] as const;
    run([`ip addr add ${second[0]} dev ${CROWD.interface}`]);
    inCrowd([`ip addr add ${second[1]} dev client`]);
    const { value, counts } = await countMatching(
      [
        `ip saddr ${CROWD.client4} icmp type echo-request`,
        'ip saddr 10.107.0.1 icmp type echo-request',
      ],
      () => sweep('--engine raw', ['10.104.16.5-6', '10.107.0.9-10']),
      { place: CROWD.name, hook: 'input' },
    );
    assert.deepEqual(
      value.hosts.map(({ status, mac }) => [status, mac]),
      [
        ['up', CROWD.mac],
        ['up', CROWD.mac],
        ['up', CROWD.mac],
        ['down', null],
      ],
    );
    assert.deepEqual(counts, [2, 1]);
  },
);

labTest('probes longer than a frame, and a source elsewhere, are left to the system', async () => {
  await crowd();
  for (const options of ['-b 3000', '--no-arp']) {
    const report = await sweep(`--engine raw ${options}`, [
      '10.104.16.5',
      'fd00:104::11',
      '10.104.0.9',
    ]);
    assertOutcomes(report, [
      ['10.104.0.9', ABSENT],
      ['10.104.16.5', UP],
      ['fd00:104::11', UP],
    ]);
    assert.equal(report.run.packets['neighbour_requests'], 0);
    assert.equal(report.host('10.104.16.5').mac, CROWD.mac);
  }
});

labTest('two hosts with one address are told of, and the first of them is pinged', async () => {
  const macs = ['02:00:00:00:00:a1', '02:00:00:00:00:a2'];
  const twins = ['198.18.1.7', '2001:db8:200::7'];
  const simulation = await startSimulation({ hosts: [{ name: 'twins', net: twins, macs }] });
  try {
    const { hosts, run: record } = await sweep('--engine raw', twins);
    assert.ok(hosts.every(({ mac, pattern }) => mac === macs[0] && pattern === '!'));
    assert.deepEqual(
      record.notes.filter((note) => note.startsWith('two MAC addresses')),
      twins.map(
        (address) =>
          `two MAC addresses answer for ${address}: ${macs.join(' and ')}: two hosts may use it`,
      ),
    );
  } finally {
    await simulation.end();
  }
});

labTest(
  'on a link where few are alive everybody who is is found, and nobody else is pinged',
  async () => {
    const rule = { name: 'few', net: ['198.18.64.0/20', '2001:db8:200::1:0/118'], alive: 0.02 };
    const targets = ['198.18.64.0/20', '2001:db8:200::1:0/118'];
    const { report, truth } = await whenMachineHasTime(async () => {
      const simulation = await startSimulation({ seed: 3, hosts: [rule] });
      const [swept] = await Promise.allSettled([sweep('--engine raw --rate 20000', targets)]);
      const happened = await simulation.end();
      if (swept.status === 'rejected') throw swept.reason;
      return { report: swept.value, truth: happened };
    });
    const up = report.hosts.filter(({ status }) => status === 'up').map(({ address }) => address);
    const asked = new Set(truth.requests.map(({ address }) => address));
    assert.deepEqual(new Set(up), asked);
    assert.ok(up.length > 40 && up.length < 200, `${up.length} alive`);
    // If the machine held the sweep up, further requests make up for it.
    const strange = report.hosts.filter(
      ({ status, reason, pattern, sent }) =>
        status !== 'up' &&
        !(reason === 'arp-failed' && /^UU+$/.test(pattern) && sent === pattern.length),
    );
    assert.deepEqual(strange, []);
  },
);
