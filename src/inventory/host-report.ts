/** How hosts and their histories are reported: columns for programs, lines for a person. */

import { vendorOf } from '../mac-vendor.ts';
import type { Piece } from '../report/output.ts';
import {
  columnOf,
  figureColumn,
  type RecordShape,
  textColumn,
  timeColumn,
} from '../report/record-shape.ts';
import { recordTable } from '../report/table.ts';
import type { Column } from '../results/column.ts';
import { safeText } from '../words.ts';
import type { HistoryChange, HostDay, HostHistory, InventoryHost } from './host-list.ts';
import type { ListedHost } from './known-hosts-join.ts';

/** One day of a host, and the host. */
export interface DayRow {
  readonly host: InventoryHost;
  readonly day: HostDay;
}

const DAY_COLUMNS: readonly Column<HostDay>[] = [
  textColumn('day', 'UTC.', ({ day }) => day.toISOString().slice(0, 10)),
  figureColumn('asked', 'Scans that probed the host.', 0, ({ asked }) => asked),
  figureColumn('up', 'Scans that it answered.', 0, ({ up }) => up),
  figureColumn(
    'up_pct',
    'Share of the scans that it answered.',
    1,
    ({ asked, up }) => (100 * up) / asked,
  ),
  figureColumn('rtt_min_ms', 'Shortest RTT.', 3, ({ rttMinMs }) => rttMinMs),
  figureColumn('rtt_avg_ms', 'Mean RTT.', 3, ({ rttAvgMs }) => rttAvgMs),
  figureColumn('rtt_max_ms', 'Longest RTT.', 3, ({ rttMaxMs }) => rttMaxMs),
];

export const DAY_SHAPE: RecordShape<DayRow> = {
  type: 'day',
  columns: [
    textColumn('network', 'The network it belongs to.', ({ host }) => host.network),
    textColumn('address', 'The host.', ({ host }) => host.address),
    ...DAY_COLUMNS.map((column) => columnOf(column, ({ day }: DayRow) => day)),
  ],
};

const CHANGE_COLUMNS: readonly Column<HistoryChange>[] = [
  timeColumn('at', 'When it was seen.', ({ at }) => at),
  textColumn('change', 'Its kind.', ({ kind }) => kind),
  textColumn('before', 'The value before.', ({ before }) => before || null),
  textColumn('after', 'The value after.', ({ after }) => after || null),
];

/** What a person wants to know of a host, without line ends. */
export function historyLines({ host, days, changes }: HostHistory): string[] {
  const asked = days.reduce((sum, day) => sum + day.asked, 0);
  const up = days.reduce((sum, day) => sum + day.up, 0);
  const facts: [string, string | null][] = [
    ['network', host.network],
    ['name', host.hostname],
    ['mac', macWords(host.mac)],
    ['conflict', conflictWords(host)],
    ['state', stateWords(host)],
    ['first seen', timeText(host.firstSeen)],
    ['last seen', timeText(host.lastSeen)],
    [
      'answered',
      asked === 0 ? null : `${up} of ${asked} scans, ${((100 * up) / asked).toFixed(2)} %`,
    ],
  ];
  const plain = { columns: undefined, width: Number.POSITIVE_INFINITY, colour: false };
  return [
    host.address,
    ...facts.flatMap(([label, words]) =>
      words === null ? [] : [`  ${label.padEnd(12)}${safeText(words)}`],
    ),
    ...tableLines(recordTable(DAY_COLUMNS, plain).rows(days)),
    ...tableLines(recordTable(CHANGE_COLUMNS, plain).rows(changes)),
    '',
  ];
}

function tableLines(table: Piece): string[] {
  const text = String(table);
  if (text === '') return [];
  const rows = text.trimEnd().split('\n');
  return ['', ...rows.map((row) => `  ${row}`)];
}

function stateWords({ state, reason }: InventoryHost): string {
  if (state !== 'up') return `${state}, ${reason ?? 'no reason known'}`;
  return reason === null || reason === 'echo-reply' ? 'up' : `up, ${reason}`;
}

function conflictWords({ otherMac }: InventoryHost): string | null {
  return otherMac === null ? null : `${macWords(otherMac)} answers as well`;
}

function macWords(mac: string | null): string | null {
  const vendor = vendorOf(mac);
  return vendor === null ? mac : `${mac} ${vendor}`;
}

function timeText(time: Date | null): string | null {
  return time === null ? null : `${time.toISOString().replace('T', ' ').slice(0, 19)} UTC`;
}

/** The part of a network's configuration that reports and messages show. */
export interface LabelledNetwork {
  readonly name: string;
  readonly site: string | null;
  readonly tags: readonly string[];
}

/**
 * @param knownColumns of the known hosts' file
 * @param networks of the configuration
 */
export function hostShape(
  knownColumns: readonly string[],
  networks: readonly LabelledNetwork[],
): RecordShape<ListedHost> {
  const labels = new Map(networks.map((network) => [network.name, network]));
  const ofHost =
    <Value>(value: (host: InventoryHost) => Value | null) =>
    ({ host }: ListedHost): Value | null =>
      host === null ? null : value(host);
  const ofNetwork = (value: (network: LabelledNetwork) => string | null) =>
    ofHost((host) => {
      const network = labels.get(host.network);
      return network === undefined ? null : value(network);
    });
  const spare = { isSpare: true };
  return {
    type: 'host',
    isOfHosts: true,
    columns: [
      textColumn('address', 'Its address.', ({ address }) => address),
      textColumn(
        'hostname',
        'The latest known name.',
        ofHost((host) => host.hostname),
      ),
      textColumn(
        'state',
        '`up`, `missing`, `gone`, or `silent` if it never answered.',
        ofHost((host) => host.state),
      ),
      textColumn(
        'reason',
        'Of the last scan.',
        ofHost((host) => host.reason),
        spare,
      ),
      figureColumn(
        'rtt_ms',
        'RTT of its last answer.',
        3,
        ofHost((host) => host.rttMs),
      ),
      textColumn(
        'mac',
        'The latest known MAC address.',
        ofHost((host) => host.mac),
      ),
      textColumn(
        'other_mac',
        'MAC address of a second host that answers for the address.',
        ofHost((host) => host.otherMac),
        spare,
      ),
      textColumn(
        'vendor',
        'The vendor it is registered to; `(local)` if the address is not for registering.',
        ofHost((host) => vendorOf(host.mac)),
      ),
      timeColumn(
        'first_seen',
        'When it first answered.',
        ofHost((host) => host.firstSeen),
        spare,
      ),
      timeColumn(
        'last_seen',
        'When it last answered.',
        ofHost((host) => host.lastSeen),
      ),
      timeColumn(
        'last_change',
        'When it last changed.',
        ofHost((host) => host.lastChange),
        spare,
      ),
      textColumn(
        'network',
        'The network it belongs to.',
        ofHost((host) => host.network),
        spare,
      ),
      textColumn(
        'known',
        '`documented`, `documented-silent`, `documented-unasked` or `undocumented`, if known hosts are given.',
        ({ known }) => known,
      ),
      ...[...new Set(knownColumns)].map((column) =>
        textColumn<ListedHost>(
          `known_${column}`,
          'A column of the known hosts; of `name`, `owner`, `note` and `tags` what people wrote, if that file says nothing.',
          // A column may be called `constructor`, which every object has.
          ({ fields }) => (Object.hasOwn(fields, column) ? fields[column]! : null),
          spare,
        ),
      ),
      textColumn(
        'site',
        'Of its network.',
        ofNetwork(({ site }) => site),
        spare,
      ),
      textColumn(
        'tags',
        'Of its network, commas between.',
        ofNetwork(({ tags }) => tags.join() || null),
        spare,
      ),
      timeColumn(
        'muted_until',
        'Its changes send no notifications before.',
        ({ note }) => note?.mutedUntil ?? null,
        spare,
      ),
      figureColumn(
        'gone_after',
        'Its own number of missed scans until it is gone.',
        0,
        ({ note }) => note?.goneAfter ?? null,
        spare,
      ),
    ],
  };
}
