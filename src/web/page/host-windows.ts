/** The rows of a long list of hosts, fetched in windows around those in sight; windows far away are forgotten. */

import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Host, Page } from './answers.ts';
import { ApiError, apiPath, get, type Query } from './api.ts';
import { signedOut } from './session.ts';

const WINDOW = 200;
/** More rows than any screen shows at once. */
const MOST_KEPT = 16;
/** Rows that could not be fetched are tried again after so long, as long as they are in sight. */
const RETRY_MS = 3000;

export interface HostWindows {
  /** undefined until the first answer. */
  readonly total: number | undefined;
  readonly failure: ApiError | undefined;
  /** undefined while it is on its way. */
  readonly row: (place: number) => Host | undefined;
  /** Fetches what is missing of these rows and next to them. */
  readonly want: (from: number, to: number) => void;
}

class WindowStore {
  total: number | undefined;
  failure: ApiError | undefined;
  private readonly network: string;
  private readonly filters: Query;
  private readonly onChange: () => void;
  private readonly abort = new AbortController();
  private retry: ReturnType<typeof setTimeout> | undefined;
  /** In the order of their latest use. */
  private readonly windows = new Map<number, readonly Host[] | 'pending'>();

  constructor(network: string, filters: Query, onChange: () => void) {
    this.network = network;
    this.filters = filters;
    this.onChange = onChange;
  }

  row(place: number): Host | undefined {
    const rows = this.windows.get(Math.floor(place / WINDOW));
    return rows === undefined || rows === 'pending' ? undefined : rows[place % WINDOW];
  }

  want(from: number, to: number): void {
    const last = this.total === undefined ? 0 : Math.max(0, Math.ceil(this.total / WINDOW) - 1);
    const [first, end] = [Math.floor(from / WINDOW), Math.floor(to / WINDOW)];
    // What is in sight first, then its neighbours.
    for (let number = first; number <= Math.min(end, last); number++) this.need(number);
    for (const number of [end + 1, first - 1]) if (number >= 0 && number <= last) this.need(number);
  }

  stop(): void {
    this.abort.abort();
    clearTimeout(this.retry);
  }

  private need(number: number): void {
    const known = this.windows.get(number);
    if (known !== undefined) {
      this.windows.delete(number);
      this.windows.set(number, known);
      return;
    }
    this.windows.set(number, 'pending');
    for (const oldest of this.windows.keys()) {
      if (this.windows.size <= MOST_KEPT) break;
      this.windows.delete(oldest);
    }
    void this.fetch(number);
  }

  private async fetch(number: number): Promise<void> {
    const part = { ...this.filters, limit: WINDOW, offset: number * WINDOW };
    const path = apiPath(['networks', this.network, 'hosts'], part);
    try {
      const { items, total } = await get<Page<Host>>(path, this.abort.signal);
      this.total = total;
      this.failure = undefined;
      if (this.windows.has(number)) this.windows.set(number, items);
    } catch (error) {
      if (this.abort.signal.aborted || !(error instanceof ApiError)) return;
      if (error.status === 401) signedOut();
      this.failure = error;
      clearTimeout(this.retry);
      this.retry = setTimeout(() => this.tryAgain(), RETRY_MS);
    }
    this.onChange();
  }

  /** Rows that are in sight are wanted when they are drawn. */
  private tryAgain(): void {
    for (const [number, rows] of this.windows) {
      if (rows === 'pending') this.windows.delete(number);
    }
    this.onChange();
  }
}

/** @param version fetches again if it changes; until then the rows stay in sight */
export function useHostWindows(network: string, filters: Query, version: number): HostWindows {
  const [, setDrawn] = useState(0);
  const subject = apiPath(['networks', network], filters);
  const key = `${subject} ${version}`;
  const shown = useRef<WindowStore>(undefined);
  const next = useRef<WindowStore>(undefined);
  // As in `useAnswer`.
  useLayoutEffect(() => {
    const store = new WindowStore(network, filters, () => {
      // The earlier rows stay until the first of the later ones are here.
      if (next.current === store) {
        shown.current?.stop();
        shown.current = store;
        next.current = undefined;
      }
      setDrawn((count) => count + 1);
    });
    next.current = store;
    store.want(0, 0);
    return () => store.stop();
  }, [key]);
  const store = shown.current;
  return {
    total: store?.total,
    failure: store?.failure,
    row: (place) => store?.row(place),
    want: (from, to) => store?.want(from, to),
  };
}
