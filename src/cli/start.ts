/** The first file of the installed program: has Node keep what it compiles, then loads the command. */

import module, { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';

/** From Node 22.8. It returns what happened, and never throws. */
const { enableCompileCache } = module as { enableCompileCache?: (folder: string) => unknown };

if (enableCompileCache !== undefined && process.env['NODE_COMPILE_CACHE'] === undefined)
  enableCompileCache(cacheFolder());

createRequire(import.meta.url)('./command.cjs');

/** A folder that no other user can write to, because Node trusts what it finds there. */
function cacheFolder(): string {
  const { XDG_CACHE_HOME, LOCALAPPDATA } = process.env;
  if (process.platform === 'win32') return join(LOCALAPPDATA ?? homedir(), 'echosweep', 'code');
  // The home that sudo leaves may be that of another user.
  if (process.getuid?.() === 0) return '/var/cache/echosweep';
  if (process.platform === 'darwin') return join(homedir(), 'Library/Caches/echosweep');
  return join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'echosweep');
}
