/** What this host's own system refuses to send: for good, now and then, or from some moment on. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readRoutes } from '../../src/host-network/linux/routes.ts';
import { assertSoon } from '../machine-speed.ts';
import { LAB, LAB_INTERFACES } from './address-plan.ts';
import { WHO } from './engine-runs.ts';
import { labTest } from './lab-test.ts';
import { freshFolder, type RunOptions, startEchosweep } from './run.ts';
import { type HostRecord, hostIn, type RunSummary, sweep } from './sweep-report.ts';
import { untilSent } from './wire.ts';

const LIVE_24 = LAB.live4.replace('/16', '/24');
const LIVE_22 = LAB.live4.replace('/16', '/22');
const ENGINES = ['raw', 'dgram'] as const;

function must(command: string, stdin = ''): void {
  const [file, ...args] = command.split(' ');
  const done = spawnSync(file!, args, { input: stdin, encoding: 'utf8' });
  assert.equal(done.status, 0, `${command}: ${done.stderr}`);
}

/** Sweeps, whatever the exit code is. @param meanwhile called once it runs */
async function sweepWhile(args: readonly string[], how: RunOptions, meanwhile = async () => {}) {
  const report = join(freshFolder(), 'report.jsonl');
  const { finished } = startEchosweep([...args, '-q', '-o', report], how);
  await meanwhile();
  const { code, stderr } = await finished;
  const records = readFileSync(report, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  const run = records.at(-1) as RunSummary;
  return { code, stderr, run, hosts: records.slice(1, -1) as HostRecord[] };
}

/** Runs with a firewall that lets so many echo requests a second leave. */
async function behindLimit(perSecond: number, run: () => Promise<void>): Promise<void> {
  const limit = `icmp type echo-request limit rate over ${perSecond}/second burst 5 packets drop`;
  const chain = `chain out { type filter hook output priority 0; policy accept; ${limit}; }`;
  must('nft -f -', `table ip limited { ${chain}; }\n`);
  try {
    await run();
  } finally {
    must('nft delete table ip limited');
  }
}

for (const engine of ENGINES) {
  labTest(`${engine}: a firewall of this host that limits pings is waited out`, async () => {
    await behindLimit(100, async () => {
      const args = [LIVE_24, '--engine', engine];
      const { code, stderr, run, hosts } = await sweepWhile(args, WHO[engine]);
      const up = hosts.filter(({ status }) => status === 'up').length;
      assert.ok(
        hosts.some(({ pattern }) => pattern.startsWith('E')),
        'the firewall refused nothing',
      );
      assert.ok(up === 254 || code === 5, `${up} of 254 are up, exit code ${code}: ${stderr}`);
      assert.ok(hosts.every(({ status }) => status !== 'down'));
      const words = [...run.notes, ...run.doubts].join('\n');
      assert.match(words, /the system refused probes now and then/);
      assert.doesNotMatch(words, /get lost on the path/);
    });
  });

  labTest(`${engine}: 4,094 addresses without a way out cost next to no time`, async () => {
    must('ip route add blackhole 198.19.0.0/20');
    try {
      const blackhole = readRoutes().find(({ interface: name }) => name === '*');
      assert.equal(blackhole?.resolvesNeighbours, false);
      const { hosts, ms } = await sweep(`--engine ${engine}`, ['198.19.0.0/20'], WHO[engine]);
      assert.equal(hosts.length, 4094);
      for (const { status, reason, pattern } of hosts)
        assert.deepEqual([status, reason, pattern], ['error', 'no-route', 'E']);
      // Without waiting: 4,094 probes would take 4 s at the default rate, and their timeouts 3 s.
      assertSoon(ms, 3000);
    } finally {
      must('ip route del blackhole 198.19.0.0/20');
    }
  });

  for (const [range, reason] of [
    [LAB.sendBlackhole4, 'no-route'],
    [LAB.sendHostUnreach4, 'no-route'],
    [LAB.sendProhibited4, 'permission-denied'],
    [LAB.sendBlackhole6, 'no-route'],
    [LAB.sendProhibited6, 'permission-denied'],
  ] as const) {
    labTest(`${engine}: one address in ${range} is an error at once`, async () => {
      const { hosts, ms } = await sweep(`--engine ${engine}`, [hostIn(range)], WHO[engine]);
      assert.deepEqual([hosts[0]!.status, hosts[0]!.reason], ['error', reason]);
      assertSoon(ms, 1500);
    });
  }

  for (const canary of ['--canary', '--no-canary']) {
    const options = canary === '--canary' ? [] : [canary];
    labTest(`${engine} ${options}: an address that the system loses is one doubt`, async () => {
      const { router } = LAB_INTERFACES;
      const args = [LIVE_22, '--engine', engine, '--rate', '300', ...options];
      try {
        const { code, stderr, run } = await sweepWhile(args, WHO[engine], async () => {
          await untilSent(200);
          must(`ip addr del ${LAB.client4}/24 dev ${router}`);
        });
        assert.equal(code, 5, stderr);
        assert.ok(run.statuses['up']! > 0 && run.statuses['up']! < 1022);
        assert.equal(run.doubts.length, 1, run.doubts.join('\n'));
        assert.match(run.doubts[0]!, /^this host was without its address 10\.77\.0\.1:/);
        assert.equal(run.failure, null);
      } finally {
        must(`ip addr replace ${LAB.client4}/24 dev ${router}`);
        must(`ip route replace 10.0.0.0/8 via ${LAB.router4}`);
      }
    });
  }
}
