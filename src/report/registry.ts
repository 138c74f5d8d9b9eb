/** Opens the requested reports: which format each is, where it goes, and what may be wrong with that. */

import { realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { Writable } from 'node:stream';
import { EchosweepError } from '../errors.ts';
import type { Column } from '../results/column.ts';
import type { Status } from '../results/outcome.ts';
import { anyOf, grouped } from '../words.ts';
import { COLUMNS, pickColumns, withSite } from './columns.ts';
import { filterSink } from './filter-sink.ts';
import { type FormatSettings, formatSink, type RowWriter } from './format.ts';
import { FORMATS, type FormatEntry } from './formats.ts';
import type { ReportOutput } from './output.ts';
import { openOutputFile } from './output-file.ts';
import { borrowedStream } from './output-stream.ts';
import type { ReportSink } from './sink.ts';

/** One requested report. */
export interface ReportRequest {
  /** A file, or `-` for standard output. */
  readonly path: string;
  /** Name of a format; overrides the path's ending. */
  readonly format?: string | undefined;
  /** Only hosts of these statuses; undefined for all. */
  readonly only?: ReadonlySet<Status> | undefined;
  /** Names of columns, in the order wanted; undefined for the format's own. */
  readonly columns?: readonly string[] | undefined;
  readonly csvProfile: 'plain' | 'excel';
  /** One character. */
  readonly csvDelimiter: string;
  readonly csvDecimal: '.' | ',';
  /** Whether rows are written as they become final, not in the order of addresses. */
  readonly isStream?: boolean;
  /** Whether the rows are of several sites, so that an address may occur more than once. */
  readonly hasSites?: boolean | undefined;
}

/** Standard output as the command line found it. */
export interface StandardOutput {
  readonly stream: Writable;
  /** Whether a person looks at it: then a report without a format is a table, else CSV. */
  readonly isTerminal: boolean;
  /** Columns of the terminal; not used if it is not one. */
  readonly width: number;
  readonly colour: boolean;
}

/**
 * Finds what is wrong with the requests themselves, before anything is opened.
 * @throws EchosweepError OPTION_INVALID as `openReports` would
 */
export async function checkReports(
  requests: readonly ReportRequest[],
  stdout: StandardOutput,
): Promise<void> {
  await rowWriters(requests, stdout);
}

/**
 * Opens all of the reports, or none.
 * @throws EchosweepError OPTION_INVALID for a wrong format, ending, column or delimiter, or two reports in one place;
 * OUTPUT_FAILED if one cannot be written
 */
export async function openReports(
  requests: readonly ReportRequest[],
  stdout: StandardOutput,
): Promise<ReportSink[]> {
  const writers = await rowWriters(requests, stdout);
  const sinks: ReportSink[] = [];
  try {
    for (const [i, request] of requests.entries()) {
      const sink = formatSink(writers[i]!, await openOutput(request.path, stdout));
      const only = request.only ?? usualStatuses(formatEntry(request, stdout, FORMATS));
      sinks.push(only === undefined ? sink : filterSink(sink, only));
    }
  } catch (error) {
    await Promise.all(sinks.map((sink) => sink.abort()));
    throw error;
  }
  return sinks;
}

/**
 * Finds a format that may not have room for the results. How many hosts `only` leaves out is not known before the sweep.
 * @throws EchosweepError OPTION_INVALID
 */
export function refuseTooManyEntries(
  entries: number,
  requests: readonly ReportRequest[],
  stdout: StandardOutput,
  formats: readonly FormatEntry[] = FORMATS,
): void {
  for (const request of requests) {
    const { name, mostEntries = Number.POSITIVE_INFINITY } = formatEntry(request, stdout, formats);
    if (entries <= mostEntries) continue;
    throw new EchosweepError(
      'OPTION_INVALID',
      `${name} has room for ${grouped(mostEntries)} rows and a header, not for ${grouped(entries)} rows`,
      'use another format, or smaller ranges',
    );
  }
}

/** Whether a report to this path goes to standard output. */
export function isStandardOutput(path: string): boolean {
  return path === '-' || path === '/dev/stdout';
}

function usualStatuses({ listsHosts }: FormatEntry): ReadonlySet<Status> | undefined {
  return listsHosts ? new Set(['up']) : undefined;
}

async function rowWriters(
  requests: readonly ReportRequest[],
  stdout: StandardOutput,
): Promise<RowWriter[]> {
  const writers: RowWriter[] = [];
  for (const request of requests) {
    const entry = formatEntry(request, stdout, FORMATS);
    if (request.hasSites) refuseWithoutSites(entry);
    const format = await entry.load();
    const columns =
      request.columns === undefined
        ? undefined
        : pickColumns(request.columns, withSite(COLUMNS, request.hasSites));
    writers.push(format.rows(formatSettings(request, columns, stdout)));
  }
  refuseSharedPlaces(requests);
  return writers;
}

/** The other formats have one entry for an address, whatever its site. */
function refuseWithoutSites({ name, takesSites }: FormatEntry): void {
  if (takesSites) return;
  const formats = FORMATS.filter((format) => format.takesSites).map((format) => format.name);
  throw new EchosweepError(
    'OPTION_INVALID',
    `${name} has no place for the site of a host`,
    `use ${anyOf(formats)}`,
  );
}

/** The settings of a request that a format uses. */
export function formatSettings<Entry>(
  { path, csvProfile, csvDelimiter, csvDecimal, hasSites }: ReportRequest,
  columns: readonly Column<Entry>[] | undefined,
  stdout: StandardOutput,
): FormatSettings<Entry> {
  const isShown = isStandardOutput(path) && stdout.isTerminal;
  return {
    columns,
    csvProfile,
    csvDelimiter,
    csvDecimal,
    width: isShown ? stdout.width : Number.POSITIVE_INFINITY,
    colour: isStandardOutput(path) && stdout.colour,
    hasSites,
  };
}

/**
 * The format that a request means, by its name, its ending or its place.
 * @param formats the ones to choose from
 * @throws EchosweepError OPTION_INVALID if none of them is meant
 */
export function formatEntry(
  request: ReportRequest,
  stdout: StandardOutput,
  formats: readonly FormatEntry[],
): FormatEntry {
  const entry = meantFormat(request, stdout, formats);
  if (entry.isBinary && isStandardOutput(request.path) && stdout.isTerminal) {
    throw new EchosweepError(
      'OPTION_INVALID',
      `a terminal cannot show ${entry.name}`,
      `give -o FILE${entry.ending}, or redirect standard output`,
    );
  }
  return entry;
}

function meantFormat(
  request: ReportRequest,
  stdout: StandardOutput,
  formats: readonly FormatEntry[],
): FormatEntry {
  const { path, format } = request;
  if (path === '') {
    throw new EchosweepError(
      'OPTION_INVALID',
      'the report has no file name',
      'give one, or - for standard output',
    );
  }
  const named = (name: string): FormatEntry => {
    const entry = formats.find((each) => each.name === name);
    if (entry !== undefined) return entry;
    throw new EchosweepError(
      'OPTION_INVALID',
      `unknown format ${JSON.stringify(name)}`,
      `use ${anyOf(formats.map((each) => each.name))}`,
    );
  };
  if (format !== undefined) return named(format);
  if (isStandardOutput(path))
    return named(stdout.isTerminal && request.isStream !== true ? 'table' : 'csv');
  const meant = formatByEnding(path);
  if (meant !== undefined && formats.includes(meant)) return meant;
  // /dev/null, or the /dev/fd/63 of a shell's >(command): a pipe, like standard output without a terminal.
  if (path.startsWith('/dev/')) return named('csv');
  const endings = anyOf(formats.map(({ ending }) => ending));
  throw meant === undefined
    ? new EchosweepError(
        'OPTION_INVALID',
        `the name ${path} does not show which format to write`,
        `end it in ${endings}, or give --format`,
      )
    : new EchosweepError(
        'OPTION_INVALID',
        `${meant.name} is not available for this command`,
        `end ${path} in ${endings}`,
      );
}

/** The format that a path's ending means, if any. Of several, such as `.sd.json` and `.json`, the longest says most. */
export function formatByEnding(path: string): FormatEntry | undefined {
  const name = path.toLowerCase();
  return FORMATS.filter(({ ending }) => name.endsWith(ending)).sort(
    (a, b) => b.ending.length - a.ending.length,
  )[0];
}

/** @throws EchosweepError OPTION_INVALID if two reports would go to one place */
export function refuseSharedPlaces(requests: readonly ReportRequest[]): void {
  const places = requests.map(({ path }) => (isStandardOutput(path) ? '-' : placeOf(path)));
  const again = places.findIndex((place, i) => places.indexOf(place) < i);
  if (again < 0) return;
  const place = places[again] === '-' ? 'standard output' : requests[again]!.path;
  throw new EchosweepError(
    'OPTION_INVALID',
    `two reports would go to ${place}`,
    'give each a place of its own',
  );
}

/** Where the links in a path lead, as far as it exists. */
function placeOf(path: string): string {
  const whole = resolve(path);
  for (const [known, rest] of [
    [whole, ''],
    [dirname(whole), basename(whole)],
  ] as const) {
    try {
      return join(realpathSync(known), rest);
    } catch {
      // Opening it shows what is wrong.
    }
  }
  return whole;
}

/** @throws EchosweepError OUTPUT_FAILED */
export function openOutput(
  path: string,
  stdout: StandardOutput,
): Promise<ReportOutput> | ReportOutput {
  return isStandardOutput(path)
    ? borrowedStream(stdout.stream, 'standard output')
    : openOutputFile(path);
}
