/** `npm run bench -- [SCENARIO…]`: compares echosweep with its peers in a private network, over test/bench/scenarios.ts. */

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from './ensure.mjs';
import { findLab, labEnvironment } from './lab-entry.mjs';
import { makeReady } from './make-ready.mjs';

await makeReady();

const lab = findLab();
if (lab.command === undefined) {
  process.stderr.write(`no lab here: ${lab.reason}; this would let it run: ${lab.cure}\n`);
  process.exit(4);
}
// The lab network has rules and routers that cost time, so the benchmark makes a plainer one within.
const within = ['unshare', '--net', '--mount', '--propagation', 'private'];
const bench = [process.execPath, join(ROOT, 'dist/test/bench/main.js'), ...process.argv.slice(2)];
const [file, ...args] = [...lab.command, ...within, ...bench];
const done = spawnSync(file, args, { stdio: 'inherit', env: labEnvironment() });
process.exitCode = done.status ?? 1;
