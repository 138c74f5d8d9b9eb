/** Whether work that is done millions of times leaves garbage. */

/** Of some milliseconds each: on a machine with other load, the engine compiles late. */
const MOST_RUNS = 3000;

/**
 * Whether a run of `task` comes to take no more than so many octets of the heap: until the engine has compiled it, it takes
 * more. Three runs in a row, because a collection makes one of them look good.
 */
export function comesToTakeAtMost(octets: number, task: () => void): boolean {
  for (let run = 0, good = 0; run < MOST_RUNS; run++) {
    const before = process.memoryUsage().heapUsed;
    task();
    good = process.memoryUsage().heapUsed - before <= octets ? good + 1 : 0;
    if (good === 3) return true;
  }
  return false;
}
