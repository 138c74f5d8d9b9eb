/** Reports of anything that is a list of records: the formats, profiles and places of a sweep's report. */

import { EchosweepError } from '../errors.ts';
import { errorCode } from '../file-errors.ts';
import { safeJson } from './json-lines.ts';
import { recordCsv } from './record-csv.ts';
import type { RecordColumn, RecordFormat, RecordShape } from './record-shape.ts';
import { recordTable } from './record-table.ts';
import {
  formatEntry,
  isStandardOutput,
  openOutput,
  type ReportRequest,
  refuseSharedPlaces,
  type StandardOutput,
} from './registry.ts';

const ENTRIES_A_PIECE = 1000;

/**
 * Finds what is wrong with the requests themselves, before any work is done for them.
 * @throws EchosweepError OPTION_INVALID as `writeRecords` would
 */
export function checkRecordReports<Entry>(
  shape: RecordShape<Entry>,
  requests: readonly ReportRequest[],
  stdout: StandardOutput,
): void {
  for (const request of requests) recordFormat(shape, request, stdout);
  refuseSharedPlaces(requests);
}

/**
 * Writes the entries to every place that a request names. A file appears whole or not at all.
 * @throws EchosweepError OPTION_INVALID for a wrong format, column or delimiter, OUTPUT_FAILED
 */
export async function writeRecords<Entry>(
  shape: RecordShape<Entry>,
  entries: readonly Entry[],
  requests: readonly ReportRequest[],
  stdout: StandardOutput,
): Promise<void> {
  checkRecordReports(shape, requests, stdout);
  for (const request of requests) {
    const format = recordFormat(shape, request, stdout);
    const output = await openOutput(request.path, stdout);
    try {
      for (let first = 0; first === 0 || first < entries.length; first += ENTRIES_A_PIECE) {
        const text = format(entries.slice(first, first + ENTRIES_A_PIECE));
        if (text !== '') await output.write(text);
      }
      await output.commit();
    } catch (error) {
      await output.discard();
      const isReaderGone = isStandardOutput(request.path) && isPipeClosed(error);
      if (!isReaderGone) throw error;
    }
  }
}

/** `| head` has read what it wanted: that is no failure. */
function isPipeClosed(error: unknown): boolean {
  return error instanceof EchosweepError && errorCode(error.cause) === 'EPIPE';
}

function asked<Entry>(column: RecordColumn<Entry>): RecordColumn<Entry> {
  return { ...column, isSpare: false };
}

function recordFormat<Entry>(
  shape: RecordShape<Entry>,
  request: ReportRequest,
  stdout: StandardOutput,
): RecordFormat<Entry> {
  const columns = pick(shape.columns, request.columns);
  switch (formatEntry(request, stdout).name) {
    case 'csv':
      return recordCsv(columns, request);
    case 'jsonl':
      return (entries) => entries.map((entry) => recordLine(shape, entry)).join('');
    case 'html':
      throw new EchosweepError(
        'OPTION_INVALID',
        'there is no HTML of this',
        `end ${request.path} in .csv, .jsonl or .txt`,
      );
    default: {
      const isShown = isStandardOutput(request.path) && stdout.isTerminal;
      const shown = request.columns === undefined ? columns : columns.map(asked);
      return recordTable(shown, {
        width: isShown ? stdout.width : Number.POSITIVE_INFINITY,
        colour: isStandardOutput(request.path) && stdout.colour,
      });
    }
  }
}

function recordLine<Entry>({ type, columns }: RecordShape<Entry>, entry: Entry): string {
  const fields = columns.map(({ name, value, decimals }) => {
    const field = value(entry);
    return [name, typeof field === 'number' ? Number(field.toFixed(decimals ?? 0)) : field];
  });
  return `${safeJson({ type, ...Object.fromEntries(fields) })}\n`;
}

function pick<Entry>(
  columns: readonly RecordColumn<Entry>[],
  names: readonly string[] | undefined,
): readonly RecordColumn<Entry>[] {
  return (names ?? columns.map(({ name }) => name)).map((name) => {
    const column = columns.find((candidate) => candidate.name === name);
    if (column !== undefined) return column;
    throw new EchosweepError(
      'OPTION_INVALID',
      `unknown column ${JSON.stringify(name)}`,
      `use ${columns.map((each) => each.name).join(', ')}`,
    );
  });
}
