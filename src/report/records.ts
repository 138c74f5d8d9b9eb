/** Reports of anything that is a list of records: the formats, profiles and places of a sweep's report. */

import { stat } from 'node:fs/promises';
import { EchosweepError } from '../errors.ts';
import { errorCode } from '../file-errors.ts';
import { pickColumns } from './columns.ts';
import { type RecordWriter, writePiece } from './format.ts';
import { type FormatEntry, HOST_FORMATS, RECORD_FORMATS } from './formats.ts';
import type { ReportOutput } from './output.ts';
import { openOutputFile } from './output-file.ts';
import type { RecordShape } from './record-shape.ts';
import {
  formatEntry,
  formatSettings,
  isStandardOutput,
  openOutput,
  type ReportRequest,
  refuseSharedPlaces,
  refuseTooManyEntries,
  type StandardOutput,
} from './registry.ts';

const ENTRIES_A_PIECE = 1000;

/**
 * Finds what is wrong with the requests themselves, before any work is done for them.
 * @throws EchosweepError OPTION_INVALID as `writeRecords` would
 */
export async function checkRecordReports<Entry>(
  shape: RecordShape<Entry>,
  requests: readonly ReportRequest[],
  stdout: StandardOutput,
): Promise<void> {
  for (const request of requests) await recordWriter(shape, request, stdout);
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
  await checkRecordReports(shape, requests, stdout);
  refuseTooManyEntries(entries.length, requests, stdout, formatsOf(shape));
  for (const request of requests) {
    const writer = await recordWriter(shape, request, stdout);
    await writeWhole(request.path, stdout, async (output) => {
      await writePiece(output, writer.begin());
      for (let first = 0; first < entries.length; first += ENTRIES_A_PIECE) {
        await writePiece(output, writer.rows(entries.slice(first, first + ENTRIES_A_PIECE)));
      }
      await writePiece(output, writer.end());
    });
  }
}

/**
 * Writes to a place: a file appears whole or not at all.
 * @throws EchosweepError OUTPUT_FAILED
 */
export async function writeWhole(
  path: string,
  stdout: StandardOutput,
  write: (output: ReportOutput) => Promise<void>,
): Promise<void> {
  const output = await openOutput(path, stdout);
  try {
    await write(output);
    await output.commit();
  } catch (error) {
    await output.discard();
    const isReaderGone = isStandardOutput(path) && isPipeClosed(error);
    if (!isReaderGone) throw error;
  }
}

/**
 * Finds a place that cannot be written before work is done for it. A report is begun there and taken back; pipes and
 * devices are left alone, because their readers would take that for the end.
 * @throws EchosweepError OUTPUT_FAILED
 */
export async function checkRecordPlaces(requests: readonly ReportRequest[]): Promise<void> {
  for (const { path } of requests) {
    const existing = await stat(path).catch(() => undefined);
    if (isStandardOutput(path) || existing?.isFIFO() || existing?.isCharacterDevice()) continue;
    await (await openOutputFile(path)).discard();
  }
}

/** `| head` has read what it wanted, which is not a failure. */
function isPipeClosed(error: unknown): boolean {
  return error instanceof EchosweepError && errorCode(error.cause) === 'EPIPE';
}

async function recordWriter<Entry>(
  shape: RecordShape<Entry>,
  request: ReportRequest,
  stdout: StandardOutput,
): Promise<RecordWriter<Entry>> {
  const format = await formatEntry(request, stdout, formatsOf(shape)).load();
  const columns =
    request.columns === undefined ? undefined : pickColumns(request.columns, shape.columns);
  const writerOf = format.records ?? format.hosts!;
  return writerOf(shape, formatSettings(request, columns, stdout));
}

function formatsOf({ isOfHosts }: RecordShape<never>): readonly FormatEntry[] {
  return isOfHosts ? HOST_FORMATS : RECORD_FORMATS;
}
