/** Running one ping: what is not for it to say is waited out. */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { modulePath } from '../../root.ts';

const PING_PROCESS = modulePath('src/system-ping/ping-process.ts');
/** Uses up the descriptors, runs a program, and frees them once it could not be started. */
const RUN_WITHOUT_DESCRIPTORS = `
  import { closeSync, openSync } from 'node:fs';
  const { runPing } = await import(process.argv[1]);
  const open = [];
  try {
    for (;;) open.push(openSync('/dev/null'));
  } catch {}
  setTimeout(() => open.forEach((descriptor) => closeSync(descriptor)), 150);
  const { text } = await runPing('echo', ['reply'], 1, 10_000, new AbortController().signal);
  process.stdout.write(text);`;

test('a ping that cannot be started for want of descriptors is started later', {
  skip: process.platform === 'win32' && 'Windows has no such limit',
}, async () => {
  const limited = ['-c', 'ulimit -n 64 && exec "$0" "$@"', process.execPath];
  const script = ['--input-type=module', '--eval', RUN_WITHOUT_DESCRIPTORS, PING_PROCESS];
  const { stdout } = await promisify(execFile)('/bin/sh', [...limited, ...script]);
  assert.equal(stdout.trim(), 'reply');
});
