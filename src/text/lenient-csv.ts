/** Reads a CSV whose rows may be broken one by one: a broken row costs itself, and nothing after it. */

// Both from one entry: in the bundled command each entry has an error class of its own.
import { CsvError, parse } from 'csv-parse/sync';
import { type CsvHeader, type CsvRow, csvProblem, LONGEST_RECORD } from './csv-rows.ts';
import { literalText } from './literal-cell.ts';

/** Reports a row that is left out. @param line from 1 */
export type SkipRow = (line: number, problem: string) => void;

/** Each costs another look at the text that follows it. */
const MOST_BROKEN_ROWS = 100;
const LINE_END = /\r\n|\n|\r/g;

/**
 * The records of a CSV, the header among them. If the quotes of a record are broken, the line in which it begins is
 * left out, and reading goes on in the next line. Rows may be wider or narrower than the header.
 */
export function lenientCsvRows(
  text: string,
  header: Pick<CsvHeader, 'delimiter' | 'skippedCharacters' | 'skippedLines'>,
  skip: SkipRow,
): CsvRow[] {
  const rows: CsvRow[] = [];
  let rest = text.slice(header.skippedCharacters);
  let line = header.skippedLines + 1;
  for (let broken = 0; ; broken++) {
    const first = line;
    const problem = addRecords(rest, header.delimiter, (cells) => {
      rows.push({ line, cells: cells.map(literalText) });
      line += 1 + lineEndsIn(cells);
    });
    if (problem === undefined) return rows;
    if (broken === MOST_BROKEN_ROWS) {
      skip(line, `${problem}; too many rows are broken, so the rest of the file`);
      return rows;
    }
    skip(line, problem);
    rest = withoutLines(rest, line - first + 1);
    line++;
  }
}

/** @returns what is wrong with the record after the last one that was added; undefined if there is none */
function addRecords(
  text: string,
  delimiter: string,
  add: (cells: readonly string[]) => void,
): string | undefined {
  try {
    parse(text, {
      delimiter,
      record_delimiter: ['\r\n', '\n', '\r'],
      relax_column_count: true,
      max_record_size: LONGEST_RECORD,
      on_record: (cells: string[]) => {
        add(cells);
        return null;
      },
    });
    return undefined;
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    return csvProblem(error.code)[0];
  }
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
