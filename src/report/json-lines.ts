/** JSON Lines: a record of the run, one record per host with all its fields, the run again; or one record per entry. */

import type { Column, RecordSink } from '../results/column.ts';
import type { HostResult } from '../results/host-result.ts';
import { ROW_FIELDS } from '../results/row-fields.ts';
import type { RunRecord } from '../results/run-record.ts';
import { safeJson } from '../words.ts';
import { shortDecimalText } from './cell-text.ts';
import { decimalText, withSite } from './columns.ts';
import type { RecordWriter, ReportFormat } from './format.ts';

/** Of the records' names and meanings; rises when a reader has to change. */
const SCHEMA = 1;
/** Of a run's figures that are not whole; times are milliseconds there too. */
const RUN_DECIMALS = 3;

export const JSON_LINES: ReportFormat = {
  rows: ({ hasSites }) => ({
    ...jsonWriter<HostResult>('host', withSite(ROW_FIELDS, hasSites), decimalText),
    begin: (run) => `${runJson('start', run)}\n`,
    end: (run) => `${runJson('end', run)}\n`,
  }),
  records: ({ type, columns }) => jsonWriter(type, columns, shortDecimalText),
};

/** The record of a run, as the first and the last line of a report have it. */
export function runJson(phase: 'start' | 'end', run: RunRecord): string {
  return safeJson({ type: 'run', phase, schema: SCHEMA, ...(snakeCase(run) as object) });
}

/** Putting a record together from its parts is twice as fast as building an object and converting that. */
function jsonWriter<Entry>(
  type: string,
  columns: readonly Column<Entry, RecordSink>[],
  numberText: typeof decimalText,
): RecordWriter<Entry> {
  const start = `{"type":${safeJson(type)}`;
  const keys = columns.map(({ name }) => `,${safeJson(name)}:`);
  return {
    begin: () => '',
    rows(entries) {
      let lines = '';
      for (const entry of entries) {
        // One for all entries would grow old, and an old object that points to new strings costs the collector more.
        const cells = new JsonCells(start, numberText);
        for (let i = 0; i < columns.length; i++) {
          const column = columns[i]!;
          cells.json += keys[i]!;
          column.put(entry, cells, column.decimals);
        }
        lines += `${cells.json}}\n`;
      }
      return lines;
    },
    end: () => '',
  };
}

/** Text that JSON has as it is: most addresses and names, which need no second look. */
const PLAIN_TEXT = /^[\w .:%!-]*$/;

class JsonCells implements RecordSink {
  json: string;
  private readonly numberText: typeof decimalText;

  constructor(start: string, numberText: typeof decimalText) {
    this.json = start;
    this.numberText = numberText;
  }

  word(value: string): void {
    this.json += `"${value}"`;
  }

  text(value: string | null): void {
    if (value === null) this.json += 'null';
    else this.json += PLAIN_TEXT.test(value) ? `"${value}"` : safeJson(value);
  }

  number(value: number | null, decimals: number): void {
    this.json += value === null ? 'null' : this.numberText(value, decimals);
  }

  time(value: Date | null): void {
    this.json += value === null ? 'null' : `"${value.toISOString()}"`;
  }

  list(values: readonly (number | null)[], decimals: number): void {
    const items = values.map((value) => (value === null ? 'null' : decimalText(value, decimals)));
    this.json += `[${items.join()}]`;
  }
}

/** The same value with the field names of a report (`rttMs` → `rtt_ms`) and no more decimals than a report has. */
export function snakeCase(value: unknown): unknown {
  if (typeof value === 'number') {
    return Number.isInteger(value) ? value : Number(decimalText(value, RUN_DECIMALS));
  }
  if (Array.isArray(value)) return value.map(snakeCase);
  if (value === null || typeof value !== 'object' || value instanceof Date) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      snakeCase(inner),
    ]),
  );
}
