/** The seam between a sweep and its reports: what every report format implements. */

import type { HostResult } from '../results/host-result.ts';
import type { RunRecord } from '../results/run-record.ts';

/**
 * One report being written. `begin` is called once, then `write` any number of times with rows in address order,
 * then `end` once, or `abort` at any point instead. No call overlaps another: each waits for the promise before it.
 * The rows can be gone through more than once; each changes as soon as the next is taken (`keptHost` makes one that
 * stays). Errors are EchosweepError `OUTPUT_FAILED`.
 */
export interface ReportSink {
  /** @param givenNames of targets that were given by name, by address: any other name is from reverse DNS */
  begin(run: RunRecord, givenNames?: ReadonlyMap<string, string>): Promise<void>;
  write(rows: Iterable<HostResult>): Promise<void>;
  /** Finishes the report and makes it appear. */
  end(run: RunRecord): Promise<void>;
  /** Leaves an earlier file in the report's place as it was. Never throws. */
  abort(): Promise<void>;
}
