/** What a column of a report is, whatever its entries are: hosts of a sweep, changes, networks. */

/** Takes the value of one cell; `null` if there is none. */
export interface CellSink {
  /** One of echosweep's own words, which no format needs to escape. */
  word(value: string): void;
  text(value: string | null): void;
  /** @param decimals how many the report shows */
  number(value: number | null, decimals: number): void;
  time(value: Date | null): void;
}

/** A sink that also takes the values that have no cell in a CSV. */
export interface RecordSink extends CellSink {
  list(values: readonly (number | null)[], decimals: number): void;
}

export type ColumnKind = 'text' | 'word' | 'figure' | 'time' | 'list';

export interface Column<Entry, Sink = CellSink> {
  /** In the header of a CSV and as a key in JSON Lines. */
  readonly name: string;
  readonly kind: ColumnKind;
  /** Of figures; 0 for whole numbers and for everything else. */
  readonly decimals: number;
  /** '' if the values are words or plain counts. */
  readonly unit: string;
  /** One or two sentences for the documentation. */
  readonly meaning: string;
  /** Whether a table that is too wide for the terminal may leave it out; the last goes first. */
  readonly isSpare: boolean;
  /** Hands an entry's value to a sink. It returns nothing because a number that is returned has to be allocated. */
  readonly put: (entry: Entry, to: Sink, decimals: number) => void;
}
