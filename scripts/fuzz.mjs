/**
 * `npm run fuzz [-- --seconds N --seed N --property NAME --path PATH]`: tries the properties of test/fuzz on new
 * cases. Prints the seed, and of a failure the case and the command that repeats it; a hang is a failure too.
 */

import { fork } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from './ensure.mjs';
import { makeReady } from './make-ready.mjs';

/** A property's turn takes a second or two. */
const HANG_MS = 60_000;

await makeReady();

const child = fork(join(ROOT, 'dist/test/fuzz/main.js'), process.argv.slice(2));
let turn = { property: '', seed: 0 };
let watchdog;
let isHanging = false;
child.on('message', (message) => {
  turn = message;
  clearTimeout(watchdog);
  watchdog = setTimeout(() => {
    isHanging = true;
    child.kill('SIGKILL');
  }, HANG_MS);
});
child.on('exit', (code, signal) => {
  clearTimeout(watchdog);
  process.exitCode = code ?? 1;
  // Node's code for a promise that nothing will settle any more (13) is a hang too.
  if (!isHanging && code !== 13) {
    if (signal !== null) process.stderr.write(`ended by ${signal}\n`);
    return;
  }
  const replay = `npm run fuzz -- --property ${JSON.stringify(turn.property)} --seed ${turn.seed}`;
  process.stderr.write(`\nFAILED ${turn.property}\nit never ended\nreplay: ${replay}\n`);
  process.exitCode = 1;
});
for (const name of ['SIGINT', 'SIGTERM']) process.on(name, () => child.kill(name));
