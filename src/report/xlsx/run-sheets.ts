/** The sheets "Summary" and "Run": what a sweep found in all, and how it went. */

import { STATUSES } from '../../results/outcome.ts';
import type { RunRecord } from '../../results/run-record.ts';
import { snakeCase } from '../json-lines.ts';
import { SheetWriter } from './sheet-writer.ts';
import type { Workbook } from './workbook.ts';

const SUMMARY_WIDTHS = [16, 24, 12, 12];
const RUN_WIDTHS = [32, 60];

export function addSummary(book: Workbook, run: RunRecord): void {
  const sheet = new SheetWriter(book, 'Summary');
  sheet.begin(SUMMARY_WIDTHS, { isHeaderFrozen: false });
  const all = STATUSES.reduce((sum, status) => sum + run.statuses[status], 0);
  sheet.headings(['status', 'reason', 'hosts', 'share_pct']);
  const count = (status: string, reason: string, hosts: number): void => {
    sheet.beginRow();
    sheet.cell(0).word(status);
    sheet.cell(1).text(reason);
    sheet.cell(2).number(hosts, 0);
    sheet.cell(3).number(all === 0 ? null : (100 * hosts) / all, 1);
    sheet.endRow();
  };
  for (const status of STATUSES) {
    count(status, '', run.statuses[status]);
    const reasons = Object.entries(run.outcomes[status] ?? {}).sort(([, a], [, b]) => b - a);
    for (const [reason, hosts] of reasons) count('', reason, hosts);
  }
  count('all', '', all);
  const remark = (label: string, text: string): void => {
    sheet.beginRow();
    sheet.cell(0).word(label);
    sheet.cell(1).text(text);
    sheet.endRow();
  };
  if (run.partial) remark('partial', 'the sweep ended before it had covered every target');
  if (run.failure !== null) remark('failure', run.failure);
  for (const doubt of run.doubts) remark('do not trust', doubt);
  for (const note of run.notes) remark('note', note);
  sheet.end(0);
}

/** The fields of a run record in JSON Lines, one a row: `packets.sent`; a list has a row for each item. */
export function addRun(book: Workbook, run: RunRecord): void {
  const sheet = new SheetWriter(book, 'Run');
  sheet.begin(RUN_WIDTHS, { isHeaderFrozen: true });
  sheet.headings(['field', 'value']);
  for (const [path, value] of fieldsOf(snakeCase(run), '')) {
    sheet.beginRow();
    sheet.cell(0).word(path);
    if (value instanceof Date) sheet.cell(1).time(value);
    else if (typeof value === 'number') {
      sheet.cell(1).number(value, Number.isInteger(value) ? 0 : 3);
    } else if (value !== null) sheet.cell(1).text(String(value));
    sheet.endRow();
  }
  sheet.end(0);
}

function* fieldsOf(value: unknown, path: string): Generator<[path: string, value: unknown]> {
  if (value === null || typeof value !== 'object' || value instanceof Date) {
    yield [path, value];
  } else if (Array.isArray(value)) {
    for (const item of value) yield* fieldsOf(item, path);
  } else {
    for (const [key, inner] of Object.entries(value)) {
      yield* fieldsOf(inner, path === '' ? key : `${path}.${key}`);
    }
  }
}
