/** How hosts and their histories are told: columns for programs, lines for a person. */

import type { RecordColumn, RecordShape } from '../report/record-shape.ts';
import { recordTable } from '../report/record-table.ts';
import { safeText } from '../report/terminal-text.ts';
import type { HistoryChange, HostDay, HostHistory, InventoryHost } from './host-list.ts';
import type { ListedHost } from './known-hosts-join.ts';
import { vendorOf } from './vendor.ts';

/** One day of a host and whose it is. */
export interface DayRow {
  readonly host: InventoryHost;
  readonly day: HostDay;
}

const DAY_COLUMNS: readonly RecordColumn<HostDay>[] = [
  { name: 'day', meaning: 'UTC.', value: ({ day }) => day.toISOString().slice(0, 10) },
  {
    name: 'asked',
    meaning: 'Scans that asked the host.',
    decimals: 0,
    value: ({ asked }) => asked,
  },
  { name: 'up', meaning: 'Scans that it answered.', decimals: 0, value: ({ up }) => up },
  {
    name: 'up_pct',
    meaning: 'Share of the scans that it answered.',
    decimals: 1,
    value: ({ asked, up }) => (100 * up) / asked,
  },
  { name: 'rtt_min_ms', meaning: 'Shortest RTT.', decimals: 3, value: ({ rttMinMs }) => rttMinMs },
  { name: 'rtt_avg_ms', meaning: 'Mean RTT.', decimals: 3, value: ({ rttAvgMs }) => rttAvgMs },
  { name: 'rtt_max_ms', meaning: 'Longest RTT.', decimals: 3, value: ({ rttMaxMs }) => rttMaxMs },
];

export const DAY_SHAPE: RecordShape<DayRow> = {
  type: 'day',
  columns: [
    { name: 'network', meaning: 'The network it belongs to.', value: ({ host }) => host.network },
    { name: 'address', meaning: 'The host.', value: ({ host }) => host.address },
    ...DAY_COLUMNS.map((column) => ({ ...column, value: (row: DayRow) => column.value(row.day) })),
  ],
};

const CHANGE_COLUMNS: readonly RecordColumn<HistoryChange>[] = [
  { name: 'at', meaning: 'When it was seen.', value: ({ at }) => at },
  { name: 'change', meaning: 'Its kind.', value: ({ kind }) => kind },
  { name: 'before', meaning: 'What was.', value: ({ before }) => before || null },
  { name: 'after', meaning: 'What is.', value: ({ after }) => after || null },
];

/** What a person wants to know of a host, without line ends. */
export function historyLines({ host, days, changes }: HostHistory): string[] {
  const asked = days.reduce((sum, day) => sum + day.asked, 0);
  const up = days.reduce((sum, day) => sum + day.up, 0);
  const facts: [string, string | null][] = [
    ['network', host.network],
    ['name', host.hostname],
    ['mac', macWords(host.mac)],
    ['state', host.state === 'up' ? 'up' : `${host.state}, ${host.reason ?? 'no reason known'}`],
    ['first seen', timeText(host.firstSeen)],
    ['last seen', timeText(host.lastSeen)],
    [
      'answered',
      asked === 0 ? null : `${up} of ${asked} scans, ${((100 * up) / asked).toFixed(2)} %`,
    ],
  ];
  const plain = { width: Number.POSITIVE_INFINITY, colour: false };
  return [
    host.address,
    ...facts.flatMap(([label, words]) =>
      words === null ? [] : [`  ${label.padEnd(12)}${safeText(words)}`],
    ),
    ...tableLines(recordTable(DAY_COLUMNS, plain)(days)),
    ...tableLines(recordTable(CHANGE_COLUMNS, plain)(changes)),
    '',
  ];
}

function tableLines(table: string): string[] {
  return table === ''
    ? []
    : [
        '',
        ...table
          .trimEnd()
          .split('\n')
          .map((row) => `  ${row}`),
      ];
}

function macWords(mac: string | null): string | null {
  const vendor = vendorOf(mac);
  return vendor === null ? mac : `${mac} ${vendor}`;
}

function timeText(time: Date | null): string | null {
  return time === null ? null : `${time.toISOString().replace('T', ' ').slice(0, 19)} UTC`;
}

/** @param knownColumns of the known hosts' file */
export function hostShape(knownColumns: readonly string[]): RecordShape<ListedHost> {
  const of = (name: string, meaning: string, value: RecordColumn<InventoryHost>['value']) => ({
    name,
    meaning,
    value: ({ host }: ListedHost) => (host === null ? null : value(host)),
  });
  const spare = (column: RecordColumn<ListedHost>) => ({ ...column, isSpare: true });
  return {
    type: 'host',
    columns: [
      { name: 'address', meaning: 'Its address.', value: ({ address }) => address },
      of('hostname', 'The latest known name.', (host) => host.hostname),
      of(
        'state',
        '`up`, `missing`, `gone`, or `silent` where it never answered.',
        (host) => host.state,
      ),
      spare(of('reason', 'Of the last scan.', (host) => host.reason)),
      { ...of('rtt_ms', 'RTT of its last answer.', (host) => host.rttMs), decimals: 3 },
      of('mac', 'The latest known MAC address.', (host) => host.mac),
      of('vendor', 'Who has registered it; `(local)` where nobody could.', (host) =>
        vendorOf(host.mac),
      ),
      spare(of('first_seen', 'When it first answered.', (host) => host.firstSeen)),
      of('last_seen', 'When it last answered.', (host) => host.lastSeen),
      spare(of('last_change', 'When something last changed about it.', (host) => host.lastChange)),
      spare(of('network', 'The network it belongs to.', (host) => host.network)),
      {
        name: 'known',
        meaning:
          '`documented`, `documented-silent`, `documented-unasked` or `undocumented`, where known hosts are given.',
        value: ({ known }) => known,
      },
      ...knownColumns.map((column) => ({
        name: `known_${column}`,
        meaning: 'A column of the known hosts.',
        isSpare: true,
        value: ({ fields }: ListedHost) => fields[column] ?? null,
      })),
    ],
  };
}
