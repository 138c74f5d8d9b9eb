/** Agents, hub and coordinators of sites are killed, cut off and without room: each address of each site still has one row. */

import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe } from 'node:test';
import { labTestUnless } from './lab-test.ts';
import { TRIED_SERVERS } from './nats-servers.ts';
import { SiteFailures, SLOW } from './site-failures.ts';
import type { LabAgent } from './site-lab.ts';

const MISSING = TRIED_SERVERS[0]!.missing;
const DEADLINE_MS = 170_000;

const siteTest = (promise: string, body: () => Promise<void>): void =>
  labTestUnless(MISSING, promise, body, DEADLINE_MS);

describe('a sweep of two sites has each address once, with what is there, after', () => {
  let failures: SiteFailures;
  let berlin: LabAgent;

  before(async () => {
    if (MISSING !== undefined || process.env['LAB_SKIP'] !== undefined) return;
    failures = await SiteFailures.open();
    berlin = await failures.lab.startAgent('berlin', 'a1');
    await failures.lab.startAgent('berlin', 'a2', [], 'berlin-2');
    await failures.lab.startAgent('paris', 'p1');
  });
  after(async () => failures?.close());

  siteTest('an agent was killed while it swept', async () => {
    const { watch, lab } = failures;
    const sweep = await failures.sweep(SLOW);
    await watch.sweeping('berlin', 'a1');
    berlin.process.kill('SIGKILL');
    await failures.assertWhole(sweep);
    berlin = await lab.startAgent('berlin', 'a1');
  });

  siteTest('the server was killed, and its folder wiped', async () => {
    const { watch, lab } = failures;
    const sweep = await failures.sweep(SLOW);
    await watch.sweeping('paris', 'p1');
    process.kill(lab.serverPid, 'SIGKILL');
    rmSync(join(lab.hub, 'jetstream'), { recursive: true, force: true });
    const { stderr } = await failures.assertWhole(sweep);
    assert.match(stderr, /the hub lost its memory: \d+ chunks are offered again/);
  });

  siteTest('its coordinator was killed', async () => {
    const { watch } = failures;
    const sweep = await failures.sweep(SLOW);
    const scan = watch.scan!.id;
    await watch.until('a chunk is done', () => watch.progressOf('paris').done > 0);
    sweep.process.kill('SIGKILL');
    await sweep.finished;
    assert.equal(watch.scan!.state, 'running');
    await failures.assertWhole(failures.resume(scan));
    assert.equal(watch.scan!.id, scan);
    assert.equal(watch.scan!.state, 'ended');
  });

  siteTest('a network was cut off for longer than a lease while it swept', async () => {
    const { watch, lab } = failures;
    const sweep = await failures.sweep(SLOW);
    await watch.sweeping('berlin', 'a1');
    lab.setLink('berlin', 'down');
    // The other agent of Berlin does what the first one holds, whose results come late, or never.
    await watch.until('Berlin is done', () => watch.progressOf('berlin').chunksLeft === 0);
    lab.setLink('berlin', 'up');
    await failures.assertWhole(sweep);
    await watch.until('the agent is back without work', () => {
      const chunks = watch.chunksOf('berlin', 'a1');
      return chunks.length === 0;
    });
  });
});
