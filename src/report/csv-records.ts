/** The records of a CSV file (RFC 4180), some at a time, with the line of each and a clear message about what is wrong. */

import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { EchosweepError } from '../errors.ts';
import { cannotRead } from '../file-errors.ts';
import { type CsvHeader, type CsvRow, csvRows } from '../text/csv-rows.ts';
import { decodedText } from '../text/decoded-text.ts';
import { peekedText } from '../text/peeked-text.ts';
import type { Refusal } from '../text/refusal.ts';

const LONGEST_QUOTE = 60;

/**
 * Reads only as much as is consumed; all records are as wide as the first.
 * @param path what it is called
 * @param headerOf finds the header in the beginning of the text
 * @param file where it comes from
 * @throws EchosweepError REPORT_INVALID
 */
export async function* readCsvRecords(
  path: string,
  headerOf: (head: string) => Omit<CsvHeader, 'cells'>,
  file: Readable = createReadStream(path),
): AsyncGenerator<readonly CsvRow[]> {
  const refuse = refusalOf(path);
  try {
    const text = await peekedText(decodedText(file, refuse));
    yield* csvRows(text, headerOf(text.head), { isRagged: false }, refuse);
  } catch (error) {
    throw unreadable(path, error);
  } finally {
    file.destroy();
  }
}

/** Makes the errors of a file whose text is wrong. */
export function refusalOf(path: string): Refusal {
  return (line, problem, advice) =>
    line === undefined
      ? new EchosweepError('REPORT_INVALID', `${path} ${problem}`, advice)
      : invalid(`${path}, line ${line}`, problem, advice);
}

/** The error of a file that cannot be read; one of ours as it is. @param what the file, in a message */
export function unreadable(what: string, error: unknown): EchosweepError {
  if (error instanceof EchosweepError) return error;
  return cannotRead('REPORT_INVALID', what, error);
}

/** The error of a file that can be read but is wrong. */
export function invalid(where: string, problem: string, advice: string): EchosweepError {
  return new EchosweepError('REPORT_INVALID', `${where}: ${problem}`, advice);
}

/** The text of cells comes from outside: it is escaped, and cut if it is long. */
export function quoted(text: string): string {
  const short = text.length > LONGEST_QUOTE ? `${text.slice(0, LONGEST_QUOTE)}…` : text;
  return JSON.stringify(short).replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '\uFFFD');
}
