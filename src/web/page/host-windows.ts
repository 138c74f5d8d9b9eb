/** The rows of a long list of hosts, fetched in windows around those in sight; windows far away are forgotten. */

import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Host, Page } from './answers.ts';
import { ApiError, apiPath, get, type Query } from './api.ts';
import { keptIn, type TablePlace } from './kept-places.ts';

const WINDOW = 200;
/** More rows than any screen shows at once. */
const MOST_KEPT = 16;
/** Rows that could not be fetched are tried again after so long, as long as they are in sight. */
const RETRY_MS = 3000;

interface ListOfHosts {
  readonly network: string;
  readonly filters: Query;
  /** Of the browser's history, where the reader looks at it. */
  readonly step: string;
}

export class HostWindows {
  /** Network, filters and order of the rows. */
  readonly list: string;
  readonly step: string;
  /** Where the reader was when the rows were requested, if that was in this list. */
  readonly begun: TablePlace | undefined;
  /** How many rows the host of that place has moved down since. */
  moved = 0;
  /** undefined until the first answer. */
  total: number | undefined;
  failure: ApiError | undefined;
  private readonly network: string;
  private readonly filters: Query;
  private readonly onChange: () => void;
  private readonly abort = new AbortController();
  private retry: ReturnType<typeof setTimeout> | undefined;
  /** In the order of their latest use. */
  private readonly windows = new Map<number, readonly Host[] | 'pending'>();

  constructor({ network, filters, step }: ListOfHosts, onChange: () => void) {
    this.network = network;
    this.filters = filters;
    this.list = nameOfList(network, filters);
    this.step = step;
    const { table } = keptIn(step);
    this.begun = table?.list === this.list ? table : undefined;
    this.onChange = onChange;
  }

  /** Fetches the rows where the reader was. */
  begin(): void {
    void this.fetch(windowOf(this.begun?.row ?? 0));
  }

  /** @returns undefined while it is on its way */
  row(place: number): Host | undefined {
    const rows = this.windows.get(windowOf(place));
    return rows === undefined || rows === 'pending' ? undefined : rows[place % WINDOW];
  }

  /** Fetches what is missing of these rows and next to them. */
  want(from: number, to: number): void {
    if (this.total === undefined) return;
    const last = windowOf(Math.max(0, this.total - 1));
    const [first, end] = [windowOf(from), windowOf(to)];
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
    const isFirst = this.total === undefined;
    const containing = isFirst ? this.begun?.address : undefined;
    const part = { ...this.filters, limit: WINDOW, offset: number * WINDOW, containing };
    const path = apiPath(['networks', this.network, 'hosts'], part);
    try {
      const { items, total, next } = await get<Page<Host>>(path, this.abort.signal);
      this.total = total;
      this.failure = undefined;
      // The cursor of this list counts its rows.
      const first = (next === null ? total : Number(next)) - items.length;
      const place = items.findIndex(({ address }) => address === containing);
      if (place >= 0) this.moved = first + place - this.begun!.row;
      if (isFirst && items.length > 0) this.windows.set(windowOf(first), items);
      else if (this.windows.has(number)) this.windows.set(number, items);
    } catch (error) {
      if (this.abort.signal.aborted || !(error instanceof ApiError)) return;
      this.failure = error;
      clearTimeout(this.retry);
      this.retry = setTimeout(() => this.tryAgain(), RETRY_MS);
    }
    this.onChange();
  }

  /** Rows that are in sight are wanted when they are drawn. */
  private tryAgain(): void {
    if (this.total === undefined) {
      this.begin();
      return;
    }
    for (const [number, rows] of this.windows) {
      if (rows === 'pending') this.windows.delete(number);
    }
    this.onChange();
  }
}

function windowOf(place: number): number {
  return Math.floor(place / WINDOW);
}

function nameOfList(network: string, filters: Query): string {
  return apiPath(['networks', network], filters);
}

interface Shown {
  readonly windows: HostWindows | undefined;
  readonly failure: ApiError | undefined;
}

/** @param version fetches again if it changes; until then the rows stay in sight */
export function useHostWindows(list: ListOfHosts, version: number): Shown {
  const [, setDrawn] = useState(0);
  const key = `${nameOfList(list.network, list.filters)} ${list.step} ${version}`;
  const shown = useRef<HostWindows>(undefined);
  const next = useRef<HostWindows>(undefined);
  // As in `useAnswer`.
  useLayoutEffect(() => {
    const store = new HostWindows(list, () => {
      // The earlier rows stay until the first of the later ones are here.
      if (next.current === store && store.total !== undefined) {
        shown.current?.stop();
        shown.current = store;
        next.current = undefined;
      }
      setDrawn((count) => count + 1);
    });
    next.current = store;
    store.begin();
    return () => store.stop();
  }, [key]);
  return { windows: shown.current, failure: (next.current ?? shown.current)?.failure };
}
