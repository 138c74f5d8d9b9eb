/** Reads a CSV whose rows may be broken one by one: a broken row costs itself, and nothing after it. */

import { finished } from 'node:stream/promises';
import { setImmediate } from 'node:timers/promises';
// From the same entry as the parser: in the bundled command each entry has an error class of its own.
import { CsvError } from 'csv-parse';
import { type CsvHeader, type CsvRow, csvProblem, recordParser } from './csv-rows.ts';
import { literalText } from './literal-cell.ts';

/** Reports a row that is left out. @param line from 1 */
export type SkipRow = (line: number, problem: string) => void;

/** Each costs another look at the text that follows it. */
const MOST_BROKEN_ROWS = 100;
const LINE_ENDS = ['\r\n', '\n', '\r'];
const LINE_END = /\r\n|\n|\r/g;
/** Characters read between two pauses: some milliseconds. */
const CHARACTERS_A_STEP = 1 << 15;

/**
 * The records of a CSV, the header among them, a step at a time; the process does other work in between. If the quotes of
 * a record are broken, the line in which it begins is left out, and reading goes on in the next line. Rows may be wider
 * or narrower than the header.
 */
export async function* lenientCsvRows(
  text: string,
  header: Pick<CsvHeader, 'delimiter' | 'skippedCharacters' | 'skippedLines'>,
  skip: SkipRow,
): AsyncGenerator<readonly CsvRow[]> {
  let rest = text.slice(header.skippedCharacters);
  let line = header.skippedLines + 1;
  for (let broken = 0; ; broken++) {
    const first = line;
    const problem = yield* rowsOf(rest, header.delimiter, (cells) => {
      const row = { line, cells: cells.map(literalText) };
      line += 1 + lineEndsIn(cells);
      return row;
    });
    if (problem === undefined) return;
    if (broken === MOST_BROKEN_ROWS) {
      skip(line, `${problem}; too many rows are broken, so the rest of the file`);
      return;
    }
    skip(line, problem);
    rest = withoutLines(rest, line - first + 1);
    line++;
  }
}

/** The rows of a text up to a broken record. @returns what is wrong with that; undefined if there is none */
async function* rowsOf(
  text: string,
  delimiter: string,
  rowOf: (cells: readonly string[]) => CsvRow,
): AsyncGenerator<readonly CsvRow[], string | undefined> {
  let rows: CsvRow[] = [];
  const parser = recordParser(delimiter, LINE_ENDS, (cells) => rows.push(rowOf(cells)));
  for (let at = 0; at < text.length && parser.errored === null; ) {
    const end = stepEnd(text, at);
    parser.write(text.slice(at, end));
    at = end;
    yield rows;
    rows = [];
    await setImmediate();
  }
  let problem: string | undefined;
  try {
    parser.end();
    await finished(parser);
  } catch (error) {
    const reason = parser.errored ?? error;
    if (!(reason instanceof CsvError)) throw reason;
    [problem] = csvProblem(reason.code);
  }
  yield rows;
  return problem;
}

/** The parser takes octets, so no character is cut in half. */
function stepEnd(text: string, at: number): number {
  const end = at + CHARACTERS_A_STEP;
  return isHighSurrogate(text.charCodeAt(end - 1)) ? end + 1 : end;
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit < 0xdc00;
}

function lineEndsIn(cells: readonly string[]): number {
  return cells.reduce((sum, cell) => sum + (cell.match(LINE_END)?.length ?? 0), 0);
}

function withoutLines(text: string, count: number): string {
  let left = count;
  for (const { index, 0: end } of text.matchAll(LINE_END)) {
    if (--left === 0) return text.slice(index + end.length);
  }
  return '';
}
