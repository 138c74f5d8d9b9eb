/** What the server reports by itself: scans as they run, and what is out of date since. */

import { signal } from '@preact/signals';
import type { Progress } from './answers.ts';
import { octetsOf } from './api.ts';
import { notice } from './notice.ts';

/** Cells of a network's map that a running scan has just finished. */
export interface FreshCells {
  readonly network: string;
  /** Number of the first address on the map. */
  readonly first: number;
  /** One cell code an octet. */
  readonly codes: Uint8Array;
}

interface ProgressEvent extends Progress {
  /** Number of the first address, and base64 of the codes from there on. */
  readonly cells?: readonly (readonly [number, string])[];
}

/** Scans that run at present, by network. */
export const running = signal<Readonly<Record<string, Progress>>>({});
/** Rises by network whenever what it answers has changed. */
const versions = signal<Readonly<Record<string, number>>>({});
/** Rises whenever anything has changed. */
export const version = signal(0);
/** Whether the server reports by itself at present. */
export const isLive = signal(true);

/** Progress is shown so often. */
const SHOW_MS = 150;

const listeners = new Set<(cells: FreshCells) => void>();

export function versionOf(network: string): number {
  return versions.value[network] ?? 0;
}

/** @returns stops it */
export function onFreshCells(listener: (cells: FreshCells) => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** Says that a network's answers are out of date; undefined for all networks. */
export function touch(network: string | undefined): void {
  version.value++;
  if (network === undefined) versions.value = {};
  else versions.value = { ...versions.value, [network]: version.value };
}

let source: EventSource | undefined;

/**
 * Follows the server's events. Hidden pages do not: a browser has only six connections for all pages of a server.
 * @returns stops it
 */
export function startLive(): () => void {
  const follow = (): void => {
    if (document.hidden) close();
    else if (source === undefined) open();
  };
  document.addEventListener('visibilitychange', follow);
  follow();
  return () => {
    document.removeEventListener('visibilitychange', follow);
    close();
  };
}

function open(): void {
  const opened = new EventSource('api/v1/events');
  source = opened;
  let wasOpen = false;
  opened.addEventListener('open', () => {
    isLive.value = true;
    // Whatever happened while there was no connection.
    if (wasOpen || version.peek() > 0) touch(undefined);
    wasOpen = true;
  });
  opened.addEventListener('error', () => {
    isLive.value = false;
    running.value = {};
  });
  const on = <T>(name: string, act: (data: T) => void): void =>
    opened.addEventListener(name, ({ data }: MessageEvent<string>) => act(JSON.parse(data) as T));
  on<ProgressEvent>('scan-started', advance);
  on<ProgressEvent>('scan-progress', advance);
  on<{ network: string; failure?: string | null }>('scan-ended', ({ network, failure }) => {
    showLatest();
    const { [network]: _, ...others } = running.peek();
    running.value = others;
    if (failure) notice.value = `The scan of ${network} failed: ${failure}`;
    touch(network);
  });
  on<{ network?: string }>('changes', ({ network }) => touch(network));
  on('reloaded', () => touch(undefined));
}

function close(): void {
  source?.close();
  source = undefined;
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

function advance({ cells = [], ...progress }: ProgressEvent): void {
  latest[progress.network] = progress;
  timer ??= setTimeout(showLatest, SHOW_MS);
  if (listeners.size === 0) return;
  for (const [first, codes] of cells) {
    const fresh = { network: progress.network, first, codes: octetsOf(codes) };
    for (const listener of listeners) listener(fresh);
  }
}
