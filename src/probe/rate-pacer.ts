/** One rate for all workers: a leaky bucket (GCRA, ITU-T I.371) in shared memory that every thread draws from. */

import { platform } from 'node:os';

/** Octets of shared memory that a pacer needs. */
export const PACER_OCTETS = 64;

/**
 * A thread that was held up may send what it missed, but no more than this much of it at once. Windows wakes threads 64
 * times a second, unless a program raises that (timeBeginPeriod).
 */
const CATCH_UP_NS = platform() === 'win32' ? 16_000_000 : 5_000_000;
/** The rest is made up for by intervals that are shorter by this part. */
const MAKE_UP_PART = 50n;
/** What was missed for longer, as by a machine that slept, is not made up for. */
const MOST_MISSED_PS = 1_000_000_000_000n;
const SLOWDOWN_PAUSE_NS = 50_000_000n;
const RECOVERY_PAUSE_NS = 100_000_000n;
/** After losses on the path the rate recovers as slowly as they are noticed: by a retry, most of a second later. */
const LOSS_RECOVERY_PAUSE_NS = 500_000_000n;
const LOSS_MEMORY_NS = 10_000_000_000n;
/** What a recovery leaves of the interval. */
const RECOVERY = { numerator: 19n, denominator: 20n } as const;
/** What an unlimited sweep is brought down to by its first drop, before it is brought down further. */
const FIRST_LIMIT_PPS = 200_000;
/** At this rate replies overrun no buffer: drops that go on have another cause, which slowing down does not cure. */
const SLOWEST_PPS = 100;
const PS_PER_NS = 1000n;

const SLOT = {
  nextPs: 0,
  intervalPs: 1,
  nominalPs: 2,
  slowedAtNs: 3,
  originNs: 4,
  slowedForLossAtNs: 5,
  /** Time that threads were held up for and that has not been made up for. */
  missedPs: 6,
  /** Whether more was wanted than could be granted, so that time without probes is time missed. */
  isShort: 7,
} as const;

/**
 * Times inside are counted from the pacer's start, in picoseconds so that ten million probes a second have a whole
 * interval. Nothing is divided among the workers: any of them may use the whole rate.
 */
export class RatePacer {
  private readonly cells: BigInt64Array;
  private readonly originNs: bigint;
  private readonly catchUpPs: bigint;

  /** @param memory PACER_OCTETS, prepared once by `preparePacer` and the same in every thread */
  constructor(memory: SharedArrayBuffer, offset: number, catchUpNs = CATCH_UP_NS) {
    this.catchUpPs = BigInt(catchUpNs) * PS_PER_NS;
    this.cells = new BigInt64Array(memory, offset, PACER_OCTETS / 8);
    this.originNs = Atomics.load(this.cells, SLOT.originNs);
  }

  /** Requests up to `wanted` probes at `nowNs`. @returns how many may be sent now */
  take(nowNs: number, wanted: number): number {
    const intervalPs = this.intervalAt(nowNs);
    if (intervalPs === 0n) return wanted;
    const nowPs = (BigInt(Math.floor(nowNs)) - this.originNs) * PS_PER_NS;
    const isBehind = Atomics.load(this.cells, SLOT.missedPs) > 0n;
    const shorterBy = isBehind ? intervalPs / MAKE_UP_PART : 0n;
    for (;;) {
      const nextPs = Atomics.load(this.cells, SLOT.nextPs);
      if (nextPs > nowPs) {
        Atomics.store(this.cells, SLOT.isShort, 1n);
        return 0;
      }
      const earliest = nowPs - this.catchUpPs;
      const from = nextPs > earliest ? nextPs : earliest;
      const due = Number((nowPs - from) / (intervalPs - shorterBy)) + 1;
      const granted = Math.min(wanted, due);
      const after = from + BigInt(granted) * (intervalPs - shorterBy);
      if (Atomics.compareExchange(this.cells, SLOT.nextPs, nextPs, after) === nextPs) {
        this.recordMissed(from - nextPs, BigInt(granted) * shorterBy);
        Atomics.store(this.cells, SLOT.isShort, granted < wanted ? 1n : 0n);
        return granted;
      }
    }
  }

  private recordMissed(passedPs: bigint, madeUpPs: bigint): void {
    const wasShort = Atomics.load(this.cells, SLOT.isShort) === 1n;
    const missed = Atomics.load(this.cells, SLOT.missedPs);
    const room = MOST_MISSED_PS - missed;
    const more = wasShort ? (passedPs < room ? passedPs : room) : 0n;
    if (more !== madeUpPs) Atomics.add(this.cells, SLOT.missedPs, more - madeUpPs);
  }

  /** To be called when no probe is due: the time until one is has not been missed. */
  rest(): void {
    Atomics.store(this.cells, SLOT.isShort, 0n);
  }

  /** Forgets what was missed, for another sweep. */
  beginAgain(): void {
    this.rest();
    Atomics.store(this.cells, SLOT.missedPs, 0n);
  }

  /** Returns probes that were granted and not needed. */
  giveBack(probes: number): void {
    const intervalPs = Atomics.load(this.cells, SLOT.intervalPs);
    if (probes === 0 || intervalPs === 0n) return;
    Atomics.sub(this.cells, SLOT.nextPs, BigInt(probes) * intervalPs);
    this.rest();
  }

  /** When the next probe may leave. */
  nextNs(): number {
    const nextPs = Atomics.load(this.cells, SLOT.nextPs);
    return Number((nextPs + PS_PER_NS - 1n) / PS_PER_NS + this.originNs);
  }

  /** Halves the rate, at most every 50 ms and down to 100 a second: replies come faster than they can be read. */
  slowDown(nowNs: number): void {
    const now = BigInt(Math.floor(nowNs));
    const slowedAt = Atomics.load(this.cells, SLOT.slowedAtNs);
    if (now - slowedAt < SLOWDOWN_PAUSE_NS) return;
    if (Atomics.compareExchange(this.cells, SLOT.slowedAtNs, slowedAt, now) !== slowedAt) return;
    this.halve();
  }

  /** When the rate was last lowered because of losses on the path, monotonic; 0 for never. */
  get slowedForLossAtNs(): number {
    return Number(Atomics.load(this.cells, SLOT.slowedForLossAtNs));
  }

  /** Halves the rate, once for all probes that were lost before. @returns whether it did */
  slowDownForLoss(lostAtNs: number, nowNs: number): boolean {
    const slowedAt = Atomics.load(this.cells, SLOT.slowedForLossAtNs);
    if (BigInt(Math.floor(lostAtNs)) < slowedAt) return false;
    const now = BigInt(Math.floor(nowNs));
    const seen = Atomics.compareExchange(this.cells, SLOT.slowedForLossAtNs, slowedAt, now);
    if (seen !== slowedAt) return false;
    Atomics.store(this.cells, SLOT.slowedAtNs, now);
    this.halve();
    return true;
  }

  private halve(): void {
    Atomics.store(this.cells, SLOT.missedPs, 0n);
    const interval = Atomics.load(this.cells, SLOT.intervalPs);
    const slower = interval === 0n ? intervalPsOf(FIRST_LIMIT_PPS) : interval * 2n;
    const slowest = intervalPsOf(SLOWEST_PPS);
    if (interval < slowest)
      Atomics.store(this.cells, SLOT.intervalPs, slower < slowest ? slower : slowest);
  }

  /** The interval in force; after a slow-down it creeps back by a twentieth for every 100 ms without another. */
  private intervalAt(nowNs: number): bigint {
    const interval = Atomics.load(this.cells, SLOT.intervalPs);
    const nominal = Atomics.load(this.cells, SLOT.nominalPs);
    if (interval === nominal) return interval;
    const now = BigInt(Math.floor(nowNs));
    const slowedAt = Atomics.load(this.cells, SLOT.slowedAtNs);
    const slowedForLoss = Atomics.load(this.cells, SLOT.slowedForLossAtNs);
    const isLossy = slowedForLoss > 0n && now - slowedForLoss < LOSS_MEMORY_NS;
    if (now - slowedAt < (isLossy ? LOSS_RECOVERY_PAUSE_NS : RECOVERY_PAUSE_NS)) return interval;
    if (Atomics.compareExchange(this.cells, SLOT.slowedAtNs, slowedAt, now) !== slowedAt)
      return interval;
    const faster = (interval * RECOVERY.numerator) / RECOVERY.denominator;
    const next = faster > nominal ? faster : nominal;
    Atomics.store(this.cells, SLOT.intervalPs, next);
    return next;
  }
}

/** Writes a pacer's start into shared memory. @param ratePps above 0; Infinity for no limit */
export function preparePacer(
  memory: SharedArrayBuffer,
  offset: number,
  ratePps: number,
  nowNs: number,
): void {
  const cells = new BigInt64Array(memory, offset, PACER_OCTETS / 8);
  const interval = ratePps === Number.POSITIVE_INFINITY ? 0n : intervalPsOf(ratePps);
  cells[SLOT.nextPs] = 0n;
  cells[SLOT.intervalPs] = interval;
  cells[SLOT.nominalPs] = interval;
  cells[SLOT.slowedAtNs] = 0n;
  cells[SLOT.slowedForLossAtNs] = 0n;
  cells[SLOT.originNs] = BigInt(Math.floor(nowNs));
  cells[SLOT.missedPs] = 0n;
  cells[SLOT.isShort] = 0n;
}

function intervalPsOf(ratePps: number): bigint {
  return BigInt(Math.round(1e12 / ratePps));
}
