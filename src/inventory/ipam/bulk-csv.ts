/** CSV for the bulk import of another program: as RFC 4180 has it, without the apostrophes that guard a spreadsheet. */

/** The files for a bulk import. */
export interface BulkFiles {
  /** New hosts, and known ones of which something was missing. */
  readonly hosts: BulkTable;
  /** Known hosts that are gone. */
  readonly stale: BulkTable;
  /** How many hosts each part has. */
  readonly counts: {
    readonly created: number;
    readonly updated: number;
    readonly unchanged: number;
    readonly stale: number;
  };
  /** What was left out and why, a line each. */
  readonly notes: readonly string[];
}

export interface BulkTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** The text of the file. An apostrophe in front of a name would be part of the name to the program. */
export function bulkCsv({ columns, rows }: BulkTable): string {
  return [columns, ...rows].map((cells) => `${cells.map(quoted).join(',')}\n`).join('');
}

function quoted(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
