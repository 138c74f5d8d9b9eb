/** kill -9 at any moment costs at most the scan under way, never the history, and leaves no lock. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { hostHistories } from '../../../src/inventory/host-list.ts';
import { lockNetwork } from '../../../src/inventory/network-lock.ts';
import { latestScan } from '../../../src/inventory/scan-writer.ts';
import { openStore } from '../../../src/inventory/store.ts';
import { modulePath } from '../../root.ts';
import { hourOf, temporaryFolder, upAt } from './samples.ts';

const SCANNER = modulePath('test/unit/inventory/scan-forever.ts');
/** In all; each inventory is killed over and over, so that damage would add up. */
const KILLS = Number(process.env['CRASH_RUNS'] ?? 200);
const INVENTORIES = 4;

/**
 * Every other process is killed while it starts, or soon after, and every other while it scans.
 * @returns the number of the last scan that the process said was kept; undefined where it said nothing
 */
async function killSomeTimeLater(path: string, isScanning: boolean): Promise<number | undefined> {
  const child = spawn(process.execPath, [SCANNER, path], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  let complaint = '';
  child.stdout.on('data', (chunk) => {
    said += chunk;
  });
  child.stderr.on('data', (chunk) => {
    complaint += chunk;
  });
  const closed = new Promise((resolve) => child.on('close', resolve));
  if (isScanning) await new Promise((resolve) => child.stdout.once('data', resolve));
  await sleep(Math.random() * (isScanning ? 60 : 400));
  child.kill('SIGKILL');
  await closed;
  assert.equal(complaint, '');
  const numbers = said.split('\n').slice(0, -1);
  return numbers.length === 0 ? undefined : Number(numbers.at(-1));
}

test('the history after each of hundreds of kills is whole', { timeout: 1_200_000 }, async () => {
  const folder = temporaryFolder();
  const paths = Array.from({ length: INVENTORIES }, (_, i) => join(folder, `${i}.db`));
  await Promise.all(paths.map((path) => killOverAndOver(path, KILLS / INVENTORIES)));
});

async function killOverAndOver(path: string, kills: number): Promise<void> {
  let kept = -1;
  for (let kill = 0; kill < kills; kill++) {
    kept = (await killSomeTimeLater(path, kill % 2 === 1)) ?? kept;
    const store = await openStore(path);
    const check = store.database.prepare('PRAGMA integrity_check').all();
    assert.deepEqual(
      check.map((row) => Object.values(row)[0]),
      ['ok'],
    );
    const latest = latestScan(store, 'office');
    const scans =
      latest === undefined ? 0 : (latest.getTime() - hourOf(0).getTime()) / 3_600_000 + 1;
    // The one that it was about to tell of may have been kept.
    assert.ok(scans === kept + 1 || scans === kept + 2, `${scans} scans, ${kept} was told`);
    kept = scans - 1;
    if (scans > 0) {
      // Host 0 answers the scans 0 and 1 of every four.
      const { days } = hostHistories(store, upAt('192.0.2.0', 0).key, hourOf(0))[0]!;
      const sum = (field: 'asked' | 'up') => days.reduce((total, day) => total + day[field], 0);
      const up = Array.from({ length: scans }, (_, n) => n).filter((n) => n % 4 < 2).length;
      assert.deepEqual([sum('asked'), sum('up')], [scans, up]);
    }
    store.close();
    (await lockNetwork(path, 'office')).release();
  }
  assert.ok(kept + 1 >= Math.floor(kills / 2), `only ${kept + 1} scans were ever kept`);
}
