/** What a coordinator is given: a scan, its sites, and what brings it there. */

import type { HubBroker } from './broker.ts';
import type { ChunkSettings } from './contract/chunk.ts';
import type { Journal } from './journal.ts';
import type { JournalScan } from './journal-tables.ts';
import type { Intake } from './result-intake.ts';

/** A site as a scan uses it. */
export interface ScanSite {
  readonly site: string;
  /** Chunks that its agents sweep at once, all together. */
  readonly slots: number;
  /** Probes a second, over its slots together; Infinity for no limit. */
  readonly ratePps: number;
  /**
   * Until when it may be probed from this moment on, milliseconds since 1970: a time that is past in its quiet hours.
   * Undefined for always.
   */
  readonly openUntil?: ((nowMs: number) => number) | undefined;
}

/** The clock of a coordinator; a test has one of its own. */
export interface CoordinatorClock {
  readonly nowMs: () => number;
  /** Resolves after this time, or when the signal is aborted; never rejects. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** Times that a coordinator goes by, milliseconds. */
export interface CoordinatorTimes {
  /** How long an agent that is not heard of keeps a chunk. */
  readonly leaseMs: number;
  /** A chunk that is out for so long is offered again, which does no harm if it was not lost. */
  readonly reofferMs: number;
  /** A site of which no agent was heard of for so long is silent. */
  readonly silentMs: number;
}

/** The times that follow from the lease. */
export function timesOf(leaseMs: number): CoordinatorTimes {
  return { leaseMs, reofferMs: 2 * leaseMs, silentMs: Math.max(30_000, leaseMs) };
}

/** What a scan needs to be brought to its end. */
export interface Coordination {
  readonly journal: Journal;
  readonly broker: HubBroker;
  readonly scan: JournalScan;
  readonly sites: readonly ScanSite[];
  readonly settings: ChunkSettings;
  readonly times: CoordinatorTimes;
  readonly clock: CoordinatorClock;
  /** Called with each sentence that a person should see. */
  readonly onRemark?: ((sentence: string) => void) | undefined;
  /** Called with each batch that was kept, before it is acknowledged. */
  readonly onKept?: Intake['onKept'];
  /** Called about five times a second. */
  readonly onTick?: (() => void) | undefined;
}
