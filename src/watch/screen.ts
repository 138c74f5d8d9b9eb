/** The screen of a watch: a pure function from what is known, what is chosen and the size of the terminal to lines. */

import { cutText, fill, paint, type Tone } from '../report/terminal-text.ts';
import type { Status } from '../results/outcome.ts';
import { duration, grouped, plural, safeText } from '../words.ts';
import { SORT_KEYS, sortedHosts } from './host-order.ts';
import { COLUMN_GAP, columnsFor, type ScreenColumn, timeOfDay } from './screen-columns.ts';
import { type ScreenState, type ScrollRoom, SORT_LETTERS, withinRoom } from './screen-state.ts';
import type { WatchChange, WatchedHost } from './watched-hosts.ts';

/** What there is to show. */
export interface WatchView {
  readonly hosts: readonly WatchedHost[];
  /** Targets, of which the first round may not have shown all yet. */
  readonly targets: number;
  /** Rounds that have ended. */
  readonly rounds: number;
  readonly intervalMs: number;
  /** How long the last round took. */
  readonly roundMs: number;
  readonly elapsedMs: number;
  readonly now: Date;
  /** The latest one. */
  readonly change: WatchChange | undefined;
  /** What went wrong in the last round; '' if nothing. */
  readonly trouble: string;
  /** Whether keys are read. */
  readonly hasKeys: boolean;
}

export interface ScreenSize {
  readonly width: number;
  readonly height: number;
  readonly colour: boolean;
  /** Whether only ASCII can be shown. */
  readonly isPlain: boolean;
}

/** From this height on there is room for the latest change and the keys; below, hosts need the lines more. */
const LEAST_FULL_HEIGHT = 8;
const LEAST_HEIGHT_WITH_HEADINGS = 4;
/** A change is marked for this long. */
const NEWS_MS = 30_000;
/** Of the mark and the blank after it. */
const MARK_WIDTH = 2;

/** The lines that are not hosts. */
interface Frame {
  readonly hasNews: boolean;
  readonly hasHeadings: boolean;
  readonly hasKeys: boolean;
}

function frameFor(height: number): Frame {
  const isFull = height >= LEAST_FULL_HEIGHT;
  return {
    hasNews: isFull,
    hasHeadings: height >= LEAST_HEIGHT_WITH_HEADINGS,
    hasKeys: isFull,
  };
}

/** How many hosts there are to show, and how many of them at a time. */
export function scrollRoom(view: WatchView, state: ScreenState, height: number): ScrollRoom {
  const { hasNews, hasHeadings, hasKeys } = frameFor(height);
  const frame = 1 + Number(hasNews) + Number(hasHeadings) + Number(hasKeys);
  return { hosts: shownHosts(view, state).length, lines: Math.max(0, height - frame) };
}

/** As many lines as the terminal has, none wider than it. */
export function watchScreen(view: WatchView, state: ScreenState, size: ScreenSize): string[] {
  const { height, width, colour, isPlain } = size;
  const { hasNews, hasHeadings, hasKeys } = frameFor(height);
  const room = scrollRoom(view, state, height);
  const scrolled = withinRoom(state.scrolled, room);
  const hosts = sortedHosts(shownHosts(view, state), state.sort, state.isReversed);
  const columns = columnsFor(view.hosts, width - MARK_WIDTH);
  const shown = hosts.slice(scrolled, scrolled + room.lines);
  const title = titleLine(view, state, view.hosts.length - hosts.length);
  const lines = [
    paint(cutText(title, width), 'heading', colour),
    ...(hasNews ? [newsLine(view, size)] : []),
    ...(hasHeadings ? [headingLine(columns, state, size)] : []),
    ...shown.map((host) => hostLine(host, columns, view, size)),
    ...new Array<string>(room.lines - shown.length).fill(''),
    ...(hasKeys ? [paint(cutText(keysLine(view, room, scrolled), width), 'quiet', colour)] : []),
  ];
  return isPlain ? lines.map((line) => line.replaceAll('…', '~')) : lines;
}

function shownHosts({ hosts }: WatchView, { hidesSilent }: ScreenState): readonly WatchedHost[] {
  return hidesSilent
    ? hosts.filter(
        ({ status, received, changes }) => status === 'up' || received > 0 || changes > 0,
      )
    : hosts;
}

function titleLine(view: WatchView, { isPaused }: ScreenState, hidden: number): string {
  const { hosts, targets, rounds, intervalMs, roundMs, elapsedMs } = view;
  const slow = roundMs > intervalMs ? ` (rounds take ${duration(roundMs)})` : '';
  return [
    ...(isPaused ? ['PAUSED'] : []),
    `${plural(targets, 'host')}${rounds === 0 ? '' : `: ${statusWords(hosts)}`}`,
    ...(hidden === 0 ? [] : [`${grouped(hidden)} hidden`]),
    `${rounds === 0 ? 'first round' : plural(rounds, 'round')}, one every ${duration(intervalMs)}${slow}`,
    duration(Math.floor(elapsedMs / 1000) * 1000),
    'times in ms',
  ].join('  ');
}

/** `12 up, 2 down`. */
export function statusWords(hosts: readonly WatchedHost[]): string {
  const counts = new Map<Status, number>([['up', 0]]);
  for (const { status } of hosts) counts.set(status, (counts.get(status) ?? 0) + 1);
  return [...counts].map(([status, count]) => `${grouped(count)} ${status}`).join(', ');
}

/** Trouble if there is any, else the latest change. */
function newsLine({ trouble, change }: WatchView, { width, colour }: ScreenSize): string {
  if (trouble !== '') return paint(cutText(safeText(trouble), width), 'warning', colour);
  if (change === undefined) return '';
  const { host, isUp } = change;
  const words = `${timeOfDay(change.at)}  ${hostWords(host)} ${changeWords(change)}`;
  return paint(cutText(safeText(words), width), isUp ? 'up' : 'warning', colour);
}

/** `192.0.2.7 (printer.example)`. */
export function hostWords({ address, hostname }: WatchedHost): string {
  return hostname === null ? address : `${address} (${hostname})`;
}

/** `went down (no-response) after 3 min 20 s`. */
export function changeWords({ isUp, reason, lastedMs }: WatchChange): string {
  const lasted = lastedMs === undefined ? '' : ` after ${duration(lastedMs)}`;
  return isUp ? `came back${lasted}` : `went down (${reason})${lasted}`;
}

function headingLine(
  columns: readonly ScreenColumn[],
  { sort, isReversed }: ScreenState,
  size: ScreenSize,
): string {
  const arrows = size.isPlain ? ['v', '^'] : ['▼', '▲'];
  const isRising = sort === 'address' ? !isReversed : isReversed;
  const cells = columns.map((column) => {
    const mark = column.sort === sort ? arrows[Number(isRising)]! : '';
    return padded(cutText(`${column.title}${mark}`, column.width), column);
  });
  return paint(cutText(inLine('', cells), size.width), 'heading', size.colour);
}

function hostLine(
  host: WatchedHost,
  columns: readonly ScreenColumn[],
  { now }: WatchView,
  size: ScreenSize,
): string {
  if (size.width <= MARK_WIDTH) return '';
  const cells = columns.map((column) => {
    const text = padded(cutText(column.text(host, now), column.width), column);
    const tone = column.tone?.(host) ?? lineTone(host);
    return tone === undefined ? text : paint(text, tone, size.colour);
  });
  return inLine(newsMark(host, now, size.isPlain), cells);
}

/** What is not up recedes. */
function lineTone({ status }: WatchedHost): Tone | undefined {
  return status === 'up' ? undefined : 'quiet';
}

function newsMark({ lastChangeAt: at, status }: WatchedHost, now: Date, isPlain: boolean): string {
  if (at === null || now.getTime() - at.getTime() > NEWS_MS) return '';
  if (status === 'up') return isPlain ? '^' : '▲';
  return isPlain ? 'v' : '▼';
}

function inLine(mark: string, cells: readonly string[]): string {
  return `${mark}${fill(mark, MARK_WIDTH)}${cells.join(' '.repeat(COLUMN_GAP))}`.trimEnd();
}

function padded(text: string, { width, isLeft }: ScreenColumn): string {
  return isLeft ? text + fill(text, width) : fill(text, width) + text;
}

function keysLine({ hasKeys }: WatchView, { hosts, lines }: ScrollRoom, scrolled: number): string {
  const end = Math.min(hosts, scrolled + lines);
  const part =
    hosts <= lines ? '' : `${grouped(scrolled + 1)}-${grouped(end)} of ${grouped(hosts)}  `;
  if (!hasKeys) return `${part}Ctrl-C quit`;
  // Each order has its first letter.
  const sorts = SORT_KEYS.map((key) => `${SORT_LETTERS[key]})${key.slice(1)}`).join(' ');
  return `${part}q quit  space pause  s silent  ${sorts}`;
}
