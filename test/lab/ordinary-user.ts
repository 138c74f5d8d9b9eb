/** An ordinary user in the lab: no capability, no group of note, a home to write to, and the built package within reach. */

import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { ROOT } from '../root.ts';

/** Below the lab's own file system, so that it goes with it. */
const SHARED = '/run/echosweep-lab';

/** Node, the package and a folder to write to, where everybody reaches them. */
export const LAB_NODE = `${SHARED}/node`;
export const LAB_PACKAGE = `${SHARED}/package`;
export const LAB_TMP = `${SHARED}/tmp`;

/** The user that owns nothing. */
const NOBODY = 65534;

/** A clone or a Node below root's home is closed to others: mounted again, they are not. Once, while the lab is built. */
export function shareWithOrdinaryUser(): void {
  mkdirSync(LAB_PACKAGE, { recursive: true });
  mkdirSync(LAB_TMP);
  chmodSync(LAB_TMP, 0o1777);
  writeFileSync(LAB_NODE, '');
  mount(process.execPath, LAB_NODE, '--bind');
  mount(ROOT, LAB_PACKAGE, '--rbind');
}

/**
 * What to put before a command so that it runs without privileges. In a user namespace there is no other user: the
 * namespace's root then gives up every capability, which is all that makes it root.
 */
export function withoutPrivileges(): string[] {
  const bare = ['setpriv', '--no-new-privs', '--inh-caps=-all', '--bounding-set=-all'];
  if (!isRealRoot()) return [...bare, '--ambient-caps=-all', '--'];
  return [...bare, '--reuid', String(NOBODY), '--regid', String(NOBODY), '--clear-groups', '--'];
}

/** The number of the user that a command without privileges runs as. */
export function ordinaryUid(): number {
  return isRealRoot() ? NOBODY : 0;
}

/** Whether root here is root of the machine, and not only of a user namespace. */
function isRealRoot(): boolean {
  const [inside, outside, length] = readFileSync('/proc/self/uid_map', 'utf8').trim().split(/\s+/);
  return inside === '0' && outside === '0' && length === '4294967295';
}

/** Why a test cannot run in a lab that an ordinary user made; undefined in one of root's. @param why what it cannot do there */
export function unlessRealRoot(why: string): string | undefined {
  return process.env['LAB_SKIP'] === undefined && !isRealRoot() ? why : undefined;
}

/** Of tests that take the group of an ordinary user out of `ping_group_range`. */
export const ONE_GROUP =
  'a user namespace has one user, whose group cannot be left out of ping_group_range';

function mount(from: string, to: string, how: '--bind' | '--rbind'): void {
  const done = spawnSync('mount', [how, from, to], { encoding: 'utf8' });
  if (done.status !== 0) {
    throw new Error(`the lab cannot be built: mount ${how} ${from}: ${done.error ?? done.stderr}`);
  }
}
