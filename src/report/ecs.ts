/** Events in the Elastic Common Schema, a JSON object on each line: hosts as states, changes as what happened to a host. */

import { PACKAGE_VERSION } from '../package-version.ts';
import type { Column, ColumnKind } from '../results/column.ts';
import { safeJson } from '../words.ts';
import { CellText, namesWithout } from './cell-text.ts';
import { eventFormat, eventReader, observerName, type ReportedEvent } from './event.ts';
import type { FormatSettings, RecordWriter, ReportFormat } from './format.ts';

/** Of the schema; every field below is in it and in later ones. */
const ECS_VERSION = '8.11.0';

export const ECS: ReportFormat = eventFormat(ecsWriter);

/** An object of the schema, as far as it is put together. */
type Document = Record<string, Record<string, unknown>>;

/** Where the schema has a place for a column; all others are in a field set of our own. */
const PLACES: Readonly<Record<string, (to: Document, text: string) => void>> = {
  address(to, text) {
    // The type `ip` has no zones.
    const [ip, zone] = text.split('%', 2);
    to['host']!['ip'] = [ip];
    if (zone !== undefined) to['echosweep']!['zone'] = zone;
  },
  hostname(to, text) {
    to['host']!['name'] = text;
  },
  mac(to, text) {
    // The notation of RFC 7042 section 2.1, as the schema recommends.
    to['host']!['mac'] = [text.toUpperCase().replaceAll(':', '-')];
  },
  site(to, text) {
    to['host']!['geo'] = { name: text };
  },
  network(to, text) {
    to['network'] = { name: text };
  },
  reason(to, text) {
    to['event']!['reason'] = text;
  },
  tags(to, text) {
    Object.assign(to, { tags: text.split(',') });
  },
};

function ecsWriter<Entry>(
  type: string,
  all: readonly Column<Entry>[],
  chosen: FormatSettings<Entry>['columns'],
  usualTime: () => Date,
): RecordWriter<Entry> {
  const columns = chosen ?? all;
  const names = namesWithout(
    /[^a-zA-Z0-9_]/g,
    columns.map(({ name }) => name),
  );
  const eventOf = eventReader(type, all);
  const cell = new CellText();
  const observer = {
    hostname: observerName(),
    product: 'echosweep',
    type: 'scanner',
    version: PACKAGE_VERSION,
  };
  const documentOf = (entry: Entry): Document => {
    const event = eventOf(entry);
    const head = {
      '@timestamp': event.time ?? usualTime().toISOString(),
      ecs: { version: ECS_VERSION },
      message: event.message,
      event: { ...meaningOf(event), module: 'echosweep', dataset: `echosweep.${type}` },
      host: {},
      echosweep: {},
      observer,
    };
    // All places that are filled in are objects.
    const document = head as unknown as Document;
    columns.forEach((column, i) => {
      const text = cell.textOf(column, entry);
      if (text === null) return;
      const place = PLACES[column.name];
      if (place === undefined) document['echosweep']![names[i]!] = fieldValue(column.kind, text);
      else place(document, text);
    });
    return document;
  };
  return {
    begin: () => '',
    rows(entries) {
      let lines = '';
      for (const entry of entries) lines += `${safeJson(documentOf(entry))}\n`;
      return lines;
    },
    end: () => '',
  };
}

/** A field has one type for all documents, whatever is in one of them: `before` may be a name or an RTT. */
function fieldValue(kind: ColumnKind, text: string): string | number {
  return kind === 'figure' ? Number(text) : text;
}

/** Changes begin and end the presence of a host, in the words that the schema has for the category `host`. */
const TYPES: Readonly<Record<string, 'start' | 'end'>> = {
  new: 'start',
  back: 'start',
  gone: 'end',
};
const OUTCOMES: Readonly<Record<string, 'success' | 'failure'>> = {
  up: 'success',
  unreachable: 'failure',
  down: 'failure',
};

function meaningOf({ change, status }: ReportedEvent): Record<string, unknown> {
  const category = ['host'];
  if (change !== undefined) {
    return { kind: 'event', category, type: [TYPES[change] ?? 'change'], action: change };
  }
  if (status === undefined) return { kind: 'state', category, type: ['info'] };
  return { kind: 'state', category, type: ['info'], outcome: OUTCOMES[status] ?? 'unknown' };
}
