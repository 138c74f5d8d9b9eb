/** What all threads of a sweep see: the stop flag, the rate, the cap on unresolved neighbours, and the counters. */

import { PACER_OCTETS, preparePacer, RatePacer } from './rate-pacer.ts';

/** Counters that workers add to as they go; their order is their place in shared memory. */
const COUNTERS = [
  'sent',
  'received',
  'duplicates',
  'errors',
  'rejected',
  'late',
  'lateToSilent',
  'dropped',
  'doubtful',
  'sendWaits',
  'sendWaitNs',
  'unsureSends',
  'neighbourRequests',
  'retriedUp',
  'lossSlowDowns',
  'refusalsOvercome',
  'partlyRefused',
  'routesLost',
  'clockSteps',
  'hostsDone',
  'hostsUp',
] as const;
export type Counter = (typeof COUNTERS)[number];
export type Counts = Record<Counter, number>;

/** Shared memory: how many hosts of a block are final, how many are up, and how many of these answered only a retry. */
export type HostCounts = Int32Array<SharedArrayBuffer>;
const HOST_COUNTS = ['hostsDone', 'hostsUp', 'retriedUp'] as const satisfies readonly Counter[];

/** Shows how many hosts of a block are final and up by now, and answered only a retry. */
export function noteHostCounts(
  block: HostCounts,
  done: number,
  up: number,
  retriedUp: number,
): void {
  Atomics.store(block, 0, done);
  Atomics.store(block, 1, up);
  Atomics.store(block, 2, retriedUp);
}

const CELL = {
  stop: 0,
  neighbours: 1,
  neighbourCap: 2,
  worstDelayUs: 3,
  hasRequestRate: 4,
} as const;
/** Rounded up: what follows has to begin at a multiple of 8. */
const CELLS_OCTETS = 24;
const COUNTERS_OFFSET = CELLS_OCTETS;
const PACER_OFFSET = COUNTERS_OFFSET + COUNTERS.length * 8;
const REQUEST_PACER_OFFSET = PACER_OFFSET + PACER_OCTETS;
const HELD_OFFSET = REQUEST_PACER_OFFSET + PACER_OCTETS;

/** The most that a cell can hold: a delay of more than half an hour is as bad as one of half an hour. */
const LONGEST_DELAY_US = 0x7fffffff;

/** Most workers that a sweep can have. */
const MAX_WORKERS = 64;
/** Rounds by which the hosts' first replies are counted. */
export const COUNTED_ROUNDS = 16;
const FIRST_REPLIES_OFFSET = HELD_OFFSET + MAX_WORKERS * 4;

export interface SharedLimits {
  /** Probes a second over all workers; Infinity for no limit. */
  readonly ratePps: number;
  /** ARP and NDP requests a second over all workers; undefined: they share `ratePps` with the probes. */
  readonly requestRatePps?: number;
  /** Most on-link targets that may wait for their ARP or NDP answer at once, over all workers. */
  readonly neighbourCap: number;
  /** Monotonic clock now. */
  readonly nowNs: number;
}

/** Makes the memory that every thread wraps in a SharedState. */
export function prepareSharedState(limits: SharedLimits): SharedArrayBuffer {
  const memory = new SharedArrayBuffer(FIRST_REPLIES_OFFSET + COUNTED_ROUNDS * 4);
  const { ratePps, requestRatePps, neighbourCap, nowNs } = limits;
  const cells = new Int32Array(memory);
  cells[CELL.neighbourCap] = neighbourCap;
  preparePacer(memory, PACER_OFFSET, ratePps, nowNs);
  if (requestRatePps !== undefined) {
    cells[CELL.hasRequestRate] = 1;
    preparePacer(memory, REQUEST_PACER_OFFSET, requestRatePps, nowNs);
  }
  return memory;
}

export class SharedState {
  readonly pacer: RatePacer;
  /** Of ARP and NDP requests: `pacer` itself, unless they have a rate of their own. */
  readonly requestPacer: RatePacer;
  private readonly cells: Int32Array;
  private readonly counters: BigInt64Array;
  /** By worker: neighbour places held, to be freed if it dies. */
  private readonly held: Int32Array;
  /** By round: hosts whose first reply was to their probe of it. */
  private readonly firstReplies: Int32Array;
  /** Of the blocks that may have to be probed again. */
  private readonly hostCounts = new Set<HostCounts>();

  constructor(memory: SharedArrayBuffer) {
    this.cells = new Int32Array(memory, 0, CELLS_OCTETS / 4);
    this.counters = new BigInt64Array(memory, COUNTERS_OFFSET, COUNTERS.length);
    this.held = new Int32Array(memory, HELD_OFFSET, MAX_WORKERS);
    this.firstReplies = new Int32Array(memory, FIRST_REPLIES_OFFSET, COUNTED_ROUNDS);
    this.pacer = new RatePacer(memory, PACER_OFFSET);
    this.requestPacer =
      this.cells[CELL.hasRequestRate] === 1
        ? new RatePacer(memory, REQUEST_PACER_OFFSET)
        : this.pacer;
  }

  /** Makes every worker stop sending and return what it has. */
  stop(): void {
    Atomics.store(this.cells, CELL.stop, 1);
  }

  /** Forgets the sweep that has ended, for another; the rate and the neighbour places that are held stay. */
  beginAgain(): void {
    for (let i = 0; i < COUNTERS.length; i++) Atomics.store(this.counters, i, 0n);
    for (let round = 0; round < COUNTED_ROUNDS; round++) Atomics.store(this.firstReplies, round, 0);
    Atomics.store(this.cells, CELL.worstDelayUs, 0);
    Atomics.store(this.cells, CELL.stop, 0);
    this.pacer.beginAgain();
    this.requestPacer.beginAgain();
  }

  get stopped(): boolean {
    return Atomics.load(this.cells, CELL.stop) === 1;
  }

  add(counter: Counter, amount: number): void {
    if (amount !== 0) Atomics.add(this.counters, COUNTERS.indexOf(counter), BigInt(amount));
  }

  /** Whether a counter is more than zero. */
  isCounted(counter: Counter): boolean {
    return Atomics.load(this.counters, COUNTERS.indexOf(counter)) > 0n;
  }

  counts(): Counts {
    const entries = COUNTERS.map((name, i) => [name, Number(Atomics.load(this.counters, i))]);
    const counts = Object.fromEntries(entries) as Counts;
    for (const block of this.hostCounts)
      HOST_COUNTS.forEach((name, i) => {
        counts[name] += Atomics.load(block, i);
      });
    return counts;
  }

  /**
   * Counts the hosts of a block that another thread probes. What it adds to the counters itself cannot be taken back if it
   * dies, because it may die before or after that.
   * @returns memory for that thread, which counts for this instance alone
   */
  beginHostCounts(): HostCounts {
    const block: HostCounts = new Int32Array(
      new SharedArrayBuffer(HOST_COUNTS.length * Int32Array.BYTES_PER_ELEMENT),
    );
    this.hostCounts.add(block);
    return block;
  }

  /** @param areKept false if the block has no results */
  endHostCounts(block: HostCounts, areKept: boolean): void {
    this.hostCounts.delete(block);
    if (!areKept) return;
    HOST_COUNTS.forEach((name, i) => {
      this.add(name, Atomics.load(block, i));
    });
  }

  /** Counts a host's first reply. @param round of the probe that it answered; the last ones count together */
  addFirstReply(round: number): void {
    Atomics.add(this.firstReplies, Math.min(round, COUNTED_ROUNDS - 1), 1);
  }

  /** Hosts whose first reply was to their probe of this round. */
  firstRepliesIn(round: number): number {
    return Atomics.load(this.firstReplies, round);
  }

  /** Keeps the longest delay of all threads. @param delayNs between when a prober wanted to act and when it did */
  noteDelay(delayNs: number): void {
    const delayUs = Math.min(LONGEST_DELAY_US, Math.ceil(delayNs / 1e3));
    let worst = Atomics.load(this.cells, CELL.worstDelayUs);
    while (delayUs > worst) {
      const seen = Atomics.compareExchange(this.cells, CELL.worstDelayUs, worst, delayUs);
      if (seen === worst) return;
      worst = seen;
    }
  }

  /** Milliseconds. */
  get worstDelayMs(): number {
    return Atomics.load(this.cells, CELL.worstDelayUs) / 1e3;
  }

  /** Takes the right to have one more unresolved on-link target in flight. @returns false if the cap is reached */
  takeNeighbour(worker: number): boolean {
    const cap = Atomics.load(this.cells, CELL.neighbourCap);
    if (Atomics.add(this.cells, CELL.neighbours, 1) >= cap) {
      Atomics.sub(this.cells, CELL.neighbours, 1);
      return false;
    }
    Atomics.add(this.held, worker, 1);
    return true;
  }

  giveNeighbour(worker: number): void {
    Atomics.sub(this.held, worker, 1);
    Atomics.sub(this.cells, CELL.neighbours, 1);
  }

  /** Frees every place that a dead worker held. */
  forgetNeighbours(worker: number): void {
    Atomics.sub(this.cells, CELL.neighbours, Atomics.exchange(this.held, worker, 0));
  }
}
