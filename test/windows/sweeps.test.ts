/**
 * The Windows engine as a whole, by Node for Windows under Wine. Wine has no ICMP for IPv6, and ignores don't fragment and the
 * source: those are held to a scripted iphlpapi in the unit tests. `npm run wine` sets up and runs this.
 */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after } from 'node:test';
import { LAB } from '../lab/address-plan.ts';
import { rowsByAddress } from '../lab/csv.ts';
import {
  ABSENT,
  DISTANCES,
  ERRORS,
  type Expected,
  FORGED,
  LOOPS,
  OTHER_SOURCE,
  outcome,
  REFUSED_HERE,
  ROUTERS,
  SILENCE,
} from '../lab/expected-outcomes.ts';
import { labTestUnless } from '../lab/lab-test.ts';
import { freshFolder } from '../lab/run.ts';
import { type HostRecord, hostIn, sweep } from '../lab/sweep-report.ts';
import { echosweepOnWindows, endWine, missing, type WindowsRun, windowsPath } from './wine.ts';

after(endWine);

const DEADLINE_MS = 200_000;

function windowsTest(promise: string, body: () => Promise<void>): void {
  labTestUnless(missing, promise, body, DEADLINE_MS);
}

/** Wine passes errors on late if the machine is busy; and the kernel takes three seconds to give an absent neighbour up. */
const ONE_LONG_PROBE = ['-r', '0', '-t', '5000'];

const isIPv4 = (address: string): boolean => !address.includes(':');

/** Sweeps on Windows. A machine without time gives exit code 5: what was learned is in the report all the same. */
async function sweepOnWindows(
  ...args: readonly string[]
): Promise<{ readonly hosts: ReadonlyMap<string, HostRecord>; readonly finished: WindowsRun }> {
  const report = join(freshFolder(), 'report.jsonl');
  const finished = await echosweepOnWindows([...args, '-o', windowsPath(report)]);
  assert.ok(finished.code === 0 || finished.code === 5, finished.stderr);
  const records = readFileSync(report, 'utf8').trimEnd().split('\n').slice(1, -1);
  const hosts = records.map((line) => JSON.parse(line) as HostRecord);
  return { hosts: new Map(hosts.map((host) => [host.address, host])), finished };
}

windowsTest('doctor finds the engine, and no advice is for another system', async () => {
  const { code, stdout } = await echosweepOnWindows(['doctor']);
  assert.equal(code, 0, stdout);
  assert.match(stdout, /^icmp +works +127\.0\.0\.1 answered/m);
  assert.match(stdout, /^auto takes +icmp$/m);
  assert.doesNotMatch(stdout, /sudo|setcap|apt-get|sysctl/);
});

windowsTest('every host of a /23 is up, whatever the number of workers', async () => {
  for (const workers of ['1', '2']) {
    const { hosts } = await sweepOnWindows('127.0.2.0/23', '--workers', workers);
    assert.equal(hosts.size, 510);
    const up = [...hosts.values()].filter(({ status }) => status === 'up');
    assert.equal(up.length, 510, `${workers} workers`);
    assert.ok(up.every(({ sent, received, ttl }) => sent >= 1 && received === 1 && ttl === 64));
  }
});

/** The codes of type 3 that Wine gives as "net unreachable"; it gives what has no status of its own as "host unreachable". */
const AS_NET_UNREACHABLE: ReadonlySet<number | null> = new Set([0, 6, 9, 11]);
const WITH_A_STATUS: ReadonlySet<number | null> = new Set([2, 3, 4, 5]);

/** What Windows can report about an outcome. */
function asWindowsTells(host: HostRecord): HostRecord {
  const { icmp_type: type, icmp_code: code } = host;
  if (type === 3 && !WITH_A_STATUS.has(code)) {
    const reason = AS_NET_UNREACHABLE.has(code) ? 'net-unreach' : 'host-unreach';
    return { ...host, reason, icmp_code: null };
  }
  // Its pointer, which tells the problem, is not passed on.
  return type === 12 ? { ...host, icmp_code: null } : host;
}

/** What Wine does differently from Windows: it reads raw sockets of Linux, which nobody verifies, and knows one failure. */
const OF_WINE: ReadonlyMap<string, string> = new Map([
  [hostIn(LAB.badChecksum4), 'up echo-reply from null null/null'],
  [hostIn(LAB.sendProhibited4), 'error no-route from null null/null'],
]);

windowsTest(
  'every outcome of the lab is that of the raw engine, as far as Windows can tell it',
  async () => {
    const expected: readonly (readonly [string, ...unknown[]])[] = [
      ...ERRORS,
      ...ROUTERS,
      ...SILENCE,
      ...ABSENT,
      ...OTHER_SOURCE,
      ...FORGED,
      ...REFUSED_HERE,
      ...DISTANCES,
      ...LOOPS.map((address): Expected => [address, '']),
    ];
    const targets = [...new Set(expected.map(([address]) => address))].filter(isIPv4);
    const raw = await sweep(`--engine raw --no-arp ${ONE_LONG_PROBE.join(' ')}`, targets);
    const { hosts } = await sweepOnWindows(...targets, ...ONE_LONG_PROBE);
    const told = (host: HostRecord): unknown => ({
      outcome: outcome(host),
      received: host.received,
      isSent: host.sent > 0,
      ttl: host.ttl,
      hops: host.hops,
      mac: host.mac,
    });
    for (const address of targets) {
      const windows = hosts.get(address)!;
      const linux = asWindowsTells(raw.host(address));
      const ofWine = OF_WINE.get(address);
      if (ofWine !== undefined) assert.equal(outcome(windows), ofWine, address);
      // Without ARP of its own, the raw engine may look for the MAC address before the kernel has noted it.
      else
        assert.deepEqual(told(windows), told({ ...linux, mac: linux.mac ?? windows.mac }), address);
    }
  },
);

windowsTest('a TTL of one reaches the first router and no further', async () => {
  const { hosts } = await sweepOnWindows(hostIn(LAB.live4), '--ttl', '1', ...ONE_LONG_PROBE);
  assert.equal(
    outcome(hosts.get(hostIn(LAB.live4))!),
    `unreachable time-exceeded from ${LAB.router4} 11/0`,
  );
});

windowsTest('silent hosts are given up after the timeouts of the prober', async () => {
  const options = ['-t', '300', '-r', '0', '--no-canary'];
  const { hosts, finished } = await sweepOnWindows(`${LAB.dropped4.split('/')[0]}/27`, ...options);
  assert.equal(hosts.size, 30);
  for (const { address, status, reason } of hosts.values())
    assert.deepEqual([status, reason], ['down', 'no-response'], address);
  assert.match(finished.stderr, /engine icmp/);
});

windowsTest('what Windows cannot do is refused before anything is sent', async () => {
  const { code, stderr } = await echosweepOnWindows(['127.0.0.1', '--tos', '16']);
  assert.equal(code, 3, stderr);
  assert.match(stderr, /--tos: the icmp engine cannot do this/);
});

windowsTest('Ctrl-C ends a sweep with a report of what it covered', async () => {
  const report = join(freshFolder(), 'report.csv');
  const args = [LAB.live4.replace('/16', '/22'), '--rate', '20', '-o', windowsPath(report)];
  const { code, stderr } = await echosweepOnWindows([...args, '--stream'], { interruptAtLine: 10 });
  assert.equal(code, 130, stderr);
  assert.match(stderr, /^partial: /m);
  const rows = rowsByAddress(readFileSync(report, 'utf8'));
  assert.ok(rows.size > 0 && rows.size < 1022, `${rows.size} rows`);
});
