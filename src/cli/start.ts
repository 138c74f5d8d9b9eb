/** The first file of the installed program: has Node keep what it compiles, then loads the command. */

import { statSync } from 'node:fs';
import module, { createRequire } from 'node:module';
import { join } from 'node:path';
import process from 'node:process';

/** From Node 22.8. It returns what happened, and never throws. */
const { enableCompileCache } = module as { enableCompileCache?: (folder: string) => unknown };

if (enableCompileCache !== undefined && process.env['NODE_COMPILE_CACHE'] === undefined) {
  const folder = cacheFolder();
  if (folder !== undefined) enableCompileCache(folder);
}

createRequire(import.meta.url)('./command.cjs');

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

function isOwn(folder: string): boolean {
  try {
    return statSync(folder).uid === process.getuid?.();
  } catch {
    return false;
  }
}
