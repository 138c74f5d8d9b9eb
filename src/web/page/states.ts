/** The states of hosts: what they are called, and what colour they have. */

import { cellStory } from '../../results/cell-code.ts';
import type { Status } from '../../results/outcome.ts';
import type { HostState } from './answers.ts';

const WORDS: Readonly<Record<HostState, string>> = {
  up: 'Up',
  missing: 'Missing',
  gone: 'Gone',
  silent: 'Never seen',
  unasked: 'Not scanned',
};

/** The status whose colour a state has, as in the page of `inventory report`. */
export const STATE_CLASS: Readonly<Record<HostState, Status | 'unasked'>> = {
  up: 'up',
  missing: 'unreachable',
  gone: 'error',
  silent: 'down',
  unasked: 'unasked',
};

const STATE_OF_STATUS: Readonly<Record<Status, HostState>> = {
  up: 'up',
  unreachable: 'missing',
  error: 'gone',
  down: 'silent',
};

export function stateWord(state: HostState): string {
  return WORDS[state];
}

/** @param code of a cell of a map */
export function stateOfCell(code: number): HostState {
  const story = cellStory(code);
  return story === undefined ? 'unasked' : STATE_OF_STATUS[story.status];
}
