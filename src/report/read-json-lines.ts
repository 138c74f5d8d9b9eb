/** Reads JSON Lines reports back: the run's record and its hosts, as strictly as `read-csv.ts` reads CSV. */

import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { readAddress } from '../address.ts';
import { EchosweepError } from '../errors.ts';
import type { ReportedRow } from '../results/host-result.ts';
import { PATTERN } from '../results/outcome.ts';
import { isFigure, ROW_FIELDS, type RowField, SITE_FIELD } from '../results/row-fields.ts';
import type { RunRecord } from '../results/run-record.ts';
import { SITE_NAME } from '../results/site-facts.ts';
import { isUnresolved } from '../results/unresolved-row.ts';
import { decodedText } from '../text/decoded-text.ts';
import { LONGEST_JSON_LINE, linesOf } from '../text/text-lines.ts';
import { COLUMNS } from './columns.ts';
import { refusalOf, unreadable } from './csv-records.ts';
import { comesAfter } from './one-site.ts';
import { MAC, NO_HOST, type OpenReport, type ReportedHost } from './read-csv.ts';
import { isObject, isTime, readRunRecord } from './read-run-record.ts';

const SCHEMA = 1;
const ORIGINAL = 'take the report as it was written';
const FIELDS = [...ROW_FIELDS, SITE_FIELD];

type Fields = Readonly<Record<string, unknown>>;

/**
 * Hands over each host in the order of the file.
 * @param path what it is called @param file where it comes from
 * @returns the run's last record; undefined if there is none
 * @throws EchosweepError REPORT_INVALID for the first line that is wrong, or if the file cannot be read
 */
export async function readJsonLines(
  path: string,
  onHost: (row: SiteRow) => void,
  file: Readable = createReadStream(path),
): Promise<RunRecord | undefined> {
  let run: RunRecord | undefined;
  for await (const records of recordsOf(path, file)) {
    for (const record of records) {
      if (record.row === undefined) run = record.run;
      else onHost(record.row);
    }
  }
  return run;
}

/** As `readJsonLines`, piece by piece. Every report has every column. */
export function openJsonLines(path: string, file: Readable): OpenReport {
  let run: RunRecord | undefined;
  const unresolved: UnresolvedName[] = [];
  const batches = async function* (): AsyncGenerator<readonly ReportedHost[]> {
    for await (const records of recordsOf(path, file)) {
      const hosts: ReportedHost[] = [];
      for (const record of records) {
        if (record.row === undefined) run = record.run;
        else if (record.row.address === null) unresolved.push(record.row);
        else hosts.push(record.row);
      }
      yield hosts;
    }
  };
  return {
    columns: new Set(COLUMNS.map(({ name }) => name)),
    batches: batches(),
    unresolved,
    run: () => run,
    limits: () => run,
  };
}

/** A row that is read back, with its site if the report is on several. */
export interface SiteRow extends ReportedRow {
  readonly site?: string | null;
}

/** The row of a name that had no address. */
type UnresolvedName = SiteRow & { readonly address: null };

type JsonRow = ReportedHost | UnresolvedName;

/** Names without an address come last. */
function mayFollow(row: JsonRow, before: JsonRow): boolean {
  if (row.address === null) return true;
  return before.address !== null && comesAfter(row, before);
}

type JsonRecord = { readonly row: JsonRow } | { readonly row?: undefined; readonly run: RunRecord };

async function* recordsOf(path: string, file: Readable): AsyncGenerator<readonly JsonRecord[]> {
  let line = 0;
  let before: JsonRow | undefined;
  const invalid = (problem: string, advice: string): EchosweepError =>
    new EchosweepError('REPORT_INVALID', `${path}, line ${line}: ${problem}`, advice);
  try {
    const refuse = refusalOf(path);
    for await (const lines of linesOf(decodedText(file, refuse), refuse, LONGEST_JSON_LINE)) {
      const records: JsonRecord[] = [];
      for (const text of lines) {
        line++;
        const fields = fieldsOf(text, invalid);
        if (fields['type'] === 'run') records.push({ run: runOf(fields, invalid) });
        else if (fields['type'] === 'host') {
          const row = rowOf(fields, invalid);
          if (before !== undefined && !mayFollow(row, before)) {
            throw invalid(
              'the hosts are not in the order of sites and addresses',
              'take a report that was not written with --stream',
            );
          }
          before = row;
          records.push({ row });
        } else throw invalid('it is neither a run nor a host', ORIGINAL);
      }
      yield records;
    }
  } catch (error) {
    throw unreadable(`the report ${path}`, error);
  } finally {
    file.destroy();
  }
  if (line === 0) throw new EchosweepError('REPORT_INVALID', `${path}: it is empty`, ORIGINAL);
}

type Complain = (problem: string, advice: string) => EchosweepError;

function fieldsOf(text: string, complain: Complain): Fields {
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return value;
  } catch {
    // Reported below.
  }
  throw complain('it is not a JSON object', ORIGINAL);
}

function rowOf(fields: Fields, complain: Complain): JsonRow {
  const row: Record<string, unknown> = { ...NO_HOST };
  for (const column of FIELDS) {
    const value = valueIn(column, fields[column.name] ?? null);
    if (value === undefined) {
      throw complain(`${column.name} is not written as echosweep does`, ORIGINAL);
    }
    row[column.key] = value;
  }
  const { address } = row as { address: string | null };
  if (address !== null) {
    const { text, key } = readAddress(address)!;
    row['text'] = text;
    row['key'] = key;
  } else if (!isUnresolved(row)) throw complain('a host has no address', ORIGINAL);
  return row as unknown as JsonRow;
}

/** The value of a field; undefined if a report of schema 1 cannot have it. */
function valueIn(
  {
    key,
    kind,
    words,
    decimals,
    emptyIf,
    isRequired,
  }: Pick<RowField, 'kind' | 'words' | 'decimals' | 'emptyIf' | 'isRequired'> & {
    readonly key: string;
  },
  value: unknown,
): string | number | Date | readonly (number | null)[] | null | undefined {
  if (value === null || (value === '' && emptyIf !== undefined)) {
    return isRequired && emptyIf === undefined ? undefined : null;
  }
  if (kind === 'list') return isListOfFigures(value, decimals) ? value : undefined;
  if (kind === 'figure')
    return typeof value === 'number' && isFigure(value, decimals) ? value : undefined;
  if (typeof value !== 'string') return undefined;
  if (kind === 'time') {
    return isTime(value) ? new Date(value) : undefined;
  }
  if (key === 'mac') return MAC.test(value) ? value.toLowerCase() : undefined;
  if (key === 'address') return readAddress(value)?.text === value ? value : undefined;
  if (key === 'site') return SITE_NAME.test(value) ? value : undefined;
  if (key === 'pattern') return PATTERN.test(value) ? value : undefined;
  return words === undefined || words.includes(value) ? value : undefined;
}

function isListOfFigures(value: unknown, decimals: number): value is (number | null)[] {
  if (!Array.isArray(value)) return false;
  return value.every(
    (each) => each === null || (typeof each === 'number' && isFigure(each, decimals)),
  );
}

function runOf(fields: Fields, complain: Complain): RunRecord {
  const { schema } = fields;
  if (schema !== SCHEMA) {
    // Anything but a number may be as long as a line.
    const problem =
      typeof schema === 'number'
        ? `its schema is ${schema}, not ${SCHEMA}`
        : `it does not say that its schema is ${SCHEMA}`;
    throw complain(problem, 'take the echosweep that wrote it');
  }
  const run = readRunRecord(fields);
  if (run === undefined) throw complain('its record of the run is not whole', ORIGINAL);
  return run;
}
