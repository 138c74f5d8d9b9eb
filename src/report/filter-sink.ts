/** A report of some hosts only: what `--only` does to a sink. */

import type { HostResult } from '../results/host-result.ts';
import type { Status } from '../results/outcome.ts';
import type { ReportSink } from './sink.ts';

/** Passes on the rows whose status is in `only`; the run records still speak of all. */
export function filterSink(sink: ReportSink, only: ReadonlySet<Status>): ReportSink {
  return {
    begin: (run, givenNames) => sink.begin(run, givenNames),
    write: (rows) => sink.write({ [Symbol.iterator]: () => ofStatus(rows, only) }),
    end: (run) => sink.end(run),
    abort: () => sink.abort(),
  };
}

function* ofStatus(rows: Iterable<HostResult>, only: ReadonlySet<Status>): Generator<HostResult> {
  for (const host of rows) if (only.has(host.status)) yield host;
}
