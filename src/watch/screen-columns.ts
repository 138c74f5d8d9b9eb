/** The columns of the screen: which of them a terminal has room for, and what is in their cells. */

import { type Tone, textWidth } from '../report/terminal-text.ts';
import { safeText, twoDigits } from '../words.ts';
import type { SortKey } from './host-order.ts';
import type { WatchedHost } from './watched-hosts.ts';

export interface ScreenColumn {
  readonly title: string;
  /** Cells. */
  readonly width: number;
  readonly isLeft: boolean;
  /** The order that goes by this column. */
  readonly sort?: SortKey;
  readonly text: (host: WatchedHost, now: Date) => string;
  readonly tone?: (host: WatchedHost) => Tone | undefined;
}

/** Between two columns. */
export const COLUMN_GAP = 2;
/** Names are cut to this many cells, unless there is room to spare. */
const SHORTEST_NAME = 10;
const WIDEST_NAME = 40;
const FIGURE_WIDTH = 7;

const figure = (
  title: string,
  value: (host: WatchedHost) => number | null,
  sort?: SortKey,
): ScreenColumn => ({
  title,
  width: FIGURE_WIDTH,
  isLeft: false,
  ...(sort === undefined ? {} : { sort }),
  text: (host) => msText(value(host)),
});

const STATUS: ScreenColumn = {
  title: 'status',
  width: 11,
  isLeft: true,
  text: ({ status }) => status,
  tone: ({ status }) => status,
};
const LOSS: ScreenColumn = {
  title: 'loss %',
  width: 7,
  isLeft: false,
  sort: 'loss',
  text: ({ lossPct }) => (lossPct === null ? '-' : lossPct.toFixed(1)),
  tone: ({ lossPct, status }) => (status === 'up' && lossPct !== 0 ? 'warning' : undefined),
};
const LAST = figure('last', ({ rttLastMs }) => rttLastMs);
const MIN = figure('min', ({ rttMinMs }) => rttMinMs);
const MEDIAN = figure('median', ({ rttMedianMs }) => rttMedianMs, 'rtt');
const P95 = figure('p95', ({ rttP95Ms }) => rttP95Ms);
const MAX = figure('max', ({ rttMaxMs }) => rttMaxMs);
const JITTER = figure('jitter', ({ jitterMs }) => jitterMs, 'jitter');
const CHANGES: ScreenColumn = {
  title: 'changes',
  width: 8,
  isLeft: false,
  sort: 'changes',
  text: ({ changes }) => String(changes),
};
const CHANGED: ScreenColumn = {
  title: 'last change',
  width: 13,
  isLeft: true,
  text: changeText,
};

/** As they are shown from left to right, after the address and the name. */
const IN_ORDER = [STATUS, LOSS, LAST, MIN, MEDIAN, P95, MAX, JITTER, CHANGES, CHANGED];
/** As they find room. */
const BY_WORTH = [STATUS, LOSS, LAST, MEDIAN, CHANGED, P95, JITTER, MAX, MIN, CHANGES];

/** The columns that fit into so many cells. The address is always among them, and cut if it must be. */
export function columnsFor(hosts: readonly WatchedHost[], width: number): ScreenColumn[] {
  const widest = hosts.reduce(
    (cells, { address }) => Math.max(cells, address.length),
    'address▲'.length,
  );
  const address: ScreenColumn = {
    title: 'address',
    width: Math.max(1, Math.min(widest, width)),
    isLeft: true,
    sort: 'address',
    text: (host) => safeText(host.address),
  };
  let room = width - address.width;
  const kept = new Set<ScreenColumn>();
  for (const column of BY_WORTH) {
    if (COLUMN_GAP + column.width > room) break;
    room -= COLUMN_GAP + column.width;
    kept.add(column);
  }
  const name = nameColumn(hosts, room - COLUMN_GAP);
  return [
    address,
    ...(name === undefined ? [] : [name]),
    ...IN_ORDER.filter((each) => kept.has(each)),
  ];
}

/** @param room cells that nothing else needs @returns undefined if no host has a name, or there is no room */
function nameColumn(hosts: readonly WatchedHost[], room: number): ScreenColumn | undefined {
  const text = ({ hostname }: WatchedHost): string => safeText(hostname ?? '');
  const widest = hosts.reduce((cells, host) => Math.max(cells, textWidth(text(host))), 0);
  if (widest === 0 || room < SHORTEST_NAME) return undefined;
  const width = Math.min(room, WIDEST_NAME, Math.max(widest, 'hostname'.length));
  return { title: 'hostname', width, isLeft: true, text };
}

/** Four digits, or as many as it takes. */
export function msText(ms: number | null): string {
  if (ms === null) return '-';
  if (ms < 9.9995) return ms.toFixed(3);
  if (ms < 99.995) return ms.toFixed(2);
  return ms < 999.95 ? ms.toFixed(1) : ms.toFixed(0);
}

/** In the terminal's own time zone: the time of today, the date of earlier days. */
function changeText({ status, lastChangeAt: at }: WatchedHost, now: Date): string {
  if (at === null) return '';
  const word = status === 'up' ? 'back' : 'down';
  const isToday = at.toDateString() === now.toDateString();
  return `${word} ${isToday ? timeOfDay(at) : `${twoDigits(at.getMonth() + 1)}-${twoDigits(at.getDate())}`}`;
}

/** `10:02:11`, in the terminal's own time zone. */
export function timeOfDay(at: Date): string {
  return [at.getHours(), at.getMinutes(), at.getSeconds()].map(twoDigits).join(':');
}
