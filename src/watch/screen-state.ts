/** What a person has chosen on the screen, and what each key does to it. */

import { SORT_KEYS, type SortKey } from './host-order.ts';

export interface ScreenState {
  readonly sort: SortKey;
  readonly isReversed: boolean;
  /** Hosts above the first that is shown. */
  readonly scrolled: number;
  readonly isPaused: boolean;
  /** Whether hosts that have never replied are left out. */
  readonly hidesSilent: boolean;
}

export const FIRST_STATE: ScreenState = {
  sort: 'address',
  isReversed: false,
  scrolled: 0,
  isPaused: false,
  hidesSilent: false,
};

/** The letter of each order. */
export const SORT_LETTERS: Readonly<Record<SortKey, string>> = {
  address: 'a',
  loss: 'l',
  rtt: 'r',
  jitter: 'j',
  changes: 'c',
};

/** The room that a screen has for hosts, and how many there are to show. */
export interface ScrollRoom {
  readonly lines: number;
  readonly hosts: number;
}

/** Keys that scroll, by Node's name, and how far from `scrolled` that leads. */
const SCROLLING: Readonly<Record<string, (scrolled: number, room: ScrollRoom) => number>> = {
  up: (scrolled) => scrolled - 1,
  down: (scrolled) => scrolled + 1,
  pageup: (scrolled, { lines }) => scrolled - lines,
  pagedown: (scrolled, { lines }) => scrolled + lines,
  home: () => 0,
  end: (_scrolled, { hosts }) => hosts,
};

/**
 * The state after a key; the same one if the key means nothing here.
 * @param name as Node's `readline` names keys
 */
export function stateAfter(state: ScreenState, name: string, room: ScrollRoom): ScreenState {
  const sort = SORT_KEYS.find((key) => SORT_LETTERS[key] === name);
  if (sort !== undefined) {
    return { ...state, sort, isReversed: state.sort === sort && !state.isReversed, scrolled: 0 };
  }
  const scroll = Object.hasOwn(SCROLLING, name) ? SCROLLING[name] : undefined;
  if (scroll !== undefined) {
    const scrolled = withinRoom(scroll(state.scrolled, room), room);
    return scrolled === state.scrolled ? state : { ...state, scrolled };
  }
  if (name === 'space' || name === 'p') return { ...state, isPaused: !state.isPaused };
  if (name === 's') return { ...state, hidesSilent: !state.hidesSilent, scrolled: 0 };
  return state;
}

/** No further than the last host at the bottom. */
export function withinRoom(scrolled: number, { lines, hosts }: ScrollRoom): number {
  return Math.max(0, Math.min(scrolled, hosts - lines));
}
