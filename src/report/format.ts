/** What every report format is, a pure writer, and the sink that joins one to the place its text goes. */

import type { HostResult } from '../results/host-result.ts';
import type { RunRecord } from '../results/run-record.ts';
import type { Column } from './columns.ts';
import type { Piece, ReportOutput } from './output.ts';
import type { ReportSink } from './sink.ts';

/**
 * Turns a sweep into text, piece by piece in the order of the calls. Pure but for what it remembers of its own layout.
 * A piece given as octets is written before the next is asked for, which may take their place.
 */
export interface ReportFormat {
  begin(run: RunRecord): string;
  /** The rows of one piece, in the way that sinks are given them. */
  rows(rows: Iterable<HostResult>): Piece;
  end(run: RunRecord): string;
}

/** What a format may be told; each takes what concerns it. */
export interface FormatSettings {
  /** Which columns, in which order; undefined for the format's own choice. JSON Lines always carries all. */
  readonly columns: readonly Column[] | undefined;
  readonly csvProfile: 'plain' | 'excel';
  /** One character. */
  readonly csvDelimiter: string;
  readonly csvDecimal: '.' | ',';
  /** Columns of the terminal that a person reads on; Infinity for a file. */
  readonly width: number;
  readonly colour: boolean;
}

export function formatSink(format: ReportFormat, output: ReportOutput): ReportSink {
  return {
    async begin(run) {
      await writePiece(output, format.begin(run));
    },
    async write(rows) {
      await writePiece(output, format.rows(rows));
    },
    async end(run) {
      await writePiece(output, format.end(run));
      await output.commit();
    },
    abort: () => output.discard(),
  };
}

async function writePiece(output: ReportOutput, piece: Piece): Promise<void> {
  if (piece.length > 0) await output.write(piece);
}
