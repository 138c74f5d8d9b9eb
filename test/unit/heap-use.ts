/** Whether work that is done millions of times leaves garbage. */

/** A run takes a fraction of a millisecond, and a machine with other load may compile it only after thousands. */
const DEADLINE_MS = 30_000;

/**
 * Whether a run of `task` comes to take no more than so many octets of the heap: until the engine has compiled it, it takes
 * more. Three runs in a row, because a collection makes one of them look good.
 */
export function comesToTakeAtMost(octets: number, task: () => void): boolean {
  const end = performance.now() + DEADLINE_MS;
  for (let good = 0; performance.now() < end; ) {
    const before = process.memoryUsage().heapUsed;
    task();
    good = process.memoryUsage().heapUsed - before <= octets ? good + 1 : 0;
    if (good === 3) return true;
  }
  return false;
}
