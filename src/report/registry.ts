/** The report formats, one line each, and the opening of the reports that a sweep was asked for. */

import { resolve } from 'node:path';
import type { Writable } from 'node:stream';
import { EchosweepError } from '../errors.ts';
import type { Status } from '../results/outcome.ts';
import { pickColumns } from './columns.ts';
import { csvFormat } from './csv.ts';
import { filterSink } from './filter-sink.ts';
import { type FormatSettings, formatSink, type ReportFormat } from './format.ts';
import { htmlFormat } from './html.ts';
import { jsonLinesFormat } from './json-lines.ts';
import type { ReportOutput } from './output.ts';
import { openOutputFile } from './output-file.ts';
import { borrowedStream } from './output-stream.ts';
import type { ReportSink } from './sink.ts';
import { tableFormat } from './table.ts';

export interface FormatEntry {
  /** As `--format` takes it. */
  readonly name: string;
  /** Of the file names that mean this format. */
  readonly ending: string;
  /** One sentence for the help and the documentation. */
  readonly description: string;
  readonly create: (settings: FormatSettings) => ReportFormat;
}

const CSV: FormatEntry = {
  name: 'csv',
  ending: '.csv',
  description: 'One row a host, for spreadsheets and scripts.',
  create: csvFormat,
};
const JSON_LINES: FormatEntry = {
  name: 'jsonl',
  ending: '.jsonl',
  description: "One JSON record a host with each probe's RTT, between two records of the run.",
  create: jsonLinesFormat,
};
const TABLE: FormatEntry = {
  name: 'table',
  ending: '.txt',
  description: 'Aligned columns, for a person.',
  create: tableFormat,
};
const HTML: FormatEntry = {
  name: 'html',
  ending: '.html',
  description: 'A page with a map, charts and a table, for a browser.',
  create: htmlFormat,
};
export const FORMATS: readonly FormatEntry[] = [CSV, JSON_LINES, TABLE, HTML];

/** One report as it was asked for. */
export interface ReportRequest {
  /** A file, or `-` for standard output. */
  readonly path: string;
  /** Name of a format; overrides the path's ending. */
  readonly format?: string | undefined;
  /** Only hosts of these statuses; undefined for all. */
  readonly only?: ReadonlySet<Status> | undefined;
  /** Names from COLUMNS, in the order wanted; undefined for the format's own. */
  readonly columns?: readonly string[] | undefined;
  readonly csvProfile: 'plain' | 'excel';
  /** One character. */
  readonly csvDelimiter: string;
  readonly csvDecimal: '.' | ',';
}

/** Standard output as the command line found it. */
export interface StandardOutput {
  readonly stream: Writable;
  /** Whether a person looks at it: then a report without a format is a table, else CSV. */
  readonly isTerminal: boolean;
  /** Columns of the terminal; not used where it is none. */
  readonly width: number;
  readonly colour: boolean;
}

/**
 * Finds what is wrong with the requests themselves, before anything is opened.
 * @throws EchosweepError OPTION_INVALID as `openReports` would
 */
export function checkReports(requests: readonly ReportRequest[], stdout: StandardOutput): void {
  chooseFormats(requests, stdout);
}

/**
 * Opens all of the reports, or none.
 * @throws EchosweepError OPTION_INVALID for a wrong format, ending, column or delimiter, or two reports in one place;
 * OUTPUT_FAILED where one cannot be written
 */
export async function openReports(
  requests: readonly ReportRequest[],
  stdout: StandardOutput,
): Promise<ReportSink[]> {
  const formats = chooseFormats(requests, stdout);
  const sinks: ReportSink[] = [];
  try {
    for (const [i, request] of requests.entries()) {
      const sink = formatSink(formats[i]!, await openOutput(request.path, stdout));
      sinks.push(request.only === undefined ? sink : filterSink(sink, request.only));
    }
  } catch (error) {
    await Promise.all(sinks.map((sink) => sink.abort()));
    throw error;
  }
  return sinks;
}

/** Whether a report to this path goes to standard output. */
export function isStandardOutput(path: string): boolean {
  return path === '-' || path === '/dev/stdout';
}

function chooseFormats(requests: readonly ReportRequest[], stdout: StandardOutput): ReportFormat[] {
  const formats = requests.map((request) => chooseFormat(request, stdout));
  refuseSharedPlaces(requests);
  return formats;
}

function chooseFormat(request: ReportRequest, stdout: StandardOutput): ReportFormat {
  const { path, columns, csvProfile, csvDelimiter, csvDecimal } = request;
  const isShown = isStandardOutput(path) && stdout.isTerminal;
  return formatEntry(request, stdout).create({
    columns: columns === undefined ? undefined : pickColumns(columns),
    csvProfile,
    csvDelimiter,
    csvDecimal,
    width: isShown ? stdout.width : Number.POSITIVE_INFINITY,
    colour: isStandardOutput(path) && stdout.colour,
  });
}

/**
 * The format that a request means, by its name, its ending or its place.
 * @throws EchosweepError OPTION_INVALID where that is not to be told
 */
export function formatEntry(request: ReportRequest, stdout: StandardOutput): FormatEntry {
  const { path, format } = request;
  if (path === '') {
    throw new EchosweepError(
      'OPTION_INVALID',
      'the report has no file name',
      'give one, or - for standard output',
    );
  }
  if (format !== undefined) {
    const named = FORMATS.find((entry) => entry.name === format);
    if (named !== undefined) return named;
    throw new EchosweepError(
      'OPTION_INVALID',
      `unknown format ${JSON.stringify(format)}`,
      `use ${listed(FORMATS.map((entry) => entry.name))}`,
    );
  }
  if (isStandardOutput(path)) return stdout.isTerminal ? TABLE : CSV;
  const ending = FORMATS.find((entry) => path.toLowerCase().endsWith(entry.ending));
  if (ending !== undefined) return ending;
  // /dev/null, or the /dev/fd/63 of a shell's >(command): a pipe, like standard output without a terminal.
  if (path.startsWith('/dev/')) return CSV;
  throw new EchosweepError(
    'OPTION_INVALID',
    `cannot tell the format of ${path} by its name`,
    `end it in ${listed(FORMATS.map((entry) => entry.ending))}, or give --format`,
  );
}

/** @throws EchosweepError OPTION_INVALID where two reports would go to one place */
export function refuseSharedPlaces(requests: readonly ReportRequest[]): void {
  const places = requests.map(({ path }) => (isStandardOutput(path) ? '-' : resolve(path)));
  const again = places.findIndex((place, i) => places.indexOf(place) < i);
  if (again < 0) return;
  const place = places[again] === '-' ? 'standard output' : requests[again]!.path;
  throw new EchosweepError(
    'OPTION_INVALID',
    `two reports would go to ${place}`,
    'give each a place of its own',
  );
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

function listed(words: readonly string[]): string {
  return `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}
