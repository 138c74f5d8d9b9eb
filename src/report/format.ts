/** What every report format is, a pure writer of text, and the sink that joins one to the place its text goes. */

import type { HostResult } from '../results/host-result.ts';
import type { RunRecord } from '../results/run-record.ts';
import type { Column } from './columns.ts';
import type { ReportOutput } from './output.ts';
import type { ReportSink } from './sink.ts';

/** Turns a sweep into text, piece by piece in the order of the calls. Pure but for what it remembers of its own layout. */
export interface ReportFormat {
  begin(run: RunRecord): string;
  rows(rows: readonly HostResult[]): string;
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

/** Rows turned into text at once: what one piece of a report costs in memory stays small, however large a block is. */
const ROWS_A_PIECE = 1000;

export function formatSink(format: ReportFormat, output: ReportOutput): ReportSink {
  return {
    async begin(run) {
      await writeText(output, format.begin(run));
    },
    async write(rows) {
      for (let first = 0; first < rows.length; first += ROWS_A_PIECE) {
        await writeText(output, format.rows(rows.slice(first, first + ROWS_A_PIECE)));
      }
    },
    async end(run) {
      await writeText(output, format.end(run));
      await output.commit();
    },
    abort: () => output.discard(),
  };
}

async function writeText(output: ReportOutput, text: string): Promise<void> {
  if (text !== '') await output.write(text);
}
