/** Tables that the code makes in documents that are otherwise written by hand. */

import { documentRow } from './options-doc.ts';

/**
 * The page with one of its tables replaced.
 * @throws Error if the page has no place for it
 */
export function withTable(page: string, [name, rows]: [string, readonly string[]]): string {
  const [start, end] = [page.indexOf(`<!-- ${name}: `), page.indexOf(`<!-- end of ${name} -->`)];
  if (start < 0 || end < start) throw new Error(`no place for the table of ${name}`);
  const head = page.slice(0, page.indexOf('\n', start) + 1);
  return [`${head}`, ...rows, '', page.slice(end)].join('\n');
}

/** Padded to equal widths, as the formatter wants the tables of a page that it formats. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = headings.map((_, column) =>
    Math.max(...[headings, ...rows].map((cells) => cells[column]!.replaceAll('|', '\\|').length)),
  );
  const padded = (cells: readonly string[]): string[] =>
    cells.map((cell, column) => cell.padEnd(widths[column]! - (cell.split('|').length - 1)));
  return [headings, widths.map((width) => '-'.repeat(width)), ...rows].map((cells) =>
    documentRow(padded(cells)),
  );
}
