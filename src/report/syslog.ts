/** Hosts, changes and other records as lines of syslog (RFC 5424), for a file that a log collector reads. */

import type { Column } from '../results/column.ts';
import { CellText } from './cell-text.ts';
import { eventFormat, eventReader, observerName, type ReportedEvent } from './event.ts';
import type { FormatSettings, RecordWriter, ReportFormat } from './format.ts';
import { changeSeverity, type Severity, type SyslogValue, syslogLine } from './syslog-line.ts';

export const SYSLOG: ReportFormat = eventFormat(syslogWriter);

function syslogWriter<Entry>(
  type: string,
  all: readonly Column<Entry>[],
  chosen: FormatSettings<Entry>['columns'],
  usualTime: () => Date,
): RecordWriter<Entry> {
  const columns = chosen ?? all;
  const eventOf = eventReader(type, all);
  const cell = new CellText();
  const hostname = observerName();
  return {
    begin: () => '',
    rows(entries) {
      let lines = '';
      for (const entry of entries) {
        const event = eventOf(entry);
        const line = syslogLine({
          facility: 'daemon',
          severity: severityOf(event),
          time: event.time ?? usualTime().toISOString(),
          hostname,
          kind: type,
          values: columns.map((column): SyslogValue => [column.name, cell.textOf(column, entry)]),
          text: event.message,
        });
        lines += `${line}\n`;
      }
      return lines;
    },
    end: () => '',
  };
}

function severityOf({ change, status }: ReportedEvent): Severity {
  if (change !== undefined) return changeSeverity(change);
  return status === 'error' ? 'warning' : 'info';
}
