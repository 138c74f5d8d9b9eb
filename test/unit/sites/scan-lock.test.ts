/** Of two processes, one waits for a scan of sites; if it is killed, another can go on with it. */

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { EchosweepError } from '../../../src/errors.ts';
import { lockScan } from '../../../src/sites/scan-lock.ts';
import { modulePath } from '../../root.ts';
import { temporaryFolder } from '../inventory/samples.ts';

const JOURNAL = join(temporaryFolder(), 'journal.db');

/** Starts a process that wants the scan, and waits for its first line. */
async function wanting(scan: string): Promise<{ child: ChildProcess; said: string }> {
  const holder = modulePath('test/unit/sites/hold-scan.ts');
  const child = spawn(process.execPath, [holder, JOURNAL, scan], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  after(() => child.kill('SIGKILL'));
  const [said] = await once(child.stdout, 'data');
  return { child, said: String(said).trim() };
}

async function killed(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

test('a second process is refused a scan that another waits for, until that one is killed', async () => {
  const first = await wanting('s1');
  assert.equal(first.said, 'held');
  const second = await wanting('s1');
  const other = await wanting('s2');
  assert.deepEqual([second.said, other.said], ['INVENTORY_BUSY', 'held']);
  await Promise.all([killed(first.child), killed(other.child)]);
  const third = await wanting('s1');
  assert.equal(third.said, 'held');
  await killed(third.child);
});

test('two processes do not wait for the same scan, also while one of them ends', async () => {
  const folder = temporaryFolder();
  const path = join(folder, 'journal.db');
  const first = await lockScan(path, 's1');
  await assert.rejects(lockScan(path, 's1'), { code: 'INVENTORY_BUSY' });
  let holders = 0;
  first.release();
  const take = async (): Promise<void> => {
    try {
      const lock = await lockScan(path, 's1');
      assert.equal(++holders, 1);
      await setImmediate();
      holders--;
      lock.release();
    } catch (error) {
      if (!(error instanceof EchosweepError) || error.code !== 'INVENTORY_BUSY') throw error;
    }
  };
  await Promise.all(Array.from({ length: 40 }, take));
  // Windows does not remove a file that is open.
  const mayStay = process.platform === 'win32' ? ['journal.db-s1.lock'] : [];
  assert.deepEqual(
    readdirSync(folder).filter((name) => !mayStay.includes(name)),
    [],
  );
});
