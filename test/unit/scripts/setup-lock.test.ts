/** One process at a time installs or builds, whatever became of the processes before it. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { scriptUrl } from '../../root.ts';

const SCRIPT = scriptUrl('scripts/setup-lock.mjs');
// Plain JavaScript, which the compiler of the tests does not see.
const { withSetupLock } = (await import(SCRIPT)) as {
  readonly withSetupLock: (root: string, work: () => Promise<void>) => Promise<void>;
};

const root = mkdtempSync(join(tmpdir(), 'setup-lock-'));
const lock = join(root, '.cache', 'setup.lock');
mkdirSync(join(root, '.cache'));
after(() => rmSync(root, { recursive: true, force: true }));

test('a lock whose process has ended is taken over', async () => {
  const ended = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
  await once(ended, 'exit');
  writeFileSync(lock, `${ended.pid} 1\n`);
  await withSetupLock(root, async () => {});
  assert.equal(existsSync(lock), false);
});

test('so is one of an earlier process with the number of a present one', {
  skip: process.platform === 'linux' ? false : 'only Linux shows here when a process started',
}, async () => {
  writeFileSync(lock, `${process.pid} 1\n`);
  await withSetupLock(root, async () => {});
});

test('one whose process was killed is not, as long as what it started goes on', async () => {
  // The child ends when the test closes its standard input.
  const holder = `
    const { spawn } = await import('node:child_process');
    const { withSetupLock } = await import(${JSON.stringify(SCRIPT)});
    await withSetupLock(${JSON.stringify(root)}, async (hold) => {
      const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], { stdio: 'inherit' });
      hold(child.pid);
      process.stdout.write('held');
      await new Promise((resolve) => child.on('exit', resolve));
    });`;
  const started = spawn(process.execPath, ['--input-type=module', '-e', holder], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(started.stdout, 'data');
  started.kill('SIGKILL');
  await once(started, 'exit');
  assert.equal(readFileSync(lock, 'utf8').trim().split('\n').length, 2);
  let isIn = false;
  const waiting = withSetupLock(root, async () => {
    isIn = true;
  });
  assert.equal(isIn, false);
  started.stdin.end();
  await waiting;
  assert.equal(isIn, true);
});
