/**
 * `npm run lab -- COMMAND…`: runs any command inside the lab's private network; test/lab/address-plan.ts says what answers
 * there. `npm run lab -- RULES.json -- COMMAND…` adds a simulated network, as test/lab/simulator/README.md describes.
 */

import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { join, resolve } from 'node:path';
import { ROOT } from './ensure.mjs';
import { findLab, labEnvironment } from './lab-entry.mjs';
import { makeReady } from './make-ready.mjs';

await makeReady();

const command = process.argv.slice(process.argv[2] === '--' ? 3 : 2);
if (command.length === 0) {
  process.stderr.write('usage: npm run lab -- [RULES.json --] COMMAND [ARGUMENT…]\n');
  process.exit(3);
}
const lab = findLab();
if (lab.command === undefined) {
  process.stderr.write(`no lab here: ${lab.reason}; this would let it run: ${lab.cure}\n`);
  process.exit(4);
}
const [file, ...args] = [...lab.command, ...withSimulation(command)];
const child = spawn(file, args, { stdio: 'inherit', env: labEnvironment() });
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
process.on('SIGINT', () => {});
child.on('exit', (code, signal) => {
  process.exitCode = code ?? 128 + constants.signals[signal];
});

/** A rule file before a second `--` adds a simulated network. */
function withSimulation(words) {
  const [rules, separator, ...rest] = words;
  if (separator !== '--') return words;
  const program = join(ROOT, 'dist/test/lab/simulator/try.js');
  return [process.execPath, program, resolve(rules), ...rest];
}
