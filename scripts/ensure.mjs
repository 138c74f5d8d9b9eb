/** Installs what is missing and builds what is stale, so that a fresh clone and an edited one both just run. */

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleCommand, COMMAND, COMMAND_FOLDER, COMMAND_OUTPUTS } from './bundle-command.mjs';
import {
  bundlePage,
  isPageBundled,
  isPageSource,
  PAGE_OUTPUTS,
  PAGE_STAMP,
} from './bundle-page.mjs';
import { withSetupLock } from './setup-lock.mjs';

/** The folder of package.json. */
export const ROOT = fileURLToPath(new URL('..', import.meta.url));
const DIST = join(ROOT, 'dist');
/** The built command. */
export const MAIN = join(DIST, COMMAND);

const BUILD_INFO = join(DIST, '.tsbuildinfo');
/** Holds the fingerprint of the sources that dist was built from; absent if a build failed. */
const STAMP = join(DIST, '.built-from');
/** What it holds while the compiler is at work. */
const COMPILING = 'compiling';

/** Packages for this system that nothing can be built or sent without: npm takes them for optional, as it does all of their kind. */
const NATIVE = ['@esbuild/', '@koromix/koffi-', '@typescript/typescript-'].map(
  (name) => `node_modules/${name}${process.platform}-${process.arch}`,
);

/** Why the project cannot be made ready: one line that ends with what to do. */
export class SetupError extends Error {}

/** Runs `npm ci` if node_modules is not what package-lock.json says. @throws {SetupError} */
export async function ensureInstalled() {
  if (isInstalled()) return;
  requireWritable(['.', 'node_modules', '.cache'], 'install the dependencies');
  await withSetupLock(ROOT, async (hold) => {
    if (!isInstalled()) await install(hold);
  });
}

/** Runs the compiler if dist was not built from the present sources. @throws {SetupError} */
export async function ensureBuilt() {
  if (isBuilt(readSources())) return;
  requireWritable(['.', 'dist', '.cache'], 'build');
  await withSetupLock(ROOT, async (hold) => {
    const sources = readSources();
    if (!isBuilt(sources)) await build(sources, hold);
  });
}

/** All that code needs which runs from source: the bundles of the pages, in dist. @throws {SetupError} */
export async function ensurePageBundled() {
  if (isPageBundled(ROOT, DIST)) return;
  requireWritable(['.', 'dist', '.cache'], 'build');
  await withSetupLock(ROOT, bundle);
}

/** npm keeps a list of what it installed; optional packages that do not build are missing from it. */
function isInstalled() {
  const wanted = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')).packages;
  let installed;
  try {
    installed = JSON.parse(
      readFileSync(join(ROOT, 'node_modules/.package-lock.json'), 'utf8'),
    ).packages;
  } catch {
    return false;
  }
  return Object.entries(wanted).every(([path, { version, optional }]) => {
    if (path === '') return true;
    const isNeeded = !optional || NATIVE.includes(path);
    if (installed[path] === undefined) return !isNeeded;
    return installed[path].version === version && (!isNeeded || existsSync(join(ROOT, path)));
  });
}

async function install(hold) {
  say('installing dependencies (npm ci)');
  // Needed to build and to run, even if npm is configured to omit them (NODE_ENV=production, omit=optional).
  const args = ['ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund'];
  const npm = process.env.npm_execpath;
  const done = npm?.endsWith('npm-cli.js')
    ? await run(process.execPath, [npm, ...args], hold)
    : await run('npm', args, hold, { shell: process.platform === 'win32' });
  if (done.status !== 0) {
    throw new SetupError(`npm ci failed${cause(done)}: fix what it reports above and try again`);
  }
}

/** @returns the sources to compile by path, and one fingerprint of all that the build depends on */
function readSources() {
  const sources = ['src', 'workers', 'test', 'examples'].flatMap(filesBelow);
  const compiled = sources.filter((path) => path.endsWith('.ts') && !isPageSource(path)).sort();
  const bundlers = ['page', 'command', 'plugins'].map((name) => `scripts/bundle-${name}.mjs`);
  const bundled = [...sources.filter(isPageSource).sort(), ...bundlers, 'scripts/licences.mjs'];
  const hash = createHash('sha256');
  for (const path of ['tsconfig.json', 'package-lock.json', ...compiled, ...bundled]) {
    hash
      .update(`${path}\0`)
      .update(readFileSync(join(ROOT, path)))
      .update('\0');
  }
  return { compiled, fingerprint: hash.digest('hex') };
}

function isBuilt({ compiled, fingerprint }) {
  if (builtFrom() !== fingerprint) return false;
  return outputsOfAll(compiled).every((path) => existsSync(join(DIST, path)));
}

function builtFrom() {
  try {
    return readFileSync(STAMP, 'utf8');
  } catch {
    return undefined;
  }
}

async function build({ compiled, fingerprint }, hold) {
  say('building');
  const outputs = new Set(outputsOfAll(compiled));
  // The compiler trusts its build info: it would write neither a deleted output again, nor one of other sources that it
  // wrote before it was killed, because it writes the build info last.
  if (
    builtFrom() === COMPILING ||
    compiled.flatMap(outputsOf).some((path) => !existsSync(join(DIST, path)))
  )
    rmSync(BUILD_INFO, { force: true });
  mkdirSync(DIST, { recursive: true });
  writeFileSync(STAMP, COMPILING);
  const compiler = join(ROOT, 'node_modules/@typescript/native/bin/tsc');
  const done = await run(process.execPath, [compiler, '-p', ROOT], hold);
  if (typeof done.status === 'number') rmSync(STAMP);
  if (done.status !== 0) {
    throw new SetupError(`the build failed${cause(done)}: fix what the compiler reports above`);
  }
  await bundle();
  try {
    await bundleCommand(ROOT, DIST);
  } catch (error) {
    throw new SetupError(`the command cannot be bundled: ${error.message}`);
  }
  removeStale(outputs);
  if (existsSync(MAIN)) chmodSync(MAIN, 0o755);
  writeFileSync(STAMP, fingerprint);
}

async function bundle() {
  if (isPageBundled(ROOT, DIST)) return;
  try {
    await bundlePage(ROOT, DIST);
  } catch (error) {
    throw new SetupError(`the pages cannot be built: ${error.message}`);
  }
}

/** Outputs of deleted sources would be packed, and their tests run. */
function removeStale(outputs) {
  const kept = new Set([BUILD_INFO, join(DIST, PAGE_STAMP)]);
  for (const path of filesBelow('dist')) {
    const full = join(ROOT, path);
    const output = relative(DIST, full).split(sep).join('/');
    // The bundler empties its folder itself.
    if (kept.has(full) || outputs.has(output) || output.startsWith(`${COMMAND_FOLDER}/`)) continue;
    rmSync(full);
    removeEmptyFolders(dirname(full));
  }
}

function removeEmptyFolders(folder) {
  if (folder === DIST || readdirSync(folder).length > 0) return;
  rmdirSync(folder);
  removeEmptyFolders(dirname(folder));
}

function outputsOfAll(compiled) {
  return [...compiled.flatMap(outputsOf), ...PAGE_OUTPUTS, ...COMMAND_OUTPUTS];
}

function outputsOf(source) {
  if (source.endsWith('.d.ts')) return [];
  const stem = source.slice(0, -'.ts'.length);
  return [`${stem}.js`, `${stem}.d.ts`];
}

/** @returns {string[]} paths from the root, with slashes */
function filesBelow(folder) {
  if (!existsSync(join(ROOT, folder))) return [];
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)).split(sep).join('/'));
}

function requireWritable(folders, purpose) {
  for (const folder of folders.map((name) => join(ROOT, name)).filter(existsSync)) {
    try {
      accessSync(folder, constants.W_OK);
    } catch {
      throw new SetupError(
        `cannot ${purpose}: ${folder} is not yours to write; run this once as its owner, or copy the project to a folder of your own`,
      );
    }
  }
}

/** If this process is killed, the other goes on, and must not meet a second one. */
async function run(file, args, hold, options = {}) {
  const child = spawn(file, args, { cwd: ROOT, stdio: ['ignore', 2, 2], ...options });
  if (child.pid !== undefined) hold(child.pid);
  try {
    const [status, signal] = await once(child, 'exit');
    return { status, signal };
  } catch (error) {
    return { error };
  }
}

function cause({ error, signal }) {
  if (error) return ` (${error.message})`;
  return signal ? ` (${signal})` : '';
}

/** Standard output belongs to the command that is about to run. */
function say(line) {
  process.stderr.write(`echosweep: ${line}\n`);
}
