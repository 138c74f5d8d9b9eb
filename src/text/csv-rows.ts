/** Reads CSV as people have it: any usual delimiter, quoted headers, line ends inside cells, and what Excel and PowerShell put first. */

import { finished } from 'node:stream/promises';
import { CsvError, type Parser, parse } from 'csv-parse';
import { parse as parseWhole } from 'csv-parse/sync';
import { literalText } from './literal-cell.ts';
import type { PeekedText } from './peeked-text.ts';
import type { Refusal } from './refusal.ts';

/** One record. */
export interface CsvRow {
  /** The line in which it begins, from 1. */
  readonly line: number;
  readonly cells: readonly string[];
}

/** How a file of CSV is to be read, and what its first record says. */
export interface CsvHeader {
  readonly delimiter: string;
  /** The cells of the first record, which are the names of the columns in most files. */
  readonly cells: readonly string[];
  /** Characters and lines before the first record: `sep=;` of Excel, `#TYPE …` of PowerShell, comments, blank lines. */
  readonly skippedCharacters: number;
  readonly skippedLines: number;
}

const DELIMITERS: readonly string[] = [',', ';', '\t', '|'];
/** A longer one has a quotation mark that is not closed. */
const LONGEST_RECORD = 1 << 20;
const SEPARATOR_LINE = /^sep=(.)$/i;

/**
 * Finds the delimiter: the one that `sep=` names, else the first under which `isHeader` takes the first record, else
 * the one that makes most cells. Names of columns may hold delimiters in quotes, and line ends.
 */
export function csvHeaderOf(
  head: string,
  isHeader: (cells: readonly string[]) => boolean,
): CsvHeader {
  const { skippedCharacters, skippedLines, separator } = preambleOf(head);
  const rest = head.slice(skippedCharacters);
  const headers = (separator === undefined ? DELIMITERS : [separator]).map((delimiter) => ({
    delimiter,
    cells: firstRecord(rest, delimiter),
    skippedCharacters,
    skippedLines,
  }));
  const widest = headers.reduce((best, next) =>
    next.cells.length > best.cells.length ? next : best,
  );
  return headers.find(({ cells }) => isHeader(cells)) ?? widest;
}

/**
 * The records of a CSV file, the header among them, as many at a time as a piece of the text holds: waiting for each by
 * itself would take longer than reading it.
 * @param isRagged whether rows may be wider or narrower than the header
 * @throws what `refuse` makes of broken quotes, and of rows of another width
 */
export async function* csvRows(
  { head, whole }: PeekedText,
  header: Pick<CsvHeader, 'delimiter' | 'skippedCharacters' | 'skippedLines'>,
  { isRagged }: { readonly isRagged: boolean },
  refuse: Refusal,
): AsyncGenerator<readonly CsvRow[]> {
  let rows: CsvRow[] = [];
  let line = header.skippedLines + 1;
  let width: number | undefined;
  const add = (cells: string[], lines: number): void => {
    width ??= cells.length;
    if (cells.length !== width && !isRagged) {
      throw refuse(line, ...csvProblem('CSV_RECORD_INCONSISTENT_FIELDS_LENGTH'));
    }
    rows.push({ line, cells });
    line += lines;
  };
  const taken = (): readonly CsvRow[] => {
    const complete = rows;
    rows = [];
    return complete;
  };

  let parser: Parser | undefined;
  let parserLine = line;
  const startParser = (): Parser => {
    parserLine = line;
    // Lines before it end with LF; without any, it decides by the first that it reads.
    return recordParser(header.delimiter, width === undefined ? [] : ['\n'], (cells) => {
      // The parser could count them itself, at a quarter of its speed.
      const lineEnds = cells.reduce((sum, cell) => sum + lineEndsIn(cell), 0);
      add(cells.map(literalText), 1 + lineEnds);
    });
  };
  let rest = '';
  try {
    for await (const piece of withoutStart(
      whole,
      Math.min(header.skippedCharacters, head.length),
    )) {
      const open = rest + piece;
      rest = '';
      if (parser === undefined && isPlain(open)) {
        // Up to the first quotation mark of a file its lines are its records, and take a fifth of the parser's time.
        const lines = open.split('\n');
        rest = lines.pop()!;
        for (const each of lines) add(each.split(header.delimiter), 1);
      } else {
        parser ??= startParser();
        parser.write(open);
        if (parser.errored !== null) throw parser.errored;
      }
      if (rows.length > 0) yield taken();
    }
    parser ??= startParser();
    parser.end(rest);
    await finished(parser);
  } catch (error) {
    // The rows before it may be wrong as well, and come first.
    if (rows.length > 0) yield taken();
    if (!(error instanceof CsvError)) throw error;
    const { lines } = error as CsvError & { readonly lines?: number };
    throw refuse(parserLine - 1 + (lines ?? 1), ...csvProblem(error.code));
  }
  if (rows.length > 0) yield taken();
}

/** Whether a text has no cells in quotes, no line ends other than LF, and no line that may be too long. */
function isPlain(text: string): boolean {
  return text.length <= LONGEST_RECORD && !text.includes('"') && !text.includes('\r');
}

/** Reads what is written to it at once. @param lineEnds those possible; none if the text decides */
export function recordParser(
  delimiter: string,
  lineEnds: string[],
  onRecord: (cells: string[]) => void,
): Parser {
  const parser = parse({
    delimiter,
    record_delimiter: lineEnds,
    relax_column_count: true,
    max_record_size: LONGEST_RECORD,
    on_record(cells: string[]) {
      onRecord(cells);
      return null;
    },
  });
  // It is taken from `errored` instead.
  parser.on('error', () => {});
  return parser.resume();
}

/** What a code of csv-parse means. */
export function csvProblem(code: string): [problem: string, advice: string] {
  if (code === 'CSV_RECORD_INCONSISTENT_FIELDS_LENGTH') {
    return ['the row is not as wide as the header', 'give every row a cell per column'];
  }
  if (code === 'CSV_MAX_RECORD_SIZE') {
    return ['the row is too long', 'look for a quotation mark that is not closed'];
  }
  return ['the quotes are not those of a CSV (RFC 4180)', 'double the quotes inside quoted cells'];
}

function preambleOf(head: string): {
  readonly skippedCharacters: number;
  readonly skippedLines: number;
  readonly separator: string | undefined;
} {
  let skippedCharacters = 0;
  let skippedLines = 0;
  let separator: string | undefined;
  for (const [whole, line] of head.matchAll(/(.*?)(?:\r\n|\n|\r)/gsy)) {
    const named = skippedLines === 0 ? SEPARATOR_LINE.exec(line!.replace(/(?<! ) +$/, '')) : null;
    if (named === null && !/^\s*(#.*)?$/s.test(line!)) break;
    separator ??= named?.[1];
    skippedCharacters += whole.length;
    skippedLines++;
  }
  return { skippedCharacters, skippedLines, separator };
}

function firstRecord(text: string, delimiter: string): readonly string[] {
  try {
    const records = parseWhole(text, { delimiter, to: 1 }) as string[][];
    return records[0] ?? [];
  } catch {
    // Under another delimiter the quotes may be in the middle of a cell.
    return [];
  }
}

async function* withoutStart(
  text: AsyncIterable<string>,
  characters: number,
): AsyncGenerator<string> {
  let left = characters;
  for await (const piece of text) {
    if (left < piece.length) yield left === 0 ? piece : piece.slice(left);
    left = Math.max(0, left - piece.length);
  }
}

function lineEndsIn(cell: string): number {
  if (!cell.includes('\n') && !cell.includes('\r')) return 0;
  return cell.split(/\r\n|\n|\r/).length - 1;
}
