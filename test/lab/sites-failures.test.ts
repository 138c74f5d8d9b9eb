/** Sites whose agents, hub and coordinator are killed, cut off or missing: each address of each site still has one row. */

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseCsv } from './csv.ts';
import { labTestUnless } from './lab-test.ts';
import { TRIED_SERVERS } from './nats-servers.ts';
import { echosweep, type Finished, type Running, startEchosweep } from './run.ts';
import { SiteLab } from './site-lab.ts';

const HOSTS = 8192;
const SWEEP = ['10.200.0.0/19', '--include-edges', '-r', '0', '-t', '300'];
const LEASE_MS = 3000;
/** Berlin's hosts are all up; half of those of Paris are silent. */
const SITES = [{ name: 'berlin' }, { name: 'paris', silent: '10.200.16.0/20' }] as const;
const UP = { berlin: HOSTS, paris: HOSTS / 2 };

type Up = Readonly<Partial<Record<keyof typeof UP, number>>>;

/** A lab whose agents lose their chunks within seconds, and what sweeps in it. */
class Failures {
  readonly lab: SiteLab;
  readonly report: string;

  private constructor(lab: SiteLab) {
    this.lab = lab;
    this.report = join(lab.folder, 'report.csv');
    const file = join(lab.hub, 'hub.json');
    const hub = JSON.parse(readFileSync(file, 'utf8')) as object;
    writeFileSync(file, JSON.stringify({ ...hub, leaseMs: LEASE_MS }));
  }

  static async open(): Promise<Failures> {
    const server = TRIED_SERVERS[0]!;
    return new Failures(await SiteLab.open(SITES, { program: server.program!.path }));
  }

  sweep(ratePps = 4000, ...args: readonly string[]): Running {
    const sites = ['--sites', 'berlin,paris', '--hub', this.lab.hub, '-o', this.report];
    return startEchosweep([...SWEEP, '--rate', `${ratePps}`, ...sites, ...args], {
      deadlineMs: 100_000,
    });
  }

  scans(...args: readonly string[]): Promise<Finished> {
    return echosweep(['scans', ...args, '--hub', this.lab.hub], { deadlineMs: 100_000 });
  }

  /** The newest scan of the journal. */
  async newest(): Promise<Record<string, string>> {
    const { stdout } = await this.scans();
    return parseCsv(stdout).at(-1) ?? {};
  }

  /** Until the newest scan has the rows of a chunk, but not all. */
  async underWay(): Promise<string> {
    for (;;) {
      const { id = '', done = '0', state } = await this.newest();
      if (Number(done) > 0 && state === 'running') return id;
      await sleep(100);
    }
  }

  /** Each address of these sites has one row, and the hosts that are up there are up. */
  assertWhole(up: Up = UP): void {
    const rows = parseCsv(readFileSync(this.report, 'utf8'));
    const keys = new Set(rows.map(({ site, address }) => `${site} ${address}`));
    assert.equal(rows.length, HOSTS * Object.keys(up).length);
    assert.equal(keys.size, rows.length);
    for (const [name, count] of Object.entries(up)) {
      const there = rows.filter(({ site, status }) => site === name && status === 'up');
      assert.equal(there.length, count, name);
    }
  }
}

async function succeeded(running: Running): Promise<void> {
  const { code, stderr } = await running.finished;
  assert.equal(code, 0, stderr);
}

const missing = TRIED_SERVERS[0]?.missing;

labTestUnless(
  missing,
  'agents, hub server and coordinator are killed, and a site is cut off: each address has one row of its site',
  async () => {
    const failures = await Failures.open();
    const { lab } = failures;
    try {
      const berlin = await lab.startAgent('berlin', 'a1');
      const paris = await lab.startAgent('paris', 'a1');
      await lab.startAgent('paris', 'a2');

      // An agent in mid chunk: the other one of its site takes it over.
      const first = failures.sweep();
      await failures.underWay();
      paris.process.kill('SIGKILL');
      await succeeded(first);
      failures.assertWhole();

      // The server, which forgets everything; the hub starts it again.
      const second = failures.sweep();
      await failures.underWay();
      process.kill(lab.serverPid, 'SIGKILL');
      await succeeded(second);
      failures.assertWhole();

      // The coordinator: what it has is in the journal.
      const third = failures.sweep();
      const id = await failures.underWay();
      third.process.kill('SIGKILL');
      await third.finished;
      const resumed = await failures.scans('resume', id, '-o', failures.report, '-q');
      assert.equal(resumed.code, 0, resumed.stderr);
      failures.assertWhole();

      // A site is cut off for longer than a lease, and its agent goes on meanwhile.
      const fourth = failures.sweep();
      await failures.underWay();
      lab.setLink('berlin', 'down');
      await sleep(LEASE_MS + 1000);
      lab.setLink('berlin', 'up');
      await succeeded(fourth);
      failures.assertWhole();
      assert.equal(berlin.process.exitCode, null);
    } finally {
      await lab.close();
    }
  },
  180_000,
);

labTestUnless(
  missing,
  'a site without an agent is missing and never down; a cancelled sweep stops at its sites',
  async () => {
    const failures = await Failures.open();
    const { lab } = failures;
    try {
      await lab.startAgent('berlin', 'a1');
      const alone = await failures.sweep(4000, '--deadline', '15').finished;
      assert.equal(alone.code, 5, alone.stderr);
      assert.match(alone.stderr, /paris: .*no agent of paris was heard of/s);
      failures.assertWhole({ berlin: HOSTS });

      // Without an agent of Paris it would go on for an hour.
      const sweep = failures.sweep();
      const id = await failures.underWay();
      const cancelled = await failures.scans('cancel', id);
      assert.equal(cancelled.code, 0, cancelled.stderr);
      const ended = await sweep.finished;
      assert.match(ended.stderr, /partial/);
      assert.equal((await failures.newest())['state'], 'stopped');
    } finally {
      await lab.close();
    }
  },
  120_000,
);
