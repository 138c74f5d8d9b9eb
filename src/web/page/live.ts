/** What the server reports by itself: scans as they run, and what is out of date since. */

import { signal } from '@preact/signals';
import { CELL_EMPTY } from '../../results/cell-code.ts';
import type { Progress } from './answers.ts';
import { octetsOf } from './api.ts';
import { notice } from './notice.ts';
import { readSession } from './sign-in.ts';

/** Cells that a running scan has just finished. */
export interface FreshCells {
  readonly network: string;
  /** Number of the first address among those of the scan. */
  readonly first: number;
  /** One cell code an octet. */
  readonly codes: Uint8Array;
}

/** First address and number of addresses of each run. */
export type LiveRuns = readonly (readonly [string, number])[];

interface ProgressEvent extends Progress {
  /** The addresses that the cells are of; in the first event of a scan only. */
  readonly runs?: LiveRuns;
  /** Number of the first address, and base64 of the codes from there on. */
  readonly cells?: readonly (readonly [number, string])[];
}

/** Scans that run at present, by network. */
export const running = signal<Readonly<Record<string, Progress>>>({});
/** Of the scans that run, by network: the addresses whose cells are reported. */
export const liveRuns = signal<Readonly<Record<string, LiveRuns>>>({});
/** Rises by network whenever what it answers has changed: `all` for those that have not changed alone since. */
const versions = signal<{ readonly all: number; readonly of: Readonly<Record<string, number>> }>({
  all: 0,
  of: {},
});
/** Rises whenever anything has changed. */
export const version = signal(0);
/** Whether the server reports by itself at present. */
export const isLive = signal(true);

/** Progress is shown so often. */
const SHOW_MS = 150;

/** Of the scans that run, by network: what their cells are so far. */
const scanned = new Map<string, Uint8Array>();
const listeners = new Set<(cells: FreshCells) => void>();

export function versionOf(network: string): number {
  const { all, of } = versions.value;
  return of[network] ?? all;
}

/** Begins with the cells that are known already. @returns stops it */
export function onFreshCells(listener: (cells: FreshCells) => void): () => void {
  listeners.add(listener);
  for (const [network, codes] of scanned) listener({ network, first: 0, codes });
  return () => void listeners.delete(listener);
}

/** Says that a network's answers are out of date; undefined for all networks. */
export function touch(network: string | undefined): void {
  const { all, of } = versions.peek();
  const next = ++version.value;
  versions.value =
    network === undefined ? { all: next, of: {} } : { all, of: { ...of, [network]: next } };
}

/** A browser gives up if the server refuses the stream: the session may be over, or there are too many streams. */
const RETRY_MS = 10_000;
/** A stream that takes longer to begin may be held up by a proxy. */
const LATE_MS = 5000;
/** The server says something every 15 s: one that does not is gone, as after a change of this machine's network. */
const SILENT_MS = 40_000;

let source: EventSource | undefined;
let retry: ReturnType<typeof setTimeout> | undefined;
let late: ReturnType<typeof setTimeout> | undefined;
let silent: ReturnType<typeof setTimeout> | undefined;
/** Whether something may have happened while there was no connection. */
let isBehind = false;

/**
 * Follows the server's events. Hidden pages do not: a browser has only six connections for all pages of a server.
 * @returns stops it
 */
export function startLive(): () => void {
  document.addEventListener('visibilitychange', follow);
  follow();
  return () => {
    document.removeEventListener('visibilitychange', follow);
    close();
  };
}

function follow(): void {
  if (document.hidden) close();
  else if (source === undefined) open();
}

function open(): void {
  const opened = new EventSource('api/v1/events');
  source = opened;
  late = setTimeout(() => {
    isLive.value = false;
    isBehind = true;
  }, LATE_MS);
  const heard = (): void => {
    clearTimeout(silent);
    silent = setTimeout(openAgain, SILENT_MS);
  };
  opened.addEventListener('open', () => {
    clearTimeout(late);
    heard();
    isLive.value = true;
    if (isBehind) readAllAgain();
    isBehind = false;
  });
  opened.addEventListener('error', () => {
    isLive.value = false;
    forget();
    if (opened.readyState === EventSource.CLOSED && source === opened) {
      close();
      retry = setTimeout(() => void readSession().then(follow, follow), RETRY_MS);
    }
  });
  const on = <T>(name: string, act: (data: T) => void): void =>
    opened.addEventListener(name, ({ data }: MessageEvent<string>) => {
      heard();
      act(JSON.parse(data) as T);
    });
  on('alive', () => {});
  on<ProgressEvent>('scan-started', advance);
  on<ProgressEvent>('scan-progress', advance);
  on<{ network: string; failure?: string | null }>('scan-ended', ({ network, failure }) => {
    showLatest();
    scanned.delete(network);
    running.value = without(running.peek(), network);
    liveRuns.value = without(liveRuns.peek(), network);
    if (failure) notice.value = `The scan of ${network} failed: ${failure}`;
    touch(network);
  });
  on<{ network?: string }>('changes', ({ network }) => touch(network));
  on('reloaded', readAllAgain);
}

/** The server may be another one by now, with other roles and sites; and another tab may have signed another person in. */
function readAllAgain(): void {
  touch(undefined);
  readSession().catch(() => {});
}

function without<T>(all: Readonly<Record<string, T>>, name: string): Readonly<Record<string, T>> {
  const { [name]: _, ...others } = all;
  return others;
}

function openAgain(): void {
  isLive.value = false;
  close();
  open();
}

function close(): void {
  clearTimeout(retry);
  clearTimeout(late);
  clearTimeout(silent);
  source?.close();
  source = undefined;
  forget();
}

/** Scans may end, and others begin, before the next connection: its first events say which are running. */
function forget(): void {
  isBehind = true;
  clearTimeout(timer);
  timer = undefined;
  latest = {};
  running.value = {};
  liveRuns.value = {};
  scanned.clear();
}

/** By network, what is not shown yet: events may come much faster than anyone reads. */
let latest: Record<string, Progress> = {};
let timer: ReturnType<typeof setTimeout> | undefined;

function showLatest(): void {
  clearTimeout(timer);
  timer = undefined;
  running.value = { ...running.peek(), ...latest };
  latest = {};
}

function advance({ runs, cells = [], ...progress }: ProgressEvent): void {
  if (runs !== undefined) liveRuns.value = { ...liveRuns.peek(), [progress.network]: runs };
  latest[progress.network] = progress;
  timer ??= setTimeout(showLatest, SHOW_MS);
  for (const [first, codes] of cells) {
    const fresh = { network: progress.network, first, codes: octetsOf(codes) };
    keep(fresh, progress.targets);
    for (const listener of listeners) listener(fresh);
  }
}

function keep({ network, first, codes }: FreshCells, targets: number): void {
  let kept = scanned.get(network) ?? new Uint8Array(0);
  if (kept.length < first + codes.length) {
    const longer = new Uint8Array(Math.max(targets, first + codes.length));
    longer.set(kept);
    kept = longer;
    scanned.set(network, kept);
  }
  codes.forEach((code, i) => {
    if (code !== CELL_EMPTY) kept[first + i] = code;
  });
}
