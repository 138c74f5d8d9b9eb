/** The states of hosts and addresses: what they are called, and what colour they have. */

import { ADDRESS_STATES, type AddressState } from '../../inventory/map-states.ts';
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

export function stateWord(state: HostState): string {
  return WORDS[state];
}

/** Numbers of ADDRESS_STATES that a running scan finds. */
export const UNASKED = ADDRESS_STATES.indexOf('unasked');
export const FREE = ADDRESS_STATES.indexOf('free');
export const PRESENT = ADDRESS_STATES.indexOf('present');
export const MISSING = ADDRESS_STATES.indexOf('missing');

const ADDRESS_WORDS: Readonly<Record<AddressState, string>> = {
  unasked: 'Not scanned',
  free: 'Free',
  'documented-silent': 'Documented, silent',
  present: 'Up',
  new: 'Up, new',
  missing: 'Missing',
  gone: 'Gone',
  conflict: 'Address conflict',
};

const ADDRESS_CLASS: Readonly<Record<AddressState, Status | 'unasked'>> = {
  unasked: 'unasked',
  free: 'down',
  'documented-silent': 'down',
  present: 'up',
  new: 'up',
  missing: 'unreachable',
  gone: 'error',
  conflict: 'error',
};

export function addressState(octet: number): AddressState {
  return ADDRESS_STATES[octet] ?? 'unasked';
}

export function addressWord(state: AddressState): string {
  return ADDRESS_WORDS[state];
}

/** The status whose colour an address has. */
export function addressClass(state: AddressState): Status | 'unasked' {
  return ADDRESS_CLASS[state];
}
