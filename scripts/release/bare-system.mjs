/** Systems that have next to nothing, to try releases on: a minimal Debian made of this one's files, and a folder of libraries. */

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';

const DPKG = 'var/lib/dpkg';
/** The users and groups of a new system. */
const ACCOUNTS = [
  ['/usr/share/base-passwd/passwd.master', 'etc/passwd'],
  ['/usr/share/base-passwd/group.master', 'etc/group'],
];

/**
 * A Debian with its essential packages and those named, and a package database that knows no others.
 * @param {string} root an empty folder
 * @param {readonly string[]} further names of installed packages
 */
export function makeMinimalDebian(root, further) {
  const paragraphs = readFileSync(`/${DPKG}/status`, 'utf8').trimEnd().split('\n\n');
  const packages = closureOf(paragraphs.map(asPackage), further);
  const paths = packages.flatMap(({ name, arch }) =>
    execFileSync('dpkg-query', ['-L', `${name}:${arch}`], { encoding: 'utf8' })
      .trim()
      .split('\n'),
  );
  // Links since Debian merged /usr, which packages still name: they have to lead somewhere.
  copyAll(root, ['/usr/bin', '/usr/sbin', '/usr/lib', '/usr/lib64']);
  copyAll(root, ['/bin', '/sbin', '/lib', '/lib64']);
  copyAll(
    root,
    [...new Set(paths)].filter((path) => path.startsWith('/') && path !== '/.'),
  );
  for (const folder of ['info', 'updates', 'triggers', 'alternatives', 'parts']) {
    mkdirSync(join(root, DPKG, folder), { recursive: true });
  }
  writeFileSync(join(root, DPKG, 'status'), packages.map(({ text }) => `${text}\n\n`).join(''));
  for (const { name, arch } of packages) {
    const list = [`info/${name}.list`, `info/${name}:${arch}.list`].find((each) =>
      existsSync(join('/', DPKG, each)),
    );
    if (list !== undefined) cpSync(join('/', DPKG, list), join(root, DPKG, list));
  }
  for (const [from, to] of ACCOUNTS) cpSync(from, join(root, to));
  execFileSync('ldconfig', ['-r', root]);
  addPlaces(root);
}

/** Nothing but the libraries that a program is linked with, `/tmp` and `/proc`. @param {string} root an empty folder */
export function makeEmptySystem(root, program) {
  const linked = execFileSync('ldd', [program], { encoding: 'utf8' });
  for (const [, path] of linked.matchAll(/(?:=> |^\s+)(\/\S+) \(/gm)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    cpSync(path, join(root, path), { dereference: true });
  }
  addPlaces(root);
}

/**
 * Runs a command there, in a network of its own that has only the loopback interface.
 * @param {{ env?: Record<string, string>, uid?: number }} further the only variables, and the user if not root
 * @returns {{ status: number | null, stdout: string, stderr: string }}
 */
export function runThere(root, command, { env = {}, uid = 0 } = {}) {
  const enter = 'ip link set lo up && mount -t proc proc "$1/proc" && shift && exec "$@"';
  const isolated = ['--net', '--mount', '--pid', '--fork', '--kill-child'];
  const clean = Object.entries({ PATH: '/usr/sbin:/usr/bin:/sbin:/bin', ...env });
  const variables = clean.map(([name, value]) => `${name}=${value}`);
  const there = ['env', '-i', ...variables, 'chroot', `--userspec=${uid}:${uid}`, root, ...command];
  const args = [...isolated, 'sh', '-c', enter, 'sh', root, ...there];
  return spawnSync('unshare', args, { encoding: 'utf8', maxBuffer: 1 << 28 });
}

/** As `runThere`, for a command that has to succeed. @returns what it printed */
export function succeedThere(root, command, further) {
  const { status, stdout, stderr } = runThere(root, command, further);
  assert.equal(status, 0, `${command.join(' ')}: ${stdout}${stderr}`);
  return stdout;
}

/** Prints a line about what has been tried and works. */
export function report(line) {
  process.stdout.write(`ok ${line}\n`);
}

function addPlaces(root) {
  // Its users must be able to enter it.
  chmodSync(root, 0o755);
  for (const folder of ['proc', 'dev', 'tmp', 'run'])
    mkdirSync(join(root, folder), { recursive: true });
  chmodSync(join(root, 'tmp'), 0o1777);
  symlinkSync('/proc/self/fd', join(root, 'dev/fd'));
  writeFileSync(join(root, 'dev/null'), '');
  chmodSync(join(root, 'dev/null'), 0o666);
}

function asPackage(text) {
  const field = (name) => new RegExp(`^${name}: (.*)$`, 'm').exec(text)?.[1] ?? '';
  return {
    text,
    name: field('Package'),
    arch: field('Architecture'),
    isInstalled: field('Status').endsWith(' installed'),
    isEssential: field('Essential') === 'yes',
    provides: namesIn(field('Provides')).flat(),
    // Each needs one of its alternatives.
    needs: [...namesIn(field('Pre-Depends')), ...namesIn(field('Depends'))],
  };
}

/** Names without versions and architectures: a list of alternatives for each. */
function namesIn(relations) {
  if (relations === '') return [];
  return relations
    .split(',')
    .map((each) => each.split('|').map((name) => name.trim().replace(/[ :(].*$/, '')));
}

function closureOf(all, further) {
  const installed = all.filter(({ isInstalled }) => isInstalled);
  const find = (name) =>
    installed.find((each) => each.name === name) ??
    installed.find((each) => each.provides.includes(name));
  const waiting = installed.filter(
    ({ isEssential, name }) => isEssential || further.includes(name),
  );
  const taken = new Set();
  while (waiting.length > 0) {
    const next = waiting.pop();
    if (taken.has(next)) continue;
    taken.add(next);
    waiting.push(...next.needs.map((names) => names.map(find).find(Boolean)).filter(Boolean));
  }
  return [...taken];
}

/** Files, links and folders, but no folder's content. */
function copyAll(root, paths) {
  for (const path of paths) {
    const to = join(root, path);
    if (!existsSync(path) || existsSync(to)) continue;
    const stats = lstatSync(path);
    if (stats.isSymbolicLink()) {
      mkdirSync(dirname(to), { recursive: true });
      symlinkSync(readlinkSync(path), to);
    } else if (stats.isDirectory()) {
      mkdirSync(to, { recursive: true });
    } else if (stats.isFile()) {
      mkdirSync(dirname(to), { recursive: true });
      cpSync(resolve(path), to, { preserveTimestamps: true });
    }
  }
}
