/** Where the reader was in each step of the browser's history: how far down the page, at which row of a table, in how long a feed. */

import { readTab, writeTab } from './tab-storage.ts';

/** A place in a table of hosts. */
export interface TablePlace {
  /** Network, filters and order: a place in another list is worth nothing. */
  readonly list: string;
  /** The row that was chosen, or else the first one in sight. */
  readonly row: number;
  /** Of its host: rows may move. undefined if it had not arrived. */
  readonly address: string | undefined;
  /** From the top of the rows in sight down to the row, pixels. */
  readonly down: number;
  readonly isChosen: boolean;
  readonly hasFocus: boolean;
}

/** How many changes of a list were shown. */
interface FeedLength {
  readonly list: string;
  readonly shown: number;
}

interface Kept {
  readonly top?: number;
  readonly table?: TablePlace;
  readonly feed?: FeedLength;
}

const kept = new Map<string, Kept>();

export function keptIn(step: string): Kept {
  return kept.get(step) ?? {};
}

export function keepIn(step: string, changes: Kept): void {
  kept.set(step, { ...kept.get(step), ...changes });
}

const NAME = 'places';

/** Takes what was kept before a reload, and leaves it for the next one. */
export function startKeeping(): void {
  const before = JSON.parse(readTab(NAME) ?? '[]') as [string, Kept][];
  for (const [step, places] of before) kept.set(step, places);
  writeTab(NAME, undefined);
  // Otherwise the browser scrolls before what there is to scroll has arrived.
  history.scrollRestoration = 'manual';
  addEventListener('pagehide', () => writeTab(NAME, JSON.stringify([...kept])));
}
