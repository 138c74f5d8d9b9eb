/** Which network is due now, and when the next one is: no timers and no clock of its own. */

import { nextRun, type Schedule } from './schedule.ts';

/** A network with a schedule, and when it was last scanned. */
export interface PlannedNetwork {
  readonly name: string;
  readonly schedule: Schedule;
  /** When its latest scan began; undefined if it was never scanned. */
  readonly lastScan: Date | undefined;
}

/** A clock that is set back by more than this was wrong before. */
const MOST_SET_BACK_MS = 86_400_000;

/**
 * A network is due at each time of its schedule, and as soon as a scan of it is requested. Times that passed while the
 * machine slept or nothing ran make it due once, however many they were. Times that come again because the clock was
 * set back do not make it due again. If the clock was set back by more than a day, all networks are planned again.
 */
export class ScanPlan {
  private readonly schedules: ReadonlyMap<string, Schedule>;
  private readonly next: Map<string, Date>;
  private readonly requests = new Set<string>();
  private latestNow: Date;

  /** @param now the moment after which networks that were never scanned are planned */
  constructor(networks: readonly PlannedNetwork[], now: Date) {
    this.schedules = new Map(networks.map(({ name, schedule }) => [name, schedule]));
    this.next = new Map();
    this.latestNow = now;
    for (const { name, lastScan = now } of networks) {
      this.planAfter(name, isSetBack(lastScan, now) ? now : lastScan);
    }
  }

  /** The network whose scan was requested first, else the one that has been due for longest; undefined if none is due. */
  dueAt(now: Date): string | undefined {
    if (isSetBack(this.latestNow, now)) {
      for (const name of this.schedules.keys()) this.planAfter(name, now);
      this.latestNow = now;
    } else if (now > this.latestNow) {
      this.latestNow = now;
    }
    const [requested] = this.requests;
    if (requested !== undefined) return requested;
    const [first] = this.inOrder();
    return first !== undefined && first[1] <= now ? first[0] : undefined;
  }

  /** When the next network is due by its schedule; undefined if none ever is. */
  get nextAt(): Date | undefined {
    return this.inOrder()[0]?.[1];
  }

  /** Makes a network due now, whatever its schedule; it needs none. */
  request(name: string): void {
    this.requests.add(name);
  }

  /** Takes a request back. @returns whether there was one */
  withdraw(name: string): boolean {
    return this.requests.delete(name);
  }

  /** The networks whose scan was requested and has not begun. */
  get requested(): readonly string[] {
    return [...this.requests];
  }

  /** Plans a network's next scan after the one that begins now. */
  begin(name: string, now: Date): void {
    this.requests.delete(name);
    this.planAfter(name, now);
  }

  private planAfter(name: string, moment: Date): void {
    const next = nextRun(this.schedules.get(name), moment);
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

/** The time and its passing: the system's, or a test's. */
export interface Clock {
  now(): Date;
  /** Resolves after `ms`, or earlier if there is something to do; 0 between scans that follow each other. */
  pass(ms: number): Promise<void>;
}

/** A timer stops while the machine sleeps, and does not notice that the clock was set: check this often. */
const LONGEST_WAIT_MS = 30_000;

/**
 * Scans what is due, one network after the other, until `isOver`.
 * @param plan called before each step, since a new configuration brings a new plan
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
      // Scans may be due without a pause: the process gets its turn in between all the same.
      if (!isOver()) await clock.pass(0);
    }
  }
}
