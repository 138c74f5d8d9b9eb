/** The reports of one sweep together: opened, written and finished as one, while a failed one does not cost the others. */

import { EchosweepError } from '../errors.ts';
import { errorCode } from '../file-errors.ts';
import { nothingUnread } from '../option-spec.ts';
import { optionInvalid } from '../option-value.ts';
import {
  isStandardOutput,
  openReports,
  type ReportRequest,
  type StandardOutput,
} from '../report/registry.ts';
import type { ReportSink } from '../report/sink.ts';
import type { HostResult } from '../results/host-result.ts';
import type { RunRecord } from '../results/run-record.ts';
import { anyOf } from '../words.ts';
import type { RecordReportOptions, ReportOptions, RunOptions } from './command-options.ts';
import { type Streams, wantsColour, widthOf } from './terminal.ts';

interface OpenReport {
  readonly sink: ReportSink;
  readonly isStandardOutput: boolean;
  /** Whether it gets its rows from `writeFinal`. */
  readonly isStream: boolean;
  /** Whether its rows may come out on the terminal that other words are shown on. */
  readonly mayBeSeen: boolean;
}

/** What decides about the reports of a sweep. */
export type SweepReportOptions = ReportOptions &
  Pick<RunOptions, 'live' | 'quiet'> & {
    /** Whether the rows are of several sites. */
    readonly hasSites?: boolean;
  };

/** Formats whose rows do not depend on each other. */
const STREAM_FORMATS: readonly string[] = ['csv', 'jsonl'];

export class Reports {
  #open: OpenReport[];
  readonly #onFailure: (error: EchosweepError) => void;

  /** @param onFailure called at once, and only once, for each report that can be written no further */
  constructor(open: readonly OpenReport[], onFailure: (error: EchosweepError) => void) {
    this.#open = [...open];
    this.#onFailure = onFailure;
  }

  /** Whether any report is left to write. */
  get isAnyLeft(): boolean {
    return this.#open.length > 0;
  }

  /** Whether what else is on the terminal must make room for rows. */
  get mayBeSeen(): boolean {
    return this.#open.some(({ mayBeSeen }) => mayBeSeen);
  }

  /** As `ReportSink` does. @throws EchosweepError OUTPUT_FAILED if one of them cannot be begun: then none is */
  async begin(run: RunRecord, givenNames?: ReadonlyMap<string, string>): Promise<void> {
    for (const report of [...this.#open]) {
      try {
        await report.sink.begin(run, givenNames);
      } catch (error) {
        if (!isReaderGone(report, error)) {
          await this.abort();
          throw error;
        }
        await this.#giveUp(report);
      }
    }
  }

  /** Rows in the order of addresses. */
  async write(rows: Iterable<HostResult>): Promise<void> {
    await this.#each(
      (sink) => sink.write(rows),
      ({ isStream }) => !isStream,
    );
  }

  /** Rows in the order in which they become final. May be under way together with `write`. */
  async writeFinal(rows: Iterable<HostResult>): Promise<void> {
    await this.#each(
      (sink) => sink.write(rows),
      ({ isStream }) => isStream,
    );
  }

  /** Finishes all and makes them appear. */
  async end(run: RunRecord): Promise<void> {
    await this.#each((sink) => sink.end(run));
    this.#open = [];
  }

  /** Leaves earlier files in the reports' places as they were. Never throws. */
  async abort(): Promise<void> {
    const open = this.#open;
    this.#open = [];
    await Promise.all(open.map(({ sink }) => sink.abort()));
  }

  /** A report that fails is given up; the sweep may have taken hours, and the others are wanted none the less. */
  async #each(
    step: (sink: ReportSink) => Promise<void>,
    isWanted: (report: OpenReport) => boolean = () => true,
  ): Promise<void> {
    for (const report of this.#open.filter(isWanted)) {
      try {
        await step(report.sink);
      } catch (error) {
        await this.#giveUp(report);
        if (isReaderGone(report, error)) continue;
        if (!(error instanceof EchosweepError)) throw error;
        this.#onFailure(error);
      }
    }
  }

  async #giveUp(report: OpenReport): Promise<void> {
    this.#open = this.#open.filter((other) => other !== report);
    await report.sink.abort();
  }
}

/**
 * @throws EchosweepError OPTION_INVALID or OUTPUT_FAILED; then none is open
 */
export async function openAllReports(
  options: SweepReportOptions,
  stdout: StandardOutput,
  onFailure: (error: EchosweepError) => void,
): Promise<Reports> {
  const requests = reportRequests(options, stdout);
  const sinks = await openReports(requests, stdout);
  const open = sinks.map((sink, i) => {
    const { path, isStream = false } = requests[i]!;
    const isOwn = isStandardOutput(path);
    const mayBeSeen = isOwn ? stdout.isTerminal : path.startsWith('/dev/');
    return { sink, isStandardOutput: isOwn, isStream, mayBeSeen };
  });
  return new Reports(open, onFailure);
}

/** The reports of a sweep from its options; without any, one to standard output, unless a map is drawn there. */
export function reportRequests(
  options: SweepReportOptions,
  stdout: Pick<StandardOutput, 'isTerminal'>,
): ReportRequest[] {
  const {
    outputs,
    format,
    stream,
    only,
    columns,
    csvProfile,
    csvDelimiter,
    csvDecimal,
    ...unread
  }: ReportOptions = options;
  nothingUnread(unread);
  const isMapDrawn = options.live && !options.quiet;
  const usual = isMapDrawn && stdout.isTerminal ? [] : ['-'];
  const request = (path: string): ReportRequest => ({
    path,
    format,
    only: only === undefined ? undefined : new Set(only),
    columns,
    csvProfile,
    csvDelimiter: delimiterOf(csvDelimiter),
    csvDecimal,
    ...(options.hasSites === true && { hasSites: true }),
  });
  if (!stream) return (outputs ?? usual).map(request);
  if (format !== undefined && !STREAM_FORMATS.includes(format)) {
    throw optionInvalid(
      `--stream: rows in the order in which they become final cannot be written as ${format}`,
      `use --format ${anyOf(STREAM_FORMATS)}`,
    );
  }
  return [{ ...request('-'), isStream: true }, ...(outputs ?? []).map(request)];
}

/** The reports of another command from its options; without any, one to standard output. */
export function recordRequests(options: RecordReportOptions): ReportRequest[] {
  const { outputs, format, columns, csvProfile, csvDelimiter, csvDecimal, ...unread } = options;
  nothingUnread(unread);
  return (outputs ?? ['-']).map((path) => ({
    path,
    format,
    columns,
    csvProfile,
    csvDelimiter: delimiterOf(csvDelimiter),
    csvDecimal,
  }));
}

function delimiterOf(given: string): string {
  return given === 'tab' ? '\t' : given;
}

/** Standard output as the report room sees it. */
export function standardOutputOf({ stdout, env }: Streams): StandardOutput {
  return {
    stream: stdout,
    isTerminal: stdout.isTTY === true,
    width: widthOf(stdout),
    colour: wantsColour(stdout, env),
  };
}

/** `| head` has read what it wanted: that is not a failure. */
function isReaderGone(report: OpenReport, error: unknown): boolean {
  return (
    report.isStandardOutput && error instanceof EchosweepError && errorCode(error.cause) === 'EPIPE'
  );
}
