/** Which network is due now, and when the next is: no timers and no clock of its own. */

import { nextRuns, type Schedule } from './schedule.ts';

/** What is to be scanned, and when that was done last. */
export interface PlannedNetwork {
  readonly name: string;
  readonly schedule: Schedule;
  /** When its latest scan began; undefined where it never was scanned. */
  readonly lastScan: Date | undefined;
}

/** A clock that is set back further than this was wrong before. */
const MOST_SET_BACK_MS = 86_400_000;

/**
 * A network is due at each time of its schedule. Times that passed while nobody looked, because the machine slept or
 * nothing ran, make it due once, however many they were. Times that come again because the clock was set back do not
 * make it due again, unless by more than a day: what was planned by a clock so wrong is planned anew.
 */
export class ScanPlan {
  private readonly schedules: ReadonlyMap<string, Schedule>;
  private readonly next: Map<string, Date>;
  private latestNow: Date;

  /** @param now from when on networks that were never scanned are planned */
  constructor(networks: readonly PlannedNetwork[], now: Date) {
    this.schedules = new Map(networks.map(({ name, schedule }) => [name, schedule]));
    this.next = new Map();
    this.latestNow = now;
    for (const { name, lastScan = now } of networks) {
      this.planAfter(name, isSetBack(lastScan, now) ? now : lastScan);
    }
  }

  /** The network that has been due for longest; undefined where none is. */
  dueAt(now: Date): string | undefined {
    if (isSetBack(this.latestNow, now)) {
      for (const name of this.schedules.keys()) this.planAfter(name, now);
      this.latestNow = now;
    } else if (now > this.latestNow) {
      this.latestNow = now;
    }
    const [first] = this.inOrder();
    return first !== undefined && first[1] <= now ? first[0] : undefined;
  }

  /** When the next network is due; undefined where none ever is. */
  get nextAt(): Date | undefined {
    return this.inOrder()[0]?.[1];
  }

  /** Plans a network's next scan after the one that begins now. */
  begin(name: string, now: Date): void {
    this.planAfter(name, now);
  }

  private planAfter(name: string, moment: Date): void {
    const [next] = nextRuns(this.schedules.get(name)!, moment, 1);
    if (next === undefined) this.next.delete(name);
    else this.next.set(name, next);
  }

  private inOrder(): [string, Date][] {
    return [...this.next].sort(([, a], [, b]) => a.getTime() - b.getTime());
  }
}

function isSetBack(earlier: Date, now: Date): boolean {
  return earlier.getTime() - now.getTime() > MOST_SET_BACK_MS;
}

/** What tells the time and lets it pass: the system, or a test that moves it. */
export interface Clock {
  now(): Date;
  /** Resolves after `ms`, or earlier where somebody wants to be heard; 0 between scans that follow each other. */
  pass(ms: number): Promise<void>;
}

/** A timer does not run while the machine sleeps, and knows nothing of a clock that is set: look this often. */
const LONGEST_WAIT_MS = 30_000;

/**
 * Scans whatever is due, one network after the other, until `isOver`.
 * @param plan asked for anew before each step, since a new configuration brings a new one
 */
export async function keepSchedule(
  plan: () => ScanPlan,
  clock: Clock,
  isOver: () => boolean,
  scan: (network: string) => Promise<void>,
  longestWaitMs = LONGEST_WAIT_MS,
): Promise<void> {
  while (!isOver()) {
    const now = clock.now();
    const due = plan().dueAt(now);
    if (due === undefined) {
      const leftMs = (plan().nextAt?.getTime() ?? Number.POSITIVE_INFINITY) - now.getTime();
      await clock.pass(Math.min(leftMs, longestWaitMs));
    } else {
      plan().begin(due, now);
      await scan(due);
      // Scans may be due without end; who wants to be heard is heard all the same.
      if (!isOver()) await clock.pass(0);
    }
  }
}
