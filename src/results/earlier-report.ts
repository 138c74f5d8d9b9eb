/** What a sweep needs of the partial report that it resumes. */

import type { HostResult } from './host-result.ts';
import type { RunRecord } from './run-record.ts';

/** A row that is taken over as it is; `key` is that of `readAddress`. Names without an address are looked up again instead. */
export interface EarlierRow extends HostResult {
  readonly address: string;
  readonly key: string;
}

export interface EarlierReport {
  /** As it was given. */
  readonly path: string;
  /** Rows that are taken over, and those of hosts that were up. */
  readonly rows: number;
  readonly up: number;
  /** The last record of its run; undefined if it has none. */
  readonly run: RunRecord | undefined;
  /**
   * The rows that are taken over, in address order, read as they are needed.
   * @throws EchosweepError REPORT_INVALID, which ends the sweep, if the file has changed in the meantime
   */
  read(): AsyncGenerator<EarlierRow>;
}
