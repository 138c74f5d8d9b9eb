/** When neighbours confirmed their MAC addresses, from how macOS' table changes between two looks at it. */

/** The system shows expiry times in whole seconds, and rounds them again for each look. */
const ROUNDING_MS = 3_000;

interface Sighting {
  /** When the entry expires, on our clock; 0 for never. */
  readonly expiresAtMs: number;
  readonly confirmedAtMs: number;
}

/**
 * An entry lives for 20 minutes from each ARP reply, however old that is. One that is new since the look before, or has
 * been given more time, was confirmed in between.
 */
export class ConfirmationTimes {
  private readonly now: () => number;
  private seen: Map<string, Sighting> | undefined;
  private seeing = new Map<string, Sighting>();

  /** @param now monotonic milliseconds; replaces the clock in tests */
  constructor(now: () => number = () => performance.now()) {
    this.now = now;
  }

  /** Call it before the entries of a look. */
  begin(): void {
    this.seeing = new Map();
  }

  /**
   * A resolved entry of this look.
   * @param remainingMs until it expires; undefined if it never does
   * @returns how long ago it was confirmed last; Infinity if that was before the first look
   */
  note(key: string, remainingMs: number | undefined): number {
    const nowMs = this.now();
    const expiresAtMs = remainingMs === undefined ? 0 : nowMs + remainingMs;
    const before = this.seen?.get(key);
    const confirmedAtMs = this.confirmedAt(before, expiresAtMs, nowMs);
    this.seeing.set(key, {
      // Rounding must not add up over many looks.
      expiresAtMs: confirmedAtMs === before?.confirmedAtMs ? before.expiresAtMs : expiresAtMs,
      confirmedAtMs,
    });
    return nowMs - confirmedAtMs;
  }

  /** Call it after them. Entries that are gone are forgotten. */
  end(): void {
    this.seen = this.seeing;
  }

  private confirmedAt(before: Sighting | undefined, expiresAtMs: number, nowMs: number): number {
    if (this.seen === undefined) return Number.NEGATIVE_INFINITY;
    if (before === undefined) return nowMs;
    return expiresAtMs > before.expiresAtMs + ROUNDING_MS ? nowMs : before.confirmedAtMs;
  }
}
