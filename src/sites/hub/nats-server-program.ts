/** Finds the nats-server program, and says what there is to know about its version. */

import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { EchosweepError } from '../../errors.ts';

/** Packages put it there, but these are not in the PATH of every user. */
const MORE_FOLDERS = ['/usr/sbin', '/usr/local/bin', '/usr/local/sbin', '/opt/homebrew/bin'];

export interface ServerProgram {
  readonly path: string;
  /** Such as `2.10.27`. */
  readonly version: string;
}

/**
 * @param given its path; undefined to look for it
 * @param searchPath the PATH of the environment
 * @throws EchosweepError HUB_FAILED
 */
export function findServerProgram(given: string | undefined, searchPath = ''): ServerProgram {
  const folders = [...searchPath.split(delimiter).filter(Boolean), ...MORE_FOLDERS];
  const path = given ?? folders.map((folder) => join(folder, 'nats-server')).find(isExecutable);
  if (path === undefined) {
    throw new EchosweepError(
      'HUB_FAILED',
      'nats-server is not installed',
      'install it (Debian and Ubuntu: sudo apt-get install nats-server, macOS: brew install nats-server, others: https://nats.io/download), or name it with --nats-server',
    );
  }
  const asked = spawnSync(path, ['--version'], { encoding: 'utf8' });
  const version = /^nats-server: v(\d+\.\d+\.\d+\S*)/m.exec(asked.stdout ?? '')?.[1];
  if (version === undefined) {
    throw new EchosweepError(
      'HUB_FAILED',
      `${path} is not a nats-server that runs here`,
      'name another with --nats-server',
      { cause: asked.error },
    );
  }
  return { path, version };
}

/** The releases of each series that have the fixes below; every later series has them. */
const FIRST_SAFE: Readonly<Record<number, number>> = { 11: 16, 12: 7 };
const FIRST_SAFE_SERIES = 14;

/** What is wrong with a version; undefined if nothing is. */
export function versionDoubt(version: string): string | undefined {
  const [major = 0, minor = 0, patch = 0] = version.split(/[.-]/).map(Number);
  const firstSafe = FIRST_SAFE[minor] ?? Number.POSITIVE_INFINITY;
  if (major > 2 || minor >= FIRST_SAFE_SERIES || patch >= firstSafe) return undefined;
  // CVE-2026-33222, CVE-2026-33246 and CVE-2026-33248.
  return `nats-server ${version} has known security faults: use it in networks that you trust, and 2.14 or later on the internet`;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
