/** JSON Lines: a record of the run, one record a host with all that the CSV has and each probe's RTT, the run again. */

import type { HostResult } from '../results/host-result.ts';
import type { RunRecord } from '../results/run-record.ts';
import { type CellSink, COLUMNS, decimalText } from './columns.ts';
import type { ReportFormat } from './format.ts';

/** Of the records' names and meanings; rises where a reader would have to change. */
const SCHEMA = 1;

export function jsonLinesFormat(): ReportFormat {
  return {
    begin: (run) => runLine('start', run),
    rows(rows) {
      let lines = '';
      for (const host of rows) lines += hostLine(host);
      return lines;
    },
    end: (run) => runLine('end', run),
  };
}

function runLine(phase: 'start' | 'end', run: RunRecord): string {
  return `${safeJson({ type: 'run', phase, schema: SCHEMA, ...(snakeCase(run) as object) })}\n`;
}

/** `"name":` of each column: putting a record together from them is twice as fast as building an object of it. */
const COLUMN_KEYS = COLUMNS.map((column) => `,${JSON.stringify(column.name)}:`);

function hostLine(host: HostResult): string {
  const cells = new JsonCells();
  for (let i = 0; i < COLUMNS.length; i++) {
    cells.json += COLUMN_KEYS[i]!;
    COLUMNS[i]!.put(host, cells);
  }
  const rtts = host.rttsMs.map((rtt) => (rtt === null ? 'null' : decimalText(rtt, 3)));
  return `${cells.json},"rtts_ms":[${rtts.join()}],"errno":${safeJson(host.errno)}}\n`;
}

class JsonCells implements CellSink {
  json = '{"type":"host"';

  word(value: string): void {
    this.json += safeJson(value);
  }

  text(value: string | null): void {
    this.json += safeJson(value);
  }

  number(value: number | null, decimals: number): void {
    this.json += value === null ? 'null' : decimalText(value, decimals);
  }

  time(value: Date | null): void {
    this.json += value === null ? 'null' : `"${value.toISOString()}"`;
  }
}

/** The same value with the field names of a report (`rttMs` → `rtt_ms`) and no more decimals than a report has. */
function snakeCase(value: unknown): unknown {
  if (typeof value === 'number') return Number(value.toFixed(3));
  if (Array.isArray(value)) return value.map(snakeCase);
  if (value === null || typeof value !== 'object' || value instanceof Date) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      snakeCase(inner),
    ]),
  );
}

/**
 * JSON leaves these as they are, but some readers end a line at NEL, LS and PS, and a terminal that the report is
 * shown on obeys C1 controls and bidirectional marks. Escaped they mean the same to every parser.
 */
const UNSAFE_IN_A_LINE = /[\u007F-\u009F\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]/g;

/** JSON in one line that harms no terminal; times as ISO 8601. */
export function safeJson(value: unknown): string {
  return JSON.stringify(value).replace(
    UNSAFE_IN_A_LINE,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
