/** What a sweep is given, and how far it is. */

import type { LiveProbes } from './results/live-probes.ts';
import type { RunRecord } from './results/run-record.ts';
import type { SweepSettings } from './settings.ts';
import type { RowJob } from './sweep-rows.ts';
import type { TargetSet } from './targets/target-set.ts';

export interface SweepJob extends RowJob {
  readonly settings: SweepSettings;
  readonly targets: TargetSet;
  /** The command line, or `library`. */
  readonly command: string;
  /** Called when the sockets are open and no thread has been started yet: the moment to drop root. */
  readonly afterSocketsOpen?: () => void | Promise<void>;
  /** Called before the first probe; if it throws, the sweep ends, and no target has been probed. */
  readonly onStart?: (run: RunRecord) => Promise<void>;
  /** About five times a second. */
  readonly onProgress?: (progress: SweepProgress) => void;
  /** Called with each sentence that a person should see while a sweep on several sites runs. */
  readonly onRemark?: (sentence: string) => void;
  /**
   * Shared memory that shows the state of each target as it changes: an octet per target, in address order (`cellCode`).
   */
  readonly liveCells?: Uint8Array;
  /** Shared memory that shows what became of each probe; the `system` engine leaves it as it is. */
  readonly liveProbes?: LiveProbes;
  /**
   * By target, in address order: its rank in an order of the caller's own. The hosts of a block are probed in that order,
   * and so are the blocks; `onRows` then takes the rows block by block.
   */
  readonly ranks?: Uint32Array;
}

export interface SweepProgress {
  readonly targets: number;
  readonly done: number;
  /** Those of `done` that a resumed report had already; 0 if it is left out. */
  readonly takenOver?: number;
  readonly up: number;
  readonly sent: number;
  readonly received: number;
  readonly elapsedMs: number;
  /** Probes a second, over the whole sweep so far. */
  readonly ratePps: number;
  /** By site, in the order of their names; only of a sweep on several sites. */
  readonly sites?: readonly SiteProgress[];
}

/** How far the sweep of one site is. */
export interface SiteProgress {
  readonly site: string;
  readonly targets: number;
  readonly done: number;
  readonly up: number;
  /** Whether one of its agents was heard of lately. */
  readonly isHeard: boolean;
}
