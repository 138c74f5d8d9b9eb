/** What a table shows: rows by number, and columns that say how to show and to order them. */

import type { Status } from '../../../results/outcome.ts';

export interface TableColumn {
  /** Of the CSV column. */
  readonly name: string;
  readonly label: string;
  /** In em; a column that grows takes what is left. */
  readonly width: number;
  readonly isNumber: boolean;
  readonly grows?: boolean;
  readonly text: (row: number) => string;
  /** For screen readers, if the text is a picture. */
  readonly spoken?: (row: number) => string;
  /** With the swatch of the row's status, or of one width for every character. */
  readonly look?: 'status' | 'strip';
  /** What rows are sorted by; numbers below 0 and empty texts come last. */
  readonly order: (row: number) => number | string;
}

export interface TableModel {
  readonly count: number;
  readonly noun: 'host' | 'subnet';
  /** All, as they are exported. */
  readonly columns: readonly TableColumn[];
  readonly shown: readonly TableColumn[];
  /** undefined for rows that have no single status. */
  readonly statusOf?: (row: number) => Status;
  readonly reasonOf?: (row: number) => string;
  readonly fileName: string;
}

/** @param width em */
export function wordColumn(
  name: string,
  label: string,
  text: (row: number) => string,
  width: number,
  grows = false,
): TableColumn {
  return { name, label, width, isNumber: false, grows, text, order: text };
}

/** @param width em */
export function numberColumn(
  name: string,
  label: string,
  value: (row: number) => number,
  text: (value: number) => string,
  width: number,
): TableColumn {
  return { name, label, width, isNumber: true, text: (row) => text(value(row)), order: value };
}
