/** A report of some hosts only: what `--only` does to a sink. */

import type { Status } from '../results/outcome.ts';
import type { ReportSink } from './sink.ts';

/** Passes on the rows whose status is in `only`; the run records still speak of all. */
export function filterSink(sink: ReportSink, only: ReadonlySet<Status>): ReportSink {
  return {
    begin: (run) => sink.begin(run),
    async write(rows) {
      const wanted = rows.filter((row) => only.has(row.status));
      if (wanted.length > 0) await sink.write(wanted);
    },
    end: (run) => sink.end(run),
    abort: () => sink.abort(),
  };
}
