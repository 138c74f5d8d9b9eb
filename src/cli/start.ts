/** The first file of the installed program: has what is compiled kept, then loads the command. */

import { readFileSync, statSync } from 'node:fs';
import module, { createRequire } from 'node:module';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { requireKept } from './kept-code.ts';

/** From Node 22.8. It returns what happened, and never throws. */
const { enableCompileCache } = module as { enableCompileCache?: (folder: string) => unknown };
/** Node's own variables: with the first, a person says where and whether Node keeps what it compiles. */
const { NODE_COMPILE_CACHE, NODE_DISABLE_COMPILE_CACHE } = process.env;

const command = fileURLToPath(new URL('command.cjs', import.meta.url));
const mayKeep = NODE_COMPILE_CACHE === undefined && !NODE_DISABLE_COMPILE_CACHE && !isPrivileged();
const folder = mayKeep ? cacheFolder() : undefined;
if (folder) {
  enableCompileCache?.(folder);
  requireKept(command, folder);
} else {
  createRequire(command)(command);
}

/** A folder that no other user can write to, because Node trusts what it finds there; undefined if there is none. */
function cacheFolder(): string | undefined {
  const { HOME, XDG_CACHE_HOME, LOCALAPPDATA } = process.env;
  if (process.platform === 'win32') return LOCALAPPDATA && join(LOCALAPPDATA, 'echosweep', 'code');
  // The home that sudo leaves may be that of another user.
  if (process.getuid?.() === 0) return '/var/cache/echosweep';
  const caches = process.platform === 'darwin' ? 'Library/Caches' : '.cache';
  const place = XDG_CACHE_HOME || HOME;
  if (!place || !isOwn(place)) return undefined;
  return XDG_CACHE_HOME ? join(place, 'echosweep') : join(place, caches, 'echosweep');
}

/** Whether this may do more than its caller, by the rights of its file or of its service: then it must load nothing of its caller's. */
function isPrivileged(): boolean {
  if (process.platform === 'win32') return false;
  const { getuid, geteuid, getgid, getegid } = process;
  if (geteuid?.() !== getuid?.() || getegid?.() !== getgid?.()) return true;
  if (process.platform !== 'linux' || getuid?.() === 0) return false;
  try {
    return !/^CapPrm:\t0+$/m.test(readFileSync('/proc/self/status', 'latin1'));
  } catch {
    return true;
  }
}

function isOwn(folder: string): boolean {
  try {
    return statSync(folder).uid === process.getuid?.();
  } catch {
    return false;
  }
}
