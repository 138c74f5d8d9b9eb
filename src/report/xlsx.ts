/** XLSX (ECMA-376): a workbook whose rows go into the file as they arrive; none of them is kept in memory. */

import { COLUMNS, withSite } from './columns.ts';
import type { ReportFormat } from './format.ts';
import { ListSheet } from './xlsx/list-sheet.ts';
import { addRun, addSummary } from './xlsx/run-sheets.ts';
import { Workbook } from './xlsx/workbook.ts';

export const XLSX: ReportFormat = {
  rows(settings) {
    const book = new Workbook();
    const columns = settings.columns ?? withSite(COLUMNS, settings.hasSites);
    const hosts = new ListSheet(book, 'Hosts', columns);
    return {
      begin: () => '',
      rows: (rows) => hosts.add(rows),
      end(run) {
        hosts.end();
        addSummary(book, run);
        addRun(book, run);
        return book.end();
      },
    };
  },
  records({ type, columns }, settings) {
    const book = new Workbook();
    const list = new ListSheet(book, sheetName(type), settings.columns ?? columns);
    return {
      begin: () => '',
      rows: (entries) => list.add(entries),
      end() {
        list.end();
        return book.end();
      },
    };
  },
};

/** `change` → `Changes`. */
function sheetName(type: string): string {
  return `${type.charAt(0).toUpperCase()}${type.slice(1)}s`;
}
