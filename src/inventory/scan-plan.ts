/** Which network is due now, and when the next one is: no timers and no clock of its own. */

import { setImmediate } from 'node:timers/promises';
import { MS_A_DAY } from '../durations.ts';
import { nextRun, type Schedule } from './schedule.ts';

/** A network with a schedule, and when it was last scanned. */
export interface PlannedNetwork {
  readonly name: string;
  readonly schedule: Schedule;
  /** When its latest scan began; undefined if it was never scanned. */
  readonly lastScan: Date | undefined;
}

/** Where a network is scanned: a site's name, or HERE. Networks of one place are scanned one after the other. */
export type ScanPlace = string;

/** This machine. */
const HERE: ScanPlace = '';

/** Where each of these networks is scanned. */
export function placesOf(
  networks: readonly {
    readonly name: string;
    readonly atSite: { readonly name: string } | undefined;
  }[],
): (name: string) => ScanPlace {
  const places = new Map(networks.map(({ name, atSite }) => [name, atSite?.name ?? HERE]));
  return (name) => places.get(name) ?? HERE;
}

/** Whether a scan may begin at a place. */
type IsFree = (place: ScanPlace) => boolean;
const ALWAYS_FREE: IsFree = () => true;

/** A clock that is set back by more than this was wrong before. */
const MOST_SET_BACK_MS = MS_A_DAY;

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
  private readonly placeOf: (name: string) => ScanPlace;

  /**
   * @param now the moment after which networks that were never scanned are planned
   * @param placeOf where a network is scanned, whether it has a schedule or not
   */
  constructor(
    networks: readonly PlannedNetwork[],
    now: Date,
    placeOf: (name: string) => ScanPlace = () => HERE,
  ) {
    this.placeOf = placeOf;
    this.schedules = new Map(networks.map(({ name, schedule }) => [name, schedule]));
    this.next = new Map();
    this.latestNow = now;
    for (const { name, lastScan = now } of networks) {
      this.planAfter(name, isSetBack(lastScan, now) ? now : lastScan);
    }
  }

  /**
   * The network whose scan was requested first, else the one that has been due for longest; undefined if none is due
   * where a scan may begin.
   */
  dueAt(now: Date, isFree = ALWAYS_FREE): string | undefined {
    if (isSetBack(this.latestNow, now)) {
      for (const name of this.schedules.keys()) this.planAfter(name, now);
      this.latestNow = now;
    } else if (now > this.latestNow) {
      this.latestNow = now;
    }
    const requested = this.requested.find((name) => isFree(this.placeOf(name)));
    if (requested !== undefined) return requested;
    const first = this.firstAt(isFree);
    return first !== undefined && first[1] <= now ? first[0] : undefined;
  }

  /** The place at which a network is scanned. */
  placeOfNetwork(name: string): ScanPlace {
    return this.placeOf(name);
  }

  /** When the next network is due by its schedule; undefined if none ever is. */
  get nextAt(): Date | undefined {
    return this.nextAtFree(ALWAYS_FREE);
  }

  /** The same of networks at places where a scan may begin. */
  nextAtFree(isFree: IsFree): Date | undefined {
    return this.firstAt(isFree)?.[1];
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

  private firstAt(isFree: IsFree): readonly [string, Date] | undefined {
    let first: readonly [string, Date] | undefined;
    for (const each of this.next) {
      if ((first === undefined || each[1] < first[1]) && isFree(this.placeOf(each[0])))
        first = each;
    }
    return first;
  }
}

function isSetBack(earlier: Date, now: Date): boolean {
  return earlier.getTime() - now.getTime() > MOST_SET_BACK_MS;
}

/** The time and its passing: the system's, or a test's. */
export interface Clock {
  now(): Date;
  /**
   * Resolves after `ms`, or earlier if there is something to do; 0 between scans that follow each other.
   * @param isIdle whether no scan is running
   */
  pass(ms: number, isIdle: boolean): Promise<void>;
  /** Ends the present `pass`. */
  wake(): void;
}

/** How scans are kept going. */
export interface Keeping {
  /** Called before each step, since a new configuration brings a new plan; undefined while no scan may begin. */
  readonly plan: () => ScanPlan | undefined;
  readonly clock: Clock;
  readonly isOver: () => boolean;
  /** Scans a network. What it rejects with ends all of it, as soon as the other scans have ended. */
  readonly scan: (network: string) => Promise<void>;
  /** Whether a place may be probed at a moment; always if it is left out. */
  readonly isOpen?: (place: ScanPlace, now: Date) => boolean;
  readonly longestWaitMs?: number;
}

/** A timer stops while the machine sleeps, and does not notice that the clock was set: check this often. */
const LONGEST_WAIT_MS = 30_000;

/** Scans what is due until `isOver`: all places at the same time, and one network after the other at each of them. */
export async function keepSchedule({
  plan,
  clock,
  isOver,
  scan,
  isOpen = () => true,
  longestWaitMs = LONGEST_WAIT_MS,
}: Keeping): Promise<void> {
  const running = new Map<ScanPlace, Promise<void>>();
  let hasEnded = false;
  let failure: { readonly error: unknown } | undefined;
  const begin = async (name: string, place: ScanPlace): Promise<void> => {
    try {
      await scan(name);
    } catch (error) {
      failure ??= { error };
    }
    running.delete(place);
    hasEnded = true;
    clock.wake();
  };
  while (!isOver() && failure === undefined) {
    const now = clock.now();
    const isFree: IsFree = (place) => !running.has(place) && isOpen(place, now);
    const present = plan();
    const due = present?.dueAt(now, isFree);
    if (hasEnded) {
      hasEnded = false;
      // Scans may be due without a pause: the process gets its turn in between all the same.
      await clock.pass(0, running.size === 0);
    } else if (present !== undefined && due !== undefined) {
      present.begin(due, now);
      const place = present.placeOfNetwork(due);
      running.set(place, begin(due, place));
      await setImmediate();
    } else {
      const leftMs =
        (present?.nextAtFree(isFree)?.getTime() ?? Number.POSITIVE_INFINITY) - now.getTime();
      await clock.pass(Math.min(leftMs, longestWaitMs), running.size === 0);
    }
  }
  await Promise.all(running.values());
  if (failure !== undefined) throw failure.error;
}

/**
 * Scans these networks once, in their order where they share a place.
 * @param scan of a network; what it rejects with ends all of it
 * @param isOver whether no further scan may begin
 */
export async function scanEach(
  networks: Parameters<typeof placesOf>[0],
  scan: Keeping['scan'],
  isOver: () => boolean,
): Promise<void> {
  const plan = new ScanPlan([], new Date(), placesOf(networks));
  for (const { name } of networks) plan.request(name);
  let wake = (): void => {};
  await keepSchedule({
    plan: () => plan,
    clock: {
      now: () => new Date(),
      // Without a schedule, nothing becomes due but by the end of a scan.
      pass: (ms) =>
        ms === 0
          ? setImmediate()
          : new Promise((resolve) => {
              wake = resolve;
            }),
      wake: () => wake(),
    },
    isOver: () => plan.requested.length === 0 || isOver(),
    scan,
  });
}
