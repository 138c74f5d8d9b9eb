/** Apache Parquet: columns with real types, for DuckDB, pandas, Spark and the like, and for keeping months of sweeps. */

import type { HostResult } from '../results/host-result.ts';
import { ROW_FIELDS } from '../results/row-fields.ts';
import { withSite } from './columns.ts';
import type { ReportFormat } from './format.ts';
import { runJson } from './json-lines.ts';
import { MAGIC, ParquetFile } from './parquet/parquet-file.ts';

/** The key of the run record among the file's facts; its value is the last record of a report in JSON Lines. */
const RUN_KEY = 'echosweep.run';

export const PARQUET: ReportFormat = {
  rows(settings) {
    const columns = settings.columns ?? withSite(ROW_FIELDS, settings.hasSites);
    const file = new ParquetFile<HostResult>(columns, 'int32');
    return {
      begin: () => MAGIC,
      rows: (rows) => file.add(rows),
      end: (run) => file.end({ [RUN_KEY]: runJson('end', run) }),
    };
  },
  records({ columns }, settings) {
    const file = new ParquetFile(settings.columns ?? columns, 'int64');
    return {
      begin: () => MAGIC,
      rows: (entries) => file.add(entries),
      end: () => file.end({}),
    };
  },
};
