/** Connected subnets, where most addresses have no host: asked by ourselves, and through the kernel's neighbour table. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { assertSoon } from '../machine-speed.ts';
import { LAB } from './address-plan.ts';
import { ENGINE_NAMES, missingFor, WHO } from './engine-runs.ts';
import { assertOutcomes, type Expected, UP, without } from './expected-outcomes.ts';
import { labTest } from './lab-test.ts';
import { echosweep, freshFolder } from './run.ts';
import { once, type SweepReport, sweep } from './sweep-report.ts';

const ABSENT = without('down', 'arp-failed');
/** Two requests each at 10,000 a second and three seconds of patience; a third of what the system needs on a busy machine. */
const LONGEST_SEARCH_MS = 9_000;
/** Some 430 addresses may be unresolved at a time, and the kernel takes 3.07 s to give one up: 17 s, and the last ones' patience. */
const LONGEST_MS = 30_000;

/** What a kernel starts with: 1,000 ICMP errors a second to everybody together, our own notice of absent hosts included. */
const ICMP_LIMITS = {
  icmp_ratemask: '6168',
  icmp_msgs_per_sec: '1000',
  icmp_msgs_burst: '50',
} as const;

/** The lab lifts those limits; here they stand, as they do for everybody. */
async function withIcmpLimits<Value>(body: () => Promise<Value>): Promise<Value> {
  const paths = Object.keys(ICMP_LIMITS).map((name) => `/proc/sys/net/ipv4/${name}`);
  const before = paths.map((path) => readFileSync(path, 'utf8'));
  const set = (values: readonly string[]): void => {
    paths.forEach((path, i) => {
      try {
        writeFileSync(path, values[i]!);
      } catch {
        // Older kernels have one limit for all namespaces, which has its default then.
      }
    });
  };
  set(Object.values(ICMP_LIMITS));
  try {
    return await body();
  } finally {
    set(before);
  }
}

function run(command: string): string {
  const done = spawnSync('sh', ['-c', command], { encoding: 'utf8' });
  assert.equal(done.status, 0, `${command}: ${done.stderr}`);
  return done.stdout;
}

/** Hosts beyond the link, swept along with it. */
const FAR = '10.79.0.0/22';
const FAR_HOSTS = 1022;

/** Both families of the link and more besides, which share one cap; and at the same time another sweep of the link. */
const sparse = once(() =>
  withIcmpLimits(async () => {
    const [root, user] = await Promise.all([
      sweep('--engine raw --no-arp', [LAB.lan6, LAB.lan4, FAR]),
      sweep('--engine dgram -w 3', [LAB.lan6], { as: 'ordinary-user' }),
    ]);
    return { root, user };
  }),
);

/** The same by ARP and NDP of our own, two at once. */
const searched = once(async () => {
  const targets = [LAB.lan6, LAB.lan4, FAR];
  const [one, two] = await Promise.all([
    sweep('--engine raw --rate 10000', targets),
    sweep('--engine raw --rate 10000 -w 3', targets),
  ]);
  return { one, two };
});

/** Holds the hosts of one network against those that live there. */
function assertOnly(
  report: SweepReport,
  network: string,
  live: readonly string[],
  count: number,
): void {
  const hosts = report.hosts.filter(({ address }) => address.startsWith(network));
  assert.equal(hosts.length, count);
  assertOutcomes(
    report,
    hosts.map(({ address }) => [address, live.includes(address) ? UP : ABSENT]),
  );
}

labTest('in a sparse /21 every host is found, and every other address is arp-failed', async () => {
  assertOnly((await sparse()).root, '10.100.', LAB.lanLive4, 2046);
});

labTest('in a sparse IPv6 /120 it is the same, by either engine', async () => {
  const { root, user } = await sparse();
  assertOnly(root, 'fd00:100::', LAB.lanLive6, 256);
  assertOnly(user, 'fd00:100::', LAB.lanLive6, 256);
});

labTest(
  'asked by ourselves it is the same, with the MAC address of everybody who is there',
  async () => {
    for (const report of Object.values(await searched())) {
      assertOnly(report, '10.100.', LAB.lanLive4, 2046);
      assertOnly(report, 'fd00:100::', LAB.lanLive6, 256);
      const own = ['10.100.0.1', 'fd00:100::1'];
      for (const { address, mac, status } of report.hosts) {
        const isNeighbour = /^(10\.100|fd00:100)/.test(address) && !own.includes(address);
        const hasMac = /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(mac ?? '');
        assert.equal(hasMac, isNeighbour && status === 'up', `${address} ${status} ${mac}`);
      }
    }
  },
);

labTest('nobody who is absent is sent an echo request or costs a neighbour entry', async () => {
  run('ip neigh flush dev lab-lan');
  const { run: record, hosts } = await sweep('--engine raw --rate 5000', ['10.100.4.0/22']);
  const up = hosts.filter(({ status }) => status === 'up').length;
  assert.equal(record.packets['sent'], up);
  // A live host is sent one request, or more if the machine was slow; so are a few others then.
  const requests = record.packets['neighbour_requests']! - (hosts.length - up) * 2;
  assert.ok(
    requests >= up && requests <= up * 3 + hosts.length / 50,
    `${requests} requests for ${up} hosts`,
  );
  const entries = spawnSync('ip', ['-4', 'neigh', 'show', 'dev', 'lab-lan'], { encoding: 'utf8' });
  const addresses = entries.stdout.split('\n').map((line) => line.split(' ', 1)[0]!);
  // Seconds after an earlier sweep, a live host may send us an ARP request, and our kernel then adds an entry for it.
  const live: readonly string[] = LAB.lanLive4;
  assert.deepEqual(
    addresses.filter((each) => each.startsWith('10.100.') && !live.includes(each)),
    [],
  );
});

labTest('hosts beyond the link do not suffer from those on it', async () => {
  const { hosts } = (await sparse()).root;
  const far = hosts.filter(({ address }) => address.startsWith('10.79.'));
  assert.deepEqual(
    far.filter(({ pattern }) => pattern !== '!'),
    [],
  );
  assert.equal(far.length, FAR_HOSTS);
});

labTest('nothing of that is called an error, a doubt or a loss of ours', async () => {
  for (const { hosts, run: record } of Object.values({
    ...(await sparse()),
    ...(await searched()),
  })) {
    assert.ok(hosts.every(({ errno, pattern }) => errno === null && /^(!|U+)$/.test(pattern)));
    assert.deepEqual([record.statuses['error'], record.failure, record.doubts], [0, null, []]);
    assert.equal(record.packets['dropped'], 0);
  }
});

labTest(
  'it takes as long as the kernel needs for its neighbours, and less asked by ourselves',
  async () => {
    const { root, user } = await sparse();
    assertSoon(root.ms, LONGEST_MS, 'the /21');
    assertSoon(user.ms, LONGEST_MS, 'the /120');
    const { one, two } = await searched();
    assertSoon(one.ms, LONGEST_SEARCH_MS, 'our own search');
    assertSoon(two.ms, LONGEST_SEARCH_MS, 'our own search with three workers');
  },
);

labTest(
  'an address is arp-failed, too, for those who do not wait as long as the kernel',
  async () => {
    const report = await sweep('-t 300 -r 0', ['10.100.5.0/28', 'fd00:100::e0/124']);
    assertOutcomes(
      report,
      report.hosts.map(({ address }) => [address, ABSENT]),
    );
  },
);

labTest('a host that is there and answers no ping is up, by every engine', async () => {
  const [v4, v6] = [LAB.lanLive4[1], LAB.lanLive6[1]];
  const inLan = 'nsenter --net=/run/netns/lan nft';
  const drop = 'icmp type echo-request drop; icmpv6 type echo-request drop;';
  const chain = `chain in { type filter hook input priority 0; ${drop} }`;
  run(`${inLan} 'table inet mute { ${chain}; }'`);
  try {
    for (const engine of ENGINE_NAMES) {
      if (missingFor(engine) !== undefined) continue;
      run('ip neigh flush dev lab-lan');
      const report = await sweep(`--engine ${engine} -t 300`, [v4, v6], WHO[engine]);
      assertOutcomes(report, [
        [v4, without('up', 'arp-reply')],
        [v6, without('up', 'ndp-reply')],
      ]);
      assert.ok(
        report.hosts.every(({ mac, received }) => mac !== null && received === 0),
        engine,
      );
    }
  } finally {
    run(`${inLan} delete table inet mute`);
  }
});

labTest('a neighbour table that others have filled is waited for', async () => {
  run('ip neigh flush dev lab-lan');
  await fillNeighbourTable();
  const absent = ['10.100.0.9', '10.100.0.10'];
  const targets = [...LAB.lanLive4, ...absent];
  const reports = await Promise.all([
    sweep('--engine raw -t 500', targets),
    sweep('--engine dgram -t 500', targets, { as: 'ordinary-user' }),
  ]);
  for (const report of reports) {
    assertOutcomes(report, [
      ...LAB.lanLive4.map((address): Expected => [address, UP]),
      ...absent.map((address): Expected => [address, ABSENT]),
    ]);
    assert.deepEqual([report.run.statuses['error'], report.run.doubts], [0, []]);
  }
});

/** Asks for more absent neighbours than the kernel has room for, 1,024 by default, three seconds each. */
async function fillNeighbourTable(): Promise<void> {
  // What waits for an unresolved neighbour counts against its socket's buffer.
  const sockets = Array.from({ length: 12 }, () => createSocket('udp4'));
  const others = Array.from({ length: 1400 }, (_, i) => `10.100.${2 + (i >> 8)}.${i & 255}`);
  await Promise.all(
    others.map((address, i) => {
      const socket = sockets[i % sockets.length]!;
      return new Promise((done) => socket.send('x', 9, address, done));
    }),
  );
  for (const socket of sockets) socket.close();
}

const sortedLines = (text: string): string[] => text.trimEnd().split('\n').sort();

labTest('--stream on a local network has the rows of the report, with every engine', async () => {
  const mute = LAB.lanLive4[1];
  const rule = `ip daddr ${mute} icmp type echo-request drop`;
  const inLan = 'nsenter --net=/run/netns/lan nft';
  const shown = run('nsenter --net=/run/netns/lan ip -br link show client');
  const [mac] = /([0-9a-f]{2}:){5}[0-9a-f]{2}/.exec(shown)!;
  run(`${inLan} 'table inet mute { chain in { type filter hook input priority 0; ${rule}; }; }'`);
  try {
    for (const engine of ['raw', 'dgram', 'system']) {
      // The silent host is in the table from earlier, which the system checks only after five seconds.
      run(`ip neigh replace ${mute} lladdr ${mac} dev lab-lan nud stale`);
      const report = join(freshFolder(), 'report.csv');
      const targets = ['10.100.1.0/28', LAB.lanLive4[2]];
      const { code, stdout, stderr } = await echosweep([
        ...targets,
        '-t',
        '300',
        '--stream',
        '--engine',
        engine,
        '-o',
        report,
      ]);
      assert.equal(code, 0, stderr);
      assert.deepEqual(sortedLines(stdout), sortedLines(readFileSync(report, 'utf8')));
      assert.match(stdout, new RegExp(`^${mute},.*,up,arp-reply,`, 'm'));
    }
  } finally {
    run(`${inLan} delete table inet mute`);
  }
});
