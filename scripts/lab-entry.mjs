/** The way into the lab's private network on this machine, or why there is none and the one line that would make one. */

import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { ROOT } from './ensure.mjs';

/** Namespaces of network and mounts; an ordinary user may have them inside a user namespace. */
const WAYS = [
  { needsRoot: true, command: ['unshare', '--net', '--mount', '--propagation', 'private'] },
  {
    needsRoot: false,
    command: [
      'unshare',
      '--user',
      '--map-root-user',
      '--net',
      '--mount',
      '--propagation',
      'private',
    ],
  },
];

/** Programs that the lab starts, with the packages that hold them. */
const TOOLS = [
  { program: 'unshare', apt: 'util-linux', apk: 'util-linux-misc', dnf: 'util-linux' },
  { program: 'nsenter', apt: 'util-linux', apk: 'util-linux-misc', dnf: 'util-linux' },
  { program: 'mount', apt: 'mount', apk: 'mount', dnf: 'util-linux' },
  { program: 'setpriv', apt: 'util-linux', apk: 'setpriv', dnf: 'util-linux' },
  { program: 'ip', apt: 'iproute2', apk: 'iproute2', dnf: 'iproute' },
  { program: 'nft', apt: 'nftables', apk: 'nftables', dnf: 'nftables' },
  { program: 'ping', apt: 'iputils-ping', apk: 'iputils-ping', dnf: 'iputils' },
];
const INSTALLERS = { apt: 'apt-get install -y', apk: 'apk add', dnf: 'dnf install -y' };

const ENTER = join(ROOT, 'dist/test/lab/enter.js');
const PROBE_TIMEOUT_MS = 20_000;

/**
 * Tries it, by building the lab and pinging in it.
 * @returns {{ command: string[] } | { reason: string, cure: string }} what to put before a command, or why not and the cure
 */
export function findLab() {
  const fromRoot = process.getuid?.() === 0 ? '' : 'sudo ';
  if (process.platform !== 'linux') {
    return { reason: 'the lab is made of Linux namespaces', cure: 'run it on Linux' };
  }
  const missing = TOOLS.filter(({ program }) => !isOnPath(program));
  if (missing.length > 0) {
    const kind = Object.keys(INSTALLERS).find((name) => isOnPath(name)) ?? 'apt';
    const packages = [...new Set(missing.map((tool) => tool[kind]))].join(' ');
    const programs = missing.map(({ program }) => program).join(', ');
    return {
      reason: `${programs} not found`,
      cure: `${fromRoot}${INSTALLERS[kind]} ${packages}`,
    };
  }
  const refusals = [];
  for (const { needsRoot, command } of WAYS) {
    if (needsRoot && fromRoot !== '') continue;
    const entered = [...command, process.execPath, ENTER];
    const refusal = tryLab(entered);
    if (refusal === undefined) return { command: entered };
    refusals.push(refusal);
  }
  return { reason: refusals.join('; '), cure: cureForNamespaces(fromRoot) };
}

/** Ordinary users' PATH often lacks the folders where ip and nft live. */
export function labEnvironment(more = {}) {
  return { ...process.env, PATH: labPath().join(delimiter), ...more };
}

function labPath() {
  return [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];
}

function isOnPath(program) {
  return labPath().some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** @returns {string | undefined} why it failed */
function tryLab(command) {
  const [file, ...args] = [...command, 'ping', '-n', '-c1', '-W2', '10.79.0.1'];
  const done = spawnSync(file, args, {
    encoding: 'utf8',
    env: labEnvironment(),
    timeout: PROBE_TIMEOUT_MS,
  });
  if (done.status === 0) return undefined;
  const words = /^(?:Error: )?(.*(?:cannot be built|unshare:|ping:).*)$/m.exec(done.stderr)?.[1];
  return words ?? done.error?.message ?? 'ping has no answer in the lab';
}

function cureForNamespaces(fromRoot) {
  if (setting('kernel/apparmor_restrict_unprivileged_userns') === '1') {
    return 'sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0';
  }
  if (setting('kernel/unprivileged_userns_clone') === '0') {
    return 'sudo sysctl -w kernel.unprivileged_userns_clone=1';
  }
  if (setting('user/max_user_namespaces') === '0') {
    return `${fromRoot}sysctl -w user.max_user_namespaces=10000`;
  }
  if (existsSync('/.dockerenv') || existsSync('/run/.containerenv')) {
    return 'start the container with --privileged';
  }
  return fromRoot === '' ? 'run it on a machine of your own, not in a sandbox' : 'sudo npm test';
}

function setting(path) {
  try {
    return readFileSync(`/proc/sys/${path}`, 'utf8').trim();
  } catch {
    return undefined;
  }
}
