/** The records of a CSV file (RFC 4180), one after the other, with the line of each and a clear word about what is wrong. */

import { createReadStream } from 'node:fs';
import { pipeline, Readable } from 'node:stream';
import { type CsvError, parse } from 'csv-parse';
import { EchosweepError } from '../errors.ts';
import { errorCode, readFault } from '../file-errors.ts';

export interface CsvRecord {
  /** Of its end, from 1. */
  readonly line: number;
  readonly cells: readonly string[];
}

/** A line that long is no header, whatever it is. */
const LONGEST_HEADER = 10_000;
const LONGEST_QUOTE = 60;
const ORIGINAL = 'take the report as it was written';

/**
 * Reads as it is asked for more; all records are as wide as the first.
 * @param path what it is called @param delimiterOf finds the delimiter in the first line @param file where it comes from
 * @throws EchosweepError REPORT_INVALID
 */
export async function* readCsvRecords(
  path: string,
  delimiterOf: (header: string) => string,
  file: Readable = createReadStream(path),
): AsyncGenerator<CsvRecord> {
  try {
    const text = utf8Of(file);
    const { header, whole } = await lookAhead(text);
    const delimiter = delimiterOf(header);
    const parser = parse({ delimiter, bom: true, relax_quotes: false });
    pipeline(Readable.from(whole), parser, () => {});
    let line = 0;
    for await (const cells of parser as AsyncIterable<string[]>) {
      line++;
      // The parser could count them itself, at a quarter of its speed.
      for (const cell of cells) if (cell.includes('\n')) line += cell.split('\n').length - 1;
      yield { line, cells };
    }
  } catch (error) {
    throw unreadable(path, error);
  } finally {
    file.destroy();
  }
}

/** A file in another encoding would pass for one with strange names. */
async function* utf8Of(file: Readable): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  for await (const chunk of file) yield decoder.decode(chunk as Uint8Array, { stream: true });
  yield decoder.decode();
}

/** The first line without its end and byte order mark, and the whole text all the same. */
async function lookAhead(
  text: AsyncGenerator<string>,
): Promise<{ header: string; whole: AsyncIterable<string> }> {
  let start = '';
  while (!/[\r\n]/.test(start) && start.length <= LONGEST_HEADER) {
    const next = await text.next();
    if (next.done) break;
    start += next.value;
  }
  const whole = async function* (): AsyncGenerator<string> {
    yield start;
    yield* text;
  };
  return { header: start.replace(/^\uFEFF/, '').split(/[\r\n]/, 1)[0]!, whole: whole() };
}

function unreadable(path: string, error: unknown): EchosweepError {
  if (error instanceof EchosweepError) return error;
  if (error instanceof TypeError && errorCode(error) === 'ERR_ENCODING_INVALID_ENCODED_DATA') {
    return invalid(path, 'it is not UTF-8', 'save it as CSV in UTF-8');
  }
  const code = errorCode(error);
  if (code.startsWith('CSV_')) {
    const { lines } = error as CsvError & { readonly lines?: number };
    return invalid(`${path}, line ${lines}`, csvProblem(code), ORIGINAL);
  }
  const { problem, advice } = readFault(error);
  return new EchosweepError('REPORT_INVALID', `cannot read ${path}: ${problem}`, advice, {
    cause: error,
  });
}

function csvProblem(code: string): string {
  return code === 'CSV_RECORD_INCONSISTENT_FIELDS_LENGTH'
    ? 'the row is not as wide as the header'
    : 'the quotes are not those of a CSV (RFC 4180)';
}

/** The error of a file that can be read but is wrong. */
export function invalid(where: string, problem: string, advice: string): EchosweepError {
  return new EchosweepError('REPORT_INVALID', `${where}: ${problem}`, advice);
}

/** Cells are others' words: escaped, and cut where they are long. */
export function quoted(text: string): string {
  const short = text.length > LONGEST_QUOTE ? `${text.slice(0, LONGEST_QUOTE)}…` : text;
  return JSON.stringify(short).replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '\uFFFD');
}
