/** What a list of records is, for the formats that write one. */

export type RecordValue = string | number | boolean | Date | null;

/** One column: its name in CSV and JSON, and what a record has there. */
export interface RecordColumn<Entry> {
  readonly name: string;
  /** One sentence for the documentation. */
  readonly meaning: string;
  /** Of numbers, how many decimals are written; whole where it is left out. */
  readonly decimals?: number;
  /** Whether a table that is too wide for the terminal leaves it out, where nobody asked for it; the last goes first. */
  readonly isSpare?: boolean;
  readonly value: (entry: Entry) => RecordValue;
}

/** What a list of records is: the `type` of each in JSON, and its columns. */
export interface RecordShape<Entry> {
  readonly type: string;
  readonly columns: readonly RecordColumn<Entry>[];
}

/** Records in, text out, piece by piece. The first piece has what stands above them, even where it has no records. */
export type RecordFormat<Entry> = (entries: readonly Entry[]) => string;
