/** A report that a sweep resumes: read once to learn what is done, and again while its rows are taken over. */

import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { EchosweepError } from '../errors.ts';
import type { EarlierRow } from '../results/earlier-report.ts';
import { MARKS, NO_OUTCOME, outcomeNumber } from '../results/outcome.ts';
import type { RunRecord } from '../results/run-record.ts';
import { endsWithLineEnd } from '../text/decoded-text.ts';
import { unreadable } from './csv-records.ts';
import { OneSite } from './one-site.ts';
import type { OpenReport, ReportedHost } from './read-csv.ts';
import { openReport } from './read-report.ts';

/** A sweep that is resumed is one of this machine. */
const ONE_ALONE = 'give the rows of one site alone';

export class PartialReport {
  /** As it was given. */
  readonly path: string;
  readonly columns: ReadonlySet<string>;
  /** The file stays open, so that a report that takes its place in the meantime is not read instead. */
  readonly #file: FileHandle;
  #opened: OpenReport;
  #isRead = false;

  private constructor(path: string, file: FileHandle, opened: OpenReport) {
    this.path = path;
    this.#file = file;
    this.#opened = opened;
    this.columns = opened.columns;
  }

  /** @throws EchosweepError REPORT_INVALID if it cannot be read, or its last line is cut off */
  static async open(path: string): Promise<PartialReport> {
    let file: FileHandle;
    try {
      // A pipe that has no writer is not waited for (open(2)). Windows has no such flag.
      file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    } catch (error) {
      throw unreadable(`the report ${path}`, error);
    }
    try {
      await refuseUnseekable(path, file);
      // First what it is: a compressed file does not end with a line end.
      const opened = await reportIn(path, file);
      await refuseCutEnd(path, file);
      return new PartialReport(path, file, opened);
    } catch (error) {
      await file.close();
      throw unreadable(`the report ${path}`, error);
    }
  }

  /** The last record of the run that has been read so far; undefined if there is none. */
  get run(): RunRecord | undefined {
    return this.#opened.run?.();
  }

  /**
   * Its rows in address order; the file is read again with each call.
   * @throws EchosweepError REPORT_INVALID for the first row that is wrong
   */
  async *rows(): AsyncGenerator<EarlierRow> {
    if (this.#isRead) this.#opened = await reportIn(this.path, this.#file);
    this.#isRead = true;
    const site = new OneSite(this.path, undefined, ONE_ALONE);
    for await (const batch of this.#opened.batches) {
      for (const host of batch) {
        if (!site.takes(host.site)) continue;
        refuseUnexplained(this.path, host);
        yield wholeRow(host);
      }
    }
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}

function reportIn(path: string, file: FileHandle): Promise<OpenReport> {
  return openReport(path, file.createReadStream({ start: 0, autoClose: false }));
}

async function refuseUnseekable(path: string, file: FileHandle): Promise<void> {
  if ((await file.stat()).isFile()) return;
  throw new EchosweepError(
    'REPORT_INVALID',
    `${path}: a sweep resumes only a regular file, because it reads it twice`,
    'save the report to a file first',
  );
}

/** A report that was cut off in the middle of a line has a last row that may read well and be wrong. */
async function refuseCutEnd(path: string, file: FileHandle): Promise<void> {
  const { size } = await file.stat();
  if (size === 0) return;
  const [start, end] = [await twoOctets(file, 0), await twoOctets(file, size - 2)];
  if (endsWithLineEnd(start, end)) return;
  throw new EchosweepError(
    'REPORT_INVALID',
    `${path}: its last line is cut off`,
    'remove that line; its host is then swept again',
  );
}

async function twoOctets(file: FileHandle, position: number): Promise<Uint8Array> {
  const { buffer, bytesRead } = await file.read({
    buffer: new Uint8Array(2),
    position: Math.max(0, position),
  });
  return buffer.subarray(0, bytesRead);
}

/** A new report has a reason in every row, and counts rows by it. That of an nmap scan may have none that we know. */
function refuseUnexplained(path: string, { text, status, reason }: ReportedHost): void {
  if (reason !== null && outcomeNumber(status, reason) !== NO_OUTCOME) return;
  throw new EchosweepError(
    'REPORT_INVALID',
    `${path}: ${text} is ${status} with ${reason === null ? 'no reason' : `the reason ${reason}`}`,
    'remove that row; its host is then swept again',
  );
}

/** CSV does not say when each reply came, but for a single one. */
function wholeRow(host: ReportedHost): EarlierRow {
  const { pattern, received, rttMinMs } = host;
  const rttsMs =
    host.rttsMs ??
    Array.from(pattern ?? '', (mark) => (mark === MARKS.reply && received === 1 ? rttMinMs : null));
  // Cells of columns that the report lacks are null; they are never written.
  return { ...host, rttsMs, pattern: pattern ?? '' } as EarlierRow;
}
