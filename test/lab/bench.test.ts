/** The benchmark still runs: each scenario once, over a few hosts. */

import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { modulePath } from '../root.ts';
import { labTest } from './lab-test.ts';
import { start } from './run.ts';

const BENCH = modulePath('test/bench/main.ts');
const NAMESPACES = ['unshare', '--net', '--mount', '--propagation', 'private'];

labTest('every scenario of the benchmark runs, and echosweep finds all that there is', async () => {
  const command = [...NAMESPACES, process.execPath, BENCH, '--smoke'];
  // The benchmark has a /run of its own, so that the lab's folder for temporary files is not there.
  const { code, stdout, stderr } = await start(command, { env: { TMPDIR: tmpdir() } }).finished;
  assert.equal(code, 0, `${stdout}${stderr}`);
  assert.match(stdout, /^live-12 +echosweep/m);
  assert.match(stdout, /^slash8 /m);
});

labTest('a scenario that there is not is named, with those that there are', async () => {
  const command = [...NAMESPACES, process.execPath, BENCH, 'live-99'];
  const { code, stderr } = await start(command).finished;
  assert.equal(code, 3);
  assert.match(stderr, /^unknown scenario: live-99$/m);
  assert.match(stderr, /^ {2}live-16 /m);
});
