/**
 * Builds the lab's network around itself and runs a command in it: `node enter.js COMMAND…`.
 * To be started by `unshare`, as scripts/lab-entry.mjs does; it exits as the command does.
 */

import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { assertPrivateNetwork } from './guard.ts';
import { buildNetwork } from './network.ts';
import { shareWithOrdinaryUser } from './ordinary-user.ts';

buildNetwork();
assertPrivateNetwork();
shareWithOrdinaryUser();

const [file, ...args] = process.argv.slice(2);
const child = spawn(file!, args, { stdio: 'inherit' });
// A terminal's Ctrl-C reaches the command by itself; a signal to this process alone would not.
for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
process.on('SIGINT', () => {});
child.on('error', (error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 127;
});
child.on('exit', (code, signal) => {
  process.exitCode = code ?? 128 + constants.signals[signal!];
});
