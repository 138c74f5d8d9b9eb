/** CSV, schema 1: RFC 4180 in UTF-8, for programs (`plain`) or for a spreadsheet (`excel`). */

import { stringify } from 'csv-stringify/sync';
import { EchosweepError } from '../errors.ts';
import type { Column } from '../results/column.ts';
import { HostRows } from '../results/host-cursor.ts';
import { COLUMNS, withSite } from './columns.ts';
import { CsvCells, type CsvSettings } from './csv-cells.ts';
import { CsvPlan, type CsvTable } from './csv-plan.ts';
import type { RecordWriter, ReportFormat } from './format.ts';
import { OctetWriter } from './octet-writer.ts';

const BYTE_ORDER_MARK = '\uFEFF';

/** These occur in addresses, numbers and times: as a delimiter they would break every row. */
const NO_DELIMITER = /[\w.:%!+\-"'\r\n ]/;

export const CSV: ReportFormat = {
  rows(settings) {
    const columns = settings.columns ?? withSite(COLUMNS, settings.hasSites);
    const table = csvTable(columns, settings);
    const plan = new CsvPlan(columns, table);
    const { rows, ...ends } = csvWriter(columns, table);
    return {
      ...ends,
      rows: (entries) => (entries instanceof HostRows ? plan.rows(entries) : rows(entries)),
    };
  },
  records({ columns: all }, settings) {
    const columns = settings.columns ?? all;
    return csvWriter(columns, csvTable(columns, settings));
  },
};

/** @throws EchosweepError OPTION_INVALID if the delimiter is not one character, or one that occurs in values */
function csvTable(columns: readonly unknown[], settings: CsvSettings): CsvTable {
  const { csvDelimiter: delimiter } = settings;
  refuseDelimiter(delimiter);
  const isExcel = settings.csvProfile === 'excel';
  const lineEnd = isExcel ? '\r\n' : '\n';
  const options = {
    delimiter,
    record_delimiter: lineEnd,
    // On its own the library quotes only the line end that it writes itself.
    quoted_match: /[\r\n]/,
  };
  const out = new OctetWriter();
  const quote = (cell: string): string => stringify([[cell]], options).slice(0, -lineEnd.length);
  const encoder = new TextEncoder();
  return {
    out,
    cells: new CsvCells(settings, out, quote),
    header: (names) => (isExcel ? BYTE_ORDER_MARK : '') + stringify([names], options),
    separator: encoder.encode(delimiter),
    lineEnd: encoder.encode(lineEnd),
    // A row of one empty cell would be an empty line, which readers skip.
    emptyRow: encoder.encode(columns.length === 1 ? '""' : ''),
  };
}

function csvWriter<Entry>(
  columns: readonly Column<Entry>[],
  { out, cells, header, separator, lineEnd, emptyRow }: CsvTable,
): RecordWriter<Entry> {
  const writeRow = (entry: Entry): void => {
    const rowStart = out.length;
    for (let i = 0; i < columns.length; i++) {
      if (i > 0) out.copy(separator);
      const column = columns[i]!;
      column.put(entry, cells, column.decimals);
    }
    if (out.length === rowStart) out.copy(emptyRow);
    out.copy(lineEnd);
  };
  return {
    begin: () => header(columns.map(({ name }) => name)),
    rows(entries) {
      for (const entry of entries) writeRow(entry);
      return out.take();
    },
    end: () => '',
  };
}

/** @throws EchosweepError OPTION_INVALID if it is not one character, or one that occurs in values */
function refuseDelimiter(delimiter: string): void {
  if ([...delimiter].length === 1 && !NO_DELIMITER.test(delimiter)) return;
  throw new EchosweepError(
    'OPTION_INVALID',
    `--csv-delimiter: ${JSON.stringify(delimiter)} cannot be used`,
    'give one character such as "," ";" "|" or a tab',
  );
}
