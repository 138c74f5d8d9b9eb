/** What the table shows, as a CSV file: the same cells as in a report, and no formula among them. */

import { MS_A_MINUTE } from '../../../durations.ts';
import { neutralFormula } from '../../spreadsheet-text.ts';
import { element } from './dom.ts';
import type { TableColumn } from './table-model.ts';

/** RFC 4180. */
export function csvText(columns: readonly TableColumn[], rows: ArrayLike<number>): string {
  const lines = [columns.map(({ name }) => name).join()];
  for (let i = 0; i < rows.length; i++) {
    lines.push(columns.map((column) => cell(column, rows[i]!)).join());
  }
  return `${lines.join('\n')}\n`;
}

export function download(text: string, fileName: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/csv;charset=utf-8' }));
  const link = element('a', { href: url, download: fileName });
  link.click();
  // The browser has opened the file by the time that it shows where it goes.
  setTimeout(() => URL.revokeObjectURL(url), MS_A_MINUTE);
}

function cell({ isNumber, text }: TableColumn, row: number): string {
  const plain = isNumber ? text(row).replaceAll(',', '') : neutralFormula(text(row));
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}
