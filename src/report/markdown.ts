/** A table in GitHub-flavoured Markdown, to paste into a ticket or a wiki. */

import type { CellSink, Column } from '../results/column.ts';
import { safeText } from '../words.ts';
import { decimalText, withSite } from './columns.ts';
import type { RecordWriter, ReportFormat } from './format.ts';
import { DEFAULT_COLUMNS } from './row-layout.ts';
import { headingOf } from './table-layout.ts';

export const MARKDOWN: ReportFormat = {
  rows: ({ columns, hasSites }) => markdownWriter(columns ?? withSite(DEFAULT_COLUMNS, hasSites)),
  records: (shape, { columns }) => markdownWriter(columns ?? shape.columns),
};

function markdownWriter<Entry>(columns: readonly Column<Entry>[]): RecordWriter<Entry> {
  return {
    begin: () =>
      line(columns.map(({ name }) => markdownText(headingOf(name)))) +
      line(columns.map(({ kind }) => (kind === 'figure' ? '---:' : '---'))),
    rows(entries) {
      const cells = new MarkdownCells();
      for (const entry of entries) {
        for (const column of columns) {
          cells.markdown += '| ';
          column.put(entry, cells, column.decimals);
          cells.markdown += ' ';
        }
        cells.markdown += '|\n';
      }
      return cells.markdown;
    },
    end: () => '',
  };
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |\n`;
}

class MarkdownCells implements CellSink {
  markdown = '';

  word(value: string): void {
    this.markdown += value;
  }

  text(value: string | null): void {
    if (value !== null) this.markdown += markdownText(value);
  }

  number(value: number | null, decimals: number): void {
    if (value !== null) this.markdown += decimalText(value, decimals);
  }

  time(value: Date | null): void {
    if (value !== null) this.markdown += value.toISOString();
  }
}

/**
 * Without meaning in Markdown, and not made into a link, a mention or a picture by a site that shows it: GitHub links
 * `www.` behind a blank as well, and takes `GH-12` for an issue.
 */
const PLAIN = /^(?!.*(?:www\.|gh-\d))[\p{L}\p{N}](?:[\p{L}\p{N} .,%/()-]*[\p{L}\p{N}%)])?$/iu;
/** A code span keeps everything else as it is, but it has no way to hold these in the cell of a table. */
const NOT_IN_A_SPAN = /[`|\\]|^\s|\s$/;
const PUNCTUATION = /[!-/:-@[-`{-~]/g;

/**
 * Text as a cell shows it. Code is neither linked nor a mention, and the colons of a MAC address or an IPv6 address make
 * no pictures: `:ab:` would be one.
 */
export function markdownText(text: string): string {
  const safe = safeText(text);
  if (safe === '' || PLAIN.test(safe)) return safe;
  if (!NOT_IN_A_SPAN.test(safe)) return `\`${safe}\``;
  const quoted = safe.replace(PUNCTUATION, (character) => `&#${character.charCodeAt(0)};`);
  return `<code>${quoted}</code>`;
}
