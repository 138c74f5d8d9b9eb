/** Where compiled code is kept: a folder that no other user can write to, because V8 trusts what it finds there. */

import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';

const WRITABLE_BY_OTHERS = 0o022;

/** Who started this, and what it may do. */
export interface Caller {
  readonly platform: NodeJS.Platform;
  readonly env: NodeJS.ProcessEnv;
  /** Users and groups, real and effective; undefined on Windows. */
  readonly ids:
    | { readonly uid: number; readonly euid: number; readonly gid: number; readonly egid: number }
    | undefined;
  /** `/proc/self/status` of Linux. @throws if it cannot be read */
  readonly status: () => string;
  /** The owner's user number, and the mode. @throws if there is no such folder */
  readonly statOf: (folder: string) => { readonly uid: number; readonly mode: number };
}

export function thisCaller(): Caller {
  const { platform, env, getuid, geteuid, getgid, getegid } = process;
  return {
    platform,
    env,
    ids:
      getuid && geteuid && getgid && getegid
        ? { uid: getuid(), euid: geteuid(), gid: getgid(), egid: getegid() }
        : undefined,
    status: () => readFileSync('/proc/self/status', 'latin1'),
    statOf: (folder) => statSync(folder),
  };
}

/** @returns undefined if nothing may be kept */
export function codeFolder(caller: Caller): string | undefined {
  const { env, ids } = caller;
  // Node's own variables: with the first, a person says where Node keeps what it compiles.
  if (env['NODE_COMPILE_CACHE'] !== undefined || env['NODE_DISABLE_COMPILE_CACHE'])
    return undefined;
  const { LOCALAPPDATA } = env;
  if (ids === undefined) return LOCALAPPDATA && join(LOCALAPPDATA, 'echosweep', 'code');
  if (isPrivileged(caller, ids)) return undefined;
  const folder = folderOf(caller, ids.uid);
  return folder !== undefined && isClosed(folder, caller, ids.uid) ? folder : undefined;
}

function folderOf(caller: Caller, uid: number): string | undefined {
  const { HOME, XDG_CACHE_HOME } = caller.env;
  // The home that sudo leaves may be that of another user.
  if (uid === 0) return '/var/cache/echosweep';
  const place = XDG_CACHE_HOME || HOME;
  if (!place || !isOwn(place, caller, uid)) return undefined;
  if (XDG_CACHE_HOME) return join(place, 'echosweep');
  return join(place, caller.platform === 'darwin' ? 'Library/Caches' : '.cache', 'echosweep');
}

/** Whether this may do more than its caller, by the rights of its file or of its service: then it must load nothing of its caller's. */
function isPrivileged(
  { platform, status }: Caller,
  { uid, euid, gid, egid }: NonNullable<Caller['ids']>,
): boolean {
  if (euid !== uid || egid !== gid) return true;
  if (platform !== 'linux' || uid === 0) return false;
  try {
    return !/^CapPrm:\t0+$/m.test(status());
  } catch {
    return true;
  }
}

function isOwn(folder: string, { statOf }: Caller, uid: number): boolean {
  try {
    return statOf(folder).uid === uid;
  } catch {
    return false;
  }
}

/** In a home or a cache that others can write to, the folder may be theirs. One that does not exist yet will be made private. */
function isClosed(folder: string, { statOf }: Caller, uid: number): boolean {
  try {
    const { uid: owner, mode } = statOf(folder);
    return owner === uid && (mode & WRITABLE_BY_OTHERS) === 0;
  } catch {
    return true;
  }
}
