/** Runs code in a process that has no descriptor left. */

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { AMPLE_TIMEOUT_MS } from '../patience.ts';
import { modulePath } from '../root.ts';

/**
 * Runs `code` in a process of its own, once every descriptor is used up.
 * @param path of the module that it tests, from the project's root: `tested` in the code @param code of a module;
 * `free()` closes the descriptors again
 * @returns what it printed
 */
export async function withoutDescriptors(path: string, code: string): Promise<string> {
  const module = `
    import { closeSync, openSync } from 'node:fs';
    const tested = await import(process.argv[1]);
    const open = [];
    try {
      for (;;) open.push(openSync('/dev/null'));
    } catch {}
    const free = () => open.forEach((descriptor) => closeSync(descriptor));
    ${code}`;
  const limited = ['-c', 'ulimit -n 64 && exec "$0" "$@"', process.execPath];
  const script = ['--input-type=module', '--eval', module, modulePath(path)];
  const options = { timeout: AMPLE_TIMEOUT_MS / 2 };
  const { stdout } = await promisify(execFile)('/bin/sh', [...limited, ...script], options);
  return stdout;
}
