/** The map of a network: runs of addresses, and octets for each of them. */

import { setImmediate } from 'node:timers/promises';
import { CELL_EMPTY, cellCode } from '../results/cell-code.ts';
import type { AddressStates } from './address-cells.ts';
import { ADDRESS_STATES } from './map-states.ts';
import type { NetworkSnapshot } from './network-snapshot.ts';
import { targetsInOrder, type UnscannedRun } from './unscanned-runs.ts';

/** Addresses next to each other, without a gap. */
export interface AddressRun {
  readonly first: string;
  readonly count: number;
}

export interface AddressMap {
  /** In address order; the octets are in the same order, run after run. */
  readonly runs: readonly AddressRun[];
  /** What the latest scan said of each: `cellCode`. */
  readonly cells: Uint8Array;
  /** What the inventory knows of each: numbers of ADDRESS_STATES. */
  readonly states: Uint8Array;
  /** Addresses of the network; those beyond the octets are summed up by subnet only. */
  readonly total: number;
}

/** More of them are not drawn one by one. */
const MOST_MAPPED = 65_536;
const HOSTS_A_STEP = 8192;

/** @param unscanned targets without a host */
export async function addressMap(
  snapshot: NetworkSnapshot,
  { cells: states }: AddressStates,
  unscanned: readonly UnscannedRun[],
): Promise<AddressMap> {
  const { address, key, state, status, reason } = snapshot.columns;
  const runs: { first: string; count: number }[] = [];
  const cells: number[] = [];
  const shown: number[] = [];
  let total = 0;
  let before: string | undefined;
  const extend = (first: string, firstKey: string, lastKey: string, count: number): void => {
    if (before !== undefined && isNext(before, firstKey)) runs.at(-1)!.count += count;
    else runs.push({ first, count });
    before = lastKey;
  };
  for (const target of targetsInOrder(snapshot, unscanned)) {
    if (typeof target !== 'number') {
      const count = Math.min(target.count, Math.max(0, MOST_MAPPED - total));
      total += target.count;
      if (count === 0) continue;
      for (let i = 0; i < count; i++) cells.push(CELL_EMPTY);
      for (let i = 0; i < count; i++) shown.push(UNASKED);
      extend(target.first, target.firstKey, target.lastKey, count);
      continue;
    }
    const place = target;
    if (place % HOSTS_A_STEP === HOSTS_A_STEP - 1) await setImmediate();
    if (++total > MOST_MAPPED) continue;
    const rttMs = state[place] === 'up' ? snapshot.rttMsAt(place) : null;
    cells.push(cellCode(status[place]!, reason[place]!, rttMs));
    shown.push(states[place]!);
    extend(address[place]!, key[place]!, key[place]!, 1);
  }
  return { runs, cells: Uint8Array.from(cells), states: Uint8Array.from(shown), total };
}

const UNASKED = ADDRESS_STATES.indexOf('unasked');

const DIGITS_OF_LAST_WORDS = 8;

/** Whether a key is that of the next address: most differ in their last digits only. */
function isNext(before: string, key: string): boolean {
  if (before.length !== key.length) return false;
  if (before.includes('%')) return isNextZoned(before, key);
  const at = key.length - DIGITS_OF_LAST_WORDS;
  return (
    before.slice(0, at) === key.slice(0, at) &&
    Number.parseInt(key.slice(at), 16) - Number.parseInt(before.slice(at), 16) === 1
  );
}

function isNextZoned(before: string, key: string): boolean {
  const [plain, zone] = before.split('%');
  const [plainKey, zoneKey] = key.split('%');
  return zone === zoneKey && isNext(plain!, plainKey!);
}
