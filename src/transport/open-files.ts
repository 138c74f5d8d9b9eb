/** How many more descriptors this process may open (getrlimit(2), RLIMIT_NOFILE). */

import { readdirSync, readFileSync } from 'node:fs';

/** If the system does not say: less than what every system allows. */
const USUAL_LIMIT = 256;
/** After privileges were dropped, Linux does not show a process its own descriptors (proc(5), PR_SET_DUMPABLE). */
const USUALLY_OPEN = 64;

/** Right now. Node raises the limit as far as it may when it starts, so this is nearly always plenty. */
export function spareDescriptors(): number {
  return Math.max(0, limit() - open());
}

function limit(): number {
  try {
    const limits = readFileSync('/proc/self/limits', 'utf8');
    const soft = /^Max open files\s+(\S+)/m.exec(limits)?.[1];
    return soft === 'unlimited' ? Number.POSITIVE_INFINITY : Number(soft ?? USUAL_LIMIT);
  } catch {
    return USUAL_LIMIT;
  }
}

function open(): number {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return USUALLY_OPEN;
  }
}
