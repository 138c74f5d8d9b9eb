/** An entry of a report as an event: when it happened, what happened, and to which host, for logs. */

import { hostname } from 'node:os';
import type { Column } from '../results/column.ts';
import type { HostResult } from '../results/host-result.ts';
import { safeText } from '../words.ts';
import { CellText } from './cell-text.ts';
import { COLUMNS } from './columns.ts';
import type { FormatSettings, RecordWriter, ReportFormat } from './format.ts';

/** What a log says of an entry besides its values. */
export interface ReportedEvent {
  /** Its own; undefined if it has none. */
  readonly time: string | undefined;
  /** The kind of a change; undefined if the entry is none. */
  readonly change: string | undefined;
  /** Of a sweep's host; undefined if there is none. */
  readonly status: string | undefined;
  /** A line of safe text, such as `gone 192.0.2.7`. */
  readonly message: string;
}

/** The times that say when something happened; `last_seen` is one of many facts about a host. */
const TIMES: readonly string[] = ['seen_at', 'started_at'];

/**
 * Reads entries as events.
 * @param type of the entries, for those that are neither changes nor hosts
 * @param columns all that the entries have, whichever of them are shown
 */
export function eventReader<Entry>(
  type: string,
  columns: readonly Column<Entry>[],
): (entry: Entry) => ReportedEvent {
  const cell = new CellText();
  const reader = (name: string): ((entry: Entry) => string | undefined) => {
    const column = columns.find((each) => each.name === name);
    return (entry) => (column === undefined ? undefined : cell.textOf(column, entry)) ?? undefined;
  };
  const [timeName = ''] = columns.flatMap(({ name }) => (TIMES.includes(name) ? [name] : []));
  const timeOf = reader(timeName);
  const changeOf = reader('change');
  const statusOf = reader('status');
  const stateOf = reader('state');
  const subjects = ['address', 'hostname', 'network'].map(reader);
  return (entry) => {
    const change = changeOf(entry);
    const status = statusOf(entry);
    const subject = subjects.reduce<string | undefined>(
      (found, of) => found ?? of(entry),
      undefined,
    );
    const words = [change ?? status ?? stateOf(entry) ?? type, subject];
    return {
      time: timeOf(entry),
      change,
      status,
      message: safeText(words.filter((word) => word !== undefined).join(' ')),
    };
  };
}

/** The name of the host that echosweep runs on, which saw the events. */
export function observerName(): string {
  return hostname();
}

/**
 * Makes the writer of a format of events.
 * @param type of the entries @param all their columns @param chosen those to write; undefined for all
 * @param usualTime of events that have none of their own
 */
type EventWriterOf = <Entry>(
  type: string,
  all: readonly Column<Entry>[],
  chosen: FormatSettings<Entry>['columns'],
  usualTime: () => Date,
) => RecordWriter<Entry>;

/** A format whose entries are events. One without a time gets that of the sweep's start, or of now. */
export function eventFormat(writerOf: EventWriterOf): ReportFormat {
  return {
    rows({ columns }) {
      let startedAt = new Date();
      return {
        ...writerOf<HostResult>('host', COLUMNS, columns, () => startedAt),
        begin(run) {
          startedAt = run.startedAt;
          return '';
        },
      };
    },
    records({ type, columns }, settings) {
      const now = new Date();
      return writerOf(type, columns, settings.columns, () => now);
    },
  };
}
