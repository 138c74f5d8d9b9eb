/** What a report format is: its writers, and the sink that joins one of them to the place its text goes. */

import type { Column } from '../results/column.ts';
import type { HostResult } from '../results/host-result.ts';
import type { RunRecord } from '../results/run-record.ts';
import type { Piece, ReportOutput } from './output.ts';
import type { RecordShape } from './record-shape.ts';
import type { ReportSink } from './sink.ts';

/**
 * Turns entries into a report, piece by piece in the order of the calls. Pure but for what it remembers of its own layout.
 * A piece given as octets must be written before the next call, which may overwrite it.
 */
export interface RecordWriter<Entry> {
  begin(): string;
  rows(entries: Iterable<Entry>): Piece;
  end(): Piece;
}

/** The same for a sweep, whose report can also describe the run. */
export interface RowWriter {
  /** @param givenNames as `ReportSink` has them */
  begin(run: RunRecord, givenNames?: ReadonlyMap<string, string>): string;
  /** The rows of one piece, each valid until the next is taken. */
  rows(rows: Iterable<HostResult>): Piece;
  end(run: RunRecord): Piece;
}

/** A format: one file that exports one of these, and one line in `formats.ts`. */
export interface ReportFormat {
  /** @throws EchosweepError OPTION_INVALID for settings that the format cannot use */
  readonly rows: (settings: FormatSettings<HostResult>) => RowWriter;
  /**
   * Lists of anything else, such as changes. Undefined if the format is for hosts alone.
   * @throws EchosweepError OPTION_INVALID for settings that the format cannot use
   */
  readonly records?: <Entry>(
    shape: RecordShape<Entry>,
    settings: FormatSettings<Entry>,
  ) => RecordWriter<Entry>;
  /** Lists of an inventory's hosts, of a format that can hold no other records. */
  readonly hosts?: NonNullable<ReportFormat['records']>;
}

/** The settings of formats; each format uses those that concern it. */
export interface FormatSettings<Entry> {
  /** Which columns, in which order; undefined for the format's own choice. JSON Lines always has all. */
  readonly columns: readonly Column<Entry>[] | undefined;
  readonly csvProfile: 'plain' | 'excel';
  /** One character. */
  readonly csvDelimiter: string;
  readonly csvDecimal: '.' | ',';
  /** Columns of the terminal that a person reads on; Infinity for a file. */
  readonly width: number;
  readonly colour: boolean;
  /** Whether the rows are of several sites. */
  readonly hasSites?: boolean | undefined;
}

export function formatSink(writer: RowWriter, output: ReportOutput): ReportSink {
  return {
    async begin(run, givenNames) {
      await writePiece(output, writer.begin(run, givenNames));
    },
    async write(rows) {
      await writePiece(output, writer.rows(rows));
    },
    async end(run) {
      await writePiece(output, writer.end(run));
      await output.commit();
    },
    abort: () => output.discard(),
  };
}

/** Writes a piece unless it is empty. */
export async function writePiece(output: ReportOutput, piece: Piece): Promise<void> {
  if (piece.length > 0) await output.write(piece);
}
