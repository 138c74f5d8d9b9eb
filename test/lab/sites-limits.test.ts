/** What sites must not do: sweep in quiet hours, or after a scan was cancelled. What is missing is said, and never down. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe } from 'node:test';
import { resolveSettings } from '../../src/settings.ts';
import { siteSweep } from '../../src/sites/site-sweep.ts';
import { labTestUnless } from './lab-test.ts';
import { TRIED_SERVERS } from './nats-servers.ts';
import { echosweep } from './run.ts';
import { rowsOf, SiteFailures, SLOW, sweptTargets, truthOf } from './site-failures.ts';
import type { LabAgent } from './site-lab.ts';
import { SiteWatch } from './site-watch.ts';

const MISSING = TRIED_SERVERS[0]!.missing;
const DEADLINE_MS = 170_000;
const SITES = ['berlin', 'paris'] as const;

const siteTest = (promise: string, body: () => Promise<void>): void =>
  labTestUnless(MISSING, promise, body, DEADLINE_MS);

describe('sites sweep only what and when they should:', () => {
  let failures: SiteFailures;
  let paris: LabAgent;

  before(async () => {
    if (MISSING !== undefined || process.env['LAB_SKIP'] !== undefined) return;
    failures = await SiteFailures.open();
    await failures.lab.startAgent('berlin', 'a1');
    paris = await failures.lab.startAgent('paris', 'p1');
  });
  after(async () => failures?.close());

  siteTest('quiet hours stop the agents of their site, and no other site waits', async () => {
    const { watch } = failures;
    let isQuiet = false;
    const openUntil = (nowMs: number): number => (isQuiet ? nowMs : Number.POSITIVE_INFINITY);
    const rows: string[] = [];
    const sweep = siteSweep({
      ...watch.hub,
      isSpread: false,
      sites: SITES.map((site) => ({
        site,
        slots: 2,
        ratePps: 250,
        ...(site === 'berlin' && { openUntil }),
      })),
    });
    const before = watch.scan?.id;
    const run = sweep({
      settings: resolveSettings({ targets: [], retries: 0, timeoutMs: 300 }),
      targets: sweptTargets(),
      command: 'echosweep',
      onRows: async (some) => {
        for (const { site, address, status } of some) rows.push(`${site} ${address} ${status}`);
      },
    });
    await watch.newScan(before);
    await watch.sweeping('berlin', 'a1');
    isQuiet = true;
    await watch.until('Berlin is quiet', () => watch.chunksOf('berlin', 'a1').length === 0);
    await watch.until('Paris is done', () => watch.progressOf('paris').chunksLeft === 0);
    assert.ok(watch.progressOf('berlin').chunksLeft > 0);
    assert.deepEqual(watch.chunksOf('berlin', 'a1'), []);
    isQuiet = false;
    const record = await run;
    assert.deepEqual(rows, SITES.flatMap(truthOf));
    assert.equal(record.partial, false);
  });

  siteTest('a full disk keeps results waiting until there is room', async () => {
    const { lab } = failures;
    const small = join(lab.folder, 'small');
    mkdirSync(small);
    assert.equal(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'small', small]).status, 0);
    copyFileSync(join(lab.hub, 'hub.json'), join(small, 'hub.json'));
    const watch = await SiteWatch.open(small);
    const sweep = await failures.sweep(SLOW, watch);
    let log = '';
    sweep.process.stderr?.on('data', (text: string) => {
      log += text;
    });
    // Before that a sweep that finds no room has begun nothing, and ends.
    await watch.sweeping('berlin', 'a1');
    fill(join(small, 'rubbish'));
    await watch.until('it says so', () => log.includes('has no room'));
    rmSync(join(small, 'rubbish'));
    await failures.assertWhole(sweep);
    await watch.close();
  });

  siteTest('a scan that is cancelled stops at its sites', async () => {
    const { watch, lab } = failures;
    paris.process.kill('SIGKILL');
    const sweep = await failures.sweep();
    await watch.until('Berlin is done', () => watch.progressOf('berlin').chunksLeft === 0);
    // It would wait for Paris.
    const cancelled = await echosweep(['scans', 'cancel', watch.scan!.id, '--hub', lab.hub]);
    assert.equal(cancelled.code, 0, cancelled.stderr);
    const { stderr } = await sweep.finished;
    assert.match(stderr, /partial/);
    assert.equal(watch.scan!.state, 'stopped');
    failures.assertRows(['berlin']);
  });

  siteTest('a site without an agent is missing at the deadline, and never down', async () => {
    const sweep = await failures.sweep(['--deadline', '15']);
    const { code, stderr } = await sweep.finished;
    assert.equal(code, 5, stderr);
    assert.match(stderr, /paris: 2,048 of 2,048 targets have no row: no agent of paris/);
    assert.deepEqual(
      rowsOf(failures.report).filter((row) => row.startsWith('paris')),
      [],
    );
  });
});

/** Until there is no room. */
function fill(path: string): void {
  for (let octets = 1 << 16; octets >= 1; octets >>= 2) {
    try {
      for (;;) writeFileSync(path, Buffer.alloc(octets), { flag: 'a' });
    } catch (error) {
      assert.equal((error as NodeJS.ErrnoException).code, 'ENOSPC');
    }
  }
}
