/** Of two processes, one waits for a scan of sites; if it is killed, another can go on with it. */

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { after, test } from 'node:test';
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
