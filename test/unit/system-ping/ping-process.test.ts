/** Running one ping: what is not for it to say is waited out. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withoutDescriptors } from '../without-descriptors.ts';

/** Frees them once the program could not be started. */
const RUN = `
  setTimeout(free, 150);
  const { signal } = new AbortController();
  const { text } = await tested.runPing('echo', ['reply'], 1, 10_000, signal);
  process.stdout.write(text);`;

test('a ping that cannot be started for want of descriptors is started later', {
  skip: process.platform === 'win32' && 'Windows has no such limit',
}, async () => {
  const stdout = await withoutDescriptors('src/system-ping/ping-process.ts', RUN);
  assert.equal(stdout.trim(), 'reply');
});
