/** `node scripts/release/try-executable.mjs FOLDER`: runs the executable for Linux in a system that holds only the libraries that it is linked with. */

import assert from 'node:assert/strict';
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeEmptySystem, report, runThere, succeedThere } from './bare-system.mjs';

const FOLDER = process.argv[2];
const USER = 12_345;
const UP = /^127\.0\.0\.1,,up,echo-reply,/m;

const root = mkdtempSync(join(tmpdir(), 'echosweep-try-'));
try {
  const name = readdirSync(FOLDER).find((each) => each.endsWith('-linux-x64'));
  assert.ok(name, `${FOLDER} has no executable`);
  makeEmptySystem(root, join(FOLDER, name));
  mkdirSync(join(root, 'var/cache'), { recursive: true });
  copyFileSync(join(FOLDER, name), join(root, 'echosweep'));
  chmodSync(join(root, 'echosweep'), 0o755);
  tryAsRoot(name);
  tryAsUser(name);
} finally {
  rmSync(root, { recursive: true, force: true });
}

function tryAsRoot(name) {
  const sweep = ['127.0.0.1', '--engine', 'raw', '-w', '2'];
  assert.match(succeed(sweep), UP);
  assert.match(succeed(['inventory', 'schema']), /^\{/);
  report(`${name}: sweeps in an empty system`);
  symlinkSync('echosweep', join(root, 'fping'));
  assert.equal(runThere(root, ['/fping', '127.0.0.1']).stdout, '127.0.0.1 is alive\n');
  report(`${name}: is fping if a link to it is named so`);
  const main = join(unpackedFor(0), 'src/bin/command.cjs');
  const intact = readFileSync(main);
  appendFileSync(main, 'damaged');
  assert.match(succeed(sweep), UP);
  assert.deepEqual(readFileSync(main), intact);
  const { atime, mtime } = statSync(main);
  writeFileSync(main, Buffer.alloc(intact.length));
  utimesSync(main, atime, mtime);
  assert.match(succeed(sweep), UP);
  assert.deepEqual(readFileSync(main), intact);
  report(`${name}: unpacks again what was changed, whatever its size and time`);
  const sudo = { SUDO_UID: String(USER), SUDO_GID: String(USER) };
  assert.match(succeed(sweep, { env: sudo }), UP);
  report(`${name}: sweeps after it gave root up for the user of sudo`);
}

function tryAsUser(name) {
  succeed(['--version'], { uid: USER });
  assert.doesNotMatch(run(['doctor'], { uid: USER }).stdout, /setcap.*\/echosweep/);
  const folder = unpackedFor(USER);
  assert.equal(statSync(folder).mode & 0o777, 0o700);
  // Of root, as another user could have made it before.
  rmSync(folder, { recursive: true });
  mkdirSync(folder);
  const { status, stderr } = run(['--version'], { uid: USER });
  assert.equal(status, 4);
  assert.match(stderr, /^echosweep: cannot unpack itself \(.*\): set TMPDIR /);
  mkdirSync(join(root, 'open'));
  chmodSync(join(root, 'open'), 0o777);
  const open = run(['--version'], { uid: USER, env: { TMPDIR: '/open' } });
  assert.match(open.stderr, /\/open is open to other users/);
  report(`${name}: runs nothing that another user could have changed`);
}

function unpackedFor(uid) {
  const folder = join(root, uid === 0 ? 'var/cache' : 'tmp');
  const found = readdirSync(folder).filter((each) => each.endsWith(`-${uid}`));
  assert.equal(found.length, 1, `${found}`);
  return join(folder, found[0]);
}

function succeed(args, options) {
  return succeedThere(root, ['/echosweep', ...args], options);
}

function run(args, options) {
  return runThere(root, ['/echosweep', ...args], options);
}
