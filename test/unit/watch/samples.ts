/** Rounds and views for the tests of a watch: whole, so that each test names only what it is about. */

import type { ScreenSize, WatchView } from '../../../src/watch/screen.ts';
import { FIRST_STATE, type ScreenState } from '../../../src/watch/screen-state.ts';
import { type Sighting, WatchedHosts } from '../../../src/watch/watched-hosts.ts';

/** When the first round of every test began; rounds are a second apart. */
const START = new Date('2026-01-31T12:00:00.000Z');

export function atSecond(second: number): Date {
  return new Date(START.getTime() + 1000 * second);
}

export function replied(address: string, ...rttsMs: number[]): Sighting {
  const { length } = rttsMs;
  return {
    address,
    hostname: null,
    status: 'up',
    reason: 'echo-reply',
    sent: length,
    received: length,
    rttsMs,
  };
}

export function silent(address: string): Sighting {
  return {
    address,
    hostname: null,
    status: 'down',
    reason: 'no-response',
    sent: 1,
    received: 0,
    rttsMs: [],
  };
}

/** Hosts after rounds of which each says what it showed. */
export function watched(rounds: readonly (readonly Sighting[])[], downAfter = 2): WatchedHosts {
  const hosts = new WatchedHosts(1000, downAfter);
  for (const [i, round] of rounds.entries()) hosts.addRound(round, atSecond(i));
  return hosts;
}

export function viewOf(hosts: WatchedHosts, values: Partial<WatchView> = {}): WatchView {
  return {
    hosts: hosts.all,
    targets: hosts.all.length,
    rounds: 3,
    intervalMs: 1000,
    roundMs: 700,
    elapsedMs: 3100,
    now: atSecond(3),
    change: undefined,
    trouble: '',
    hasKeys: true,
    ...values,
  };
}

export const SIZE: ScreenSize = { width: 100, height: 24, colour: false, isPlain: false };

export function stateWith(values: Partial<ScreenState> = {}): ScreenState {
  return { ...FIRST_STATE, ...values };
}
