/** Whether a run knows when it cannot be trusted: the uplink fails, the process is stopped, a thread is starved. */

import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { assertSoon } from '../machine-speed.ts';
import { LAB, LAB_INTERFACES } from './address-plan.ts';
import { ENGINE_NAMES, missingFor } from './engine-runs.ts';
import { labTest, labTestUnless } from './lab-test.ts';
import { LAB_NODE, LAB_PACKAGE } from './ordinary-user.ts';
import { echosweep, type Finished, freshFolder, type Running, start, until } from './run.ts';
import type { HostRecord, RunSummary } from './sweep-report.ts';
import { untilSent } from './wire.ts';

const LIVE_24 = LAB.live4.replace('/16', '/24');
const LIVE_20 = LAB.live4.replace('/16', '/20');
const MAIN = `${LAB_PACKAGE}/dist/src/bin/echosweep.cjs`;

interface Outcome extends Finished {
  readonly run: RunSummary;
  readonly hosts: readonly HostRecord[];
}

function must(command: string, ...args: string[]): void {
  const done = spawnSync(command, args, { encoding: 'utf8' });
  assert.equal(done.status, 0, `${command} ${args.join(' ')}: ${done.stderr}`);
}

function inRouter(...args: string[]): void {
  must('nsenter', '--net=/run/netns/r1', ...args);
}

/** The router's end of our uplink: without it ours has no carrier, and what is sent is lost without a word. */
function plugUplink(isIn: boolean): void {
  inRouter('sysctl', '-qw', 'net.ipv6.conf.client.keep_addr_on_down=1');
  inRouter('ip', 'link', 'set', 'client', isIn ? 'up' : 'down');
  // The kernel keeps no link-local address, and without one a router cannot ask for its neighbours.
  if (isIn) inRouter('ip', 'addr', 'replace', 'fe80::fe/64', 'dev', 'client', 'nodad');
}

/** Sweeps, and meddles once probes are leaving. */
async function sweepWhile(
  args: readonly string[],
  meddle: (running: Running) => Promise<void>,
  wrapper: readonly string[] = [],
): Promise<Outcome> {
  const folder = freshFolder();
  const report = join(folder, 'report.jsonl');
  const running = start([...wrapper, LAB_NODE, MAIN, ...args, '-o', report]);
  await until('the sweep is under way', () => readdirSync(folder).length === 1);
  await meddle(running);
  const finished = await running.finished;
  const records = readFileSync(report, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  return { ...finished, run: records.at(-1), hosts: records.slice(1, -1) };
}

for (const engine of ENGINE_NAMES) {
  labTestUnless(
    missingFor(engine),
    `${engine}: an uplink that fails for a while is told from hosts that are down`,
    async () => {
      // Half a second for each of 254 hosts, five seconds of asking, two and a half of them without an uplink.
      const args = [LIVE_24, '--engine', engine, '--rate', '50', '-r', '0', '-t', '500'];
      const { code, stderr, run, hosts } = await sweepWhile(args, async () => {
        await untilSent(60);
        plugUplink(false);
        await sleep(2500);
        plugUplink(true);
      });
      assert.equal(code, 5, stderr);
      assert.match(
        stderr,
        /do not trust: (the gateway 10\.77\.0\.254 did not answer from \d\d:\d\d:\d\d\.\d to|no ARP or NDP reply from the gateway 10\.77\.0\.254)/,
      );
      assert.equal(run.canary!.choice, 'gateway');
      assert.equal(run.canary!.silences.length, 1);
      const [silence] = run.canary!.silences;
      const fell = hosts.filter(({ status }) => status !== 'up');
      assert.ok(fell.length > 50, `${fell.length} fell into it`);
      for (const host of fell) {
        const isInside = host.started_at! >= silence!.from && host.started_at! <= silence!.to;
        assert.ok(isInside, `${JSON.stringify(host)} is not inside ${JSON.stringify(silence)}`);
      }
      assert.ok(silence!.hosts >= fell.length && silence!.hosts <= fell.length + 30);
      const lengthMs = Date.parse(silence!.to) - Date.parse(silence!.from);
      // The outage, and what the canary waits between two of its probes; longer if the machine is busy.
      assert.ok(lengthMs >= 2000 && lengthMs <= 9000, `${lengthMs} ms`);
      assert.equal(hosts.length, 254);
    },
  );
}

labTest(
  'without a canary a link that was lost for a while is owned up to all the same',
  async () => {
    const args = [LIVE_24, '--rate', '100', '-r', '0', '-t', '500', '--no-canary'];
    const { code, stderr, run } = await sweepWhile(args, async () => {
      await untilSent(60);
      plugUplink(false);
      await sleep(800);
      plugUplink(true);
    });
    assert.equal(code, 5, stderr);
    assert.equal(run.canary, null);
    assert.ok(run.statuses['down']! > 0);
    assert.match(run.doubts.join(), /^lab-r1 was down for a while/);
  },
);

labTest(
  'an interface that goes down and up again ends no sweep, and makes nobody down in secret',
  async () => {
    const { router } = LAB_INTERFACES;
    const args = [LIVE_24, '--rate', '100', '-r', '0', '-t', '500'];
    const { code, stderr, run, hosts } = await sweepWhile(args, async () => {
      await untilSent(60);
      must('sysctl', '-qw', `net.ipv6.conf.${router}.keep_addr_on_down=1`);
      must('ip', 'link', 'set', router, 'down');
      await sleep(1000);
      must('ip', 'link', 'set', router, 'up');
      // Routes go with their interface; who runs the network sets them again.
      must('ip', 'route', 'add', '10.0.0.0/8', 'via', LAB.router4);
      must('ip', 'route', 'add', 'fd00::/16', 'via', LAB.router6);
      must('ip', 'addr', 'replace', 'fe80::1/64', 'dev', router, 'nodad');
    });
    const failed = hosts.filter(({ status }) => status !== 'up');
    assert.equal(hosts.length, 254);
    assert.ok(failed.length > 50 && failed.length < 180, `${failed.length} not up`);
    assert.equal(code, 4, stderr);
    assert.match(run.failure!, /^interface lab-r1 went down during the sweep/);
    const upAtMs = hosts.flatMap(({ status, started_at }) =>
      status === 'up' ? [Date.parse(started_at!)] : [],
    );
    assert.ok(
      Math.max(...upAtMs) - Math.min(...upAtMs) > 1800,
      'it went on when the link was back',
    );
  },
);

labTest('a gateway that answers no pings is no reason to doubt', async () => {
  inRouter('sysctl', '-qw', 'net.ipv4.icmp_echo_ignore_all=1');
  try {
    const { code, run } = await sweepWhile(
      [LIVE_24, LAB.dropped4.replace('/24', '/30'), '--rate', '200', '-r', '0'],
      async () => {},
    );
    assert.deepEqual([code, run.canary!.received, run.doubts], [0, 0, []]);
    assert.match(run.notes.join(), /^the gateway 10\.77\.0\.254 does not answer pings/);
    const own = run.packets['sent']!;
    assert.equal(own, 254 + 2, 'what the canary was sent is not counted as the sweep’s');
  } finally {
    inRouter('sysctl', '-qw', 'net.ipv4.icmp_echo_ignore_all=0');
  }
});

labTest(
  'a canary that was named and does not answer is a doubt; one that answers is none, and has no row',
  async () => {
    const silent = await sweepWhile(
      ['10.79.0.1', '--canary', '10.62.0.9', '-t', '200'],
      async () => {},
    );
    assert.equal(silent.code, 5, silent.stderr);
    assert.match(silent.run.doubts.join(), /^the canary 10\.62\.0\.9 answered none of \d+ probes/);
    for (const canary of ['10.79.0.9', 'fd00:79::9']) {
      const { code, run, hosts } = await sweepWhile(
        ['10.79.0.1', '10.62.0.1', '--canary', canary, '-t', '200', '-r', '0'],
        async () => {},
      );
      assert.deepEqual([code, run.doubts], [0, []]);
      assert.deepEqual(
        hosts.map(({ address }) => address),
        ['10.62.0.1', '10.79.0.1'],
      );
      assert.ok(run.canary!.received > 0);
      assert.equal(run.packets['received'], 1);
    }
  },
);

labTest(
  'nobody but the targets is asked for loopback, connected subnets, few targets, or where the gateway is excluded',
  async () => {
    for (const targets of [
      ['127.0.0.0/24'],
      ['::1', '127.0.0.0/26'],
      ['10.77.0.0/26', '-r', '0', '-t', '100'],
      ['10.79.0.1-15'],
      [LIVE_24, '--exclude', LAB.router4],
      [LIVE_24, '--no-canary'],
    ]) {
      const { run } = await sweepWhile(targets, async () => {});
      assert.equal(run.canary, null, targets.join(' '));
    }
  },
);

for (const engine of ENGINE_NAMES) {
  labTestUnless(
    missingFor(engine),
    `${engine}: a process that is stopped for 1.5 s in mid-sweep calls nobody down who is up, or doubts itself`,
    async () => {
      const hostsAsked = engine === 'system' ? LIVE_24 : LIVE_20;
      const rate = engine === 'system' ? '100' : '2000';
      // An engine that does not know when a reply arrived needs room for what a busy machine holds up.
      const timeoutMs = engine === 'raw' || engine === 'dgram' ? '300' : '1000';
      const args = [hostsAsked, '--engine', engine, '--rate', rate, '-r', '0', '-t', timeoutMs];
      const { code, stderr, run, hosts } = await sweepWhile(args, async ({ process }) => {
        await untilSent(engine === 'system' ? 60 : 500);
        process.kill('SIGSTOP');
        await sleep(1500);
        process.kill('SIGCONT');
      });
      assert.equal(run.statuses['up'], hosts.length, stderr);
      assert.ok(
        run.worst_delay_ms >= 1350 && run.worst_delay_ms < 3000,
        `${run.worst_delay_ms} ms`,
      );
      if (engine === 'raw' || engine === 'dgram') {
        assert.equal(code, 0, stderr);
        assert.match(run.notes.join(), /^the process was held up for 1\.\d s at worst/);
        const rttsMs = hosts.flatMap(({ rtts_ms }) => rtts_ms).filter((rtt) => rtt !== null);
        assert.ok(Math.max(...rttsMs) < 300, `a round-trip time of ${Math.max(...rttsMs)} ms`);
        assert.ok(Math.min(...rttsMs) >= 0);
      } else {
        assert.equal(code, 5, stderr);
        assert.match(run.doubts.join(), /^the process was held up for 1\.\d s: /);
      }
    },
  );
}

const busy: ChildProcess[] = [];
after(() => {
  for (const loop of busy) loop.kill('SIGKILL');
});

labTest(
  'a sweep that is starved of its core by busy neighbours calls nobody down and no round trip long',
  async () => {
    for (let i = 0; i < 3; i++)
      busy.push(spawn('taskset', ['-c', '0', LAB_NODE, '-e', 'for (;;);'], { stdio: 'ignore' }));
    const args = [LIVE_20, '--rate', '2000', '-r', '0', '-t', '200', '-w', '1'];
    const starved = ['taskset', '-c', '0'];
    const { code, stderr, run, hosts } = await sweepWhile(args, async () => {}, starved);
    for (const loop of busy.splice(0)) loop.kill('SIGKILL');
    assert.equal(code, 0, stderr);
    assert.equal(run.statuses['up'], 4094, stderr);
    const rttsMs = hosts.flatMap(({ rtts_ms }) => rtts_ms).filter((rtt) => rtt !== null);
    assert.ok(Math.max(...rttsMs) < 200 && Math.min(...rttsMs) >= 0);
    assert.ok(run.worst_delay_ms > 10, `held up for ${run.worst_delay_ms} ms only`);
  },
);

labTest('a sweep of a few addresses takes no longer for being checked', async () => {
  const args = ['10.79.0.1', '-q', '-o', join(freshFolder(), 'r.csv')];
  const checked = await echosweep(args);
  const unchecked = await echosweep([...args, '--no-canary']);
  assert.deepEqual([checked.code, unchecked.code], [0, 0]);
  assertSoon(checked.ms - unchecked.ms, 1000, 'checking');
});

labTest(
  'a call of fping says its doubt before the summary, because programs read the last line',
  async () => {
    plugUplink(false);
    const call = ['fping', '-q', '-c', '1', '-t', '200', '10.79.0.1'];
    const { code, stderr } = await echosweep(call).finally(() => plugUplink(true));
    const [doubt = '', summary] = stderr.trimEnd().split('\n');
    assert.match(doubt, /^echosweep: the result is doubtful: no carrier /);
    assert.equal(summary, '10.79.0.1 : xmt/rcv/%loss = 1/0/100%');
    assert.equal(code, 1);
  },
);
