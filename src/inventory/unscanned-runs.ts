/** The targets that no scan has a result of: after a first scan that was stopped or is in doubt, maps show them as such. */

import { setImmediate } from 'node:timers/promises';
import { type Family, formatAddress, keyOfAddress } from '../address.ts';
import type { AddressRange } from '../results/block-targets.ts';
import type { NetworkSnapshot } from './network-snapshot.ts';
import type { AddressCounts } from './network-status.ts';

/** Looked up only if there are unscanned targets. */
export type TargetRanges = () => Promise<readonly AddressRange[]>;

/** Addresses next to each other. */
export interface UnscannedRun {
  readonly first: string;
  /** As the keys of hosts. */
  readonly firstKey: string;
  readonly lastKey: string;
  readonly count: number;
  /** Place of the host behind it in the snapshot. */
  readonly before: number;
}

const HOSTS_A_STEP = 8192;

/** @returns none if no target is unscanned */
export async function unscannedRuns(
  snapshot: NetworkSnapshot,
  { unscanned }: Pick<AddressCounts, 'unscanned'>,
  targets: TargetRanges,
): Promise<readonly UnscannedRun[]> {
  if (unscanned === null || unscanned === 0) return [];
  const ranges = await targets();
  const kept = snapshot.derived.get(NAME) as Promise<Kept> | undefined;
  if (kept !== undefined && (await kept).ranges === ranges) return (await kept).runs;
  const found = runsBetween(snapshot, ranges).then((runs) => ({ ranges, runs }));
  snapshot.derived.set(NAME, found);
  return (await found).runs;
}

const NAME = 'unscanned';

interface Kept {
  readonly ranges: readonly AddressRange[];
  readonly runs: readonly UnscannedRun[];
}

/** Walks through the targets and the hosts at once: both are in address order. */
async function runsBetween(
  { size, columns: { key, state } }: NetworkSnapshot,
  ranges: readonly AddressRange[],
): Promise<UnscannedRun[]> {
  const runs: UnscannedRun[] = [];
  let place = 0;
  for (const { family, first, last, zone } of ranges) {
    // Keys with a zone are in another order, and such addresses are not mapped.
    if (zone !== '') continue;
    const [firstKey, lastKey] = [keyOfAddress(family, first), keyOfAddress(family, last)];
    let next = first;
    for (; place < size && key[place]! <= lastKey; place++) {
      if (place % HOSTS_A_STEP === HOSTS_A_STEP - 1) await setImmediate();
      if (key[place]! < firstKey || state[place] === 'unasked' || key[place]!.includes('%'))
        continue;
      const value = BigInt(`0x${key[place]!.slice(1)}`);
      if (value > next) runs.push(runOf(family, next, value - 1n, place));
      next = value + 1n;
    }
    if (next <= last) runs.push(runOf(family, next, last, place));
  }
  return runs;
}

function runOf(family: Family, first: bigint, last: bigint, before: number): UnscannedRun {
  return {
    first: formatAddress(family, first),
    firstKey: keyOfAddress(family, first),
    lastKey: keyOfAddress(family, last),
    count: Number(last - first) + 1,
    before,
  };
}

/** A strip of more addresses shows the scanned ones alone. */
const MOST_CELLS = 1 << 24;

/** The cells of the targets in address order: those of the hosts, and between them those of the runs, which are 0. */
export function targetCells(
  snapshot: NetworkSnapshot,
  cells: Uint8Array,
  runs: readonly UnscannedRun[],
): Uint8Array {
  const total = runs.reduce((sum, { count }) => sum + count, snapshot.size);
  if (runs.length === 0 || total > MOST_CELLS) return cells;
  const shown = new Uint8Array(total);
  let end = 0;
  for (const each of targetsInOrder(snapshot, runs)) {
    if (typeof each === 'number') shown[end++] = cells[each]!;
    else end += each.count;
  }
  return shown.subarray(0, end);
}

/** The targets in address order: hosts, less those that are no longer targets, and the runs between them. */
export function* targetsInOrder(
  { size, columns: { state } }: NetworkSnapshot,
  runs: readonly UnscannedRun[],
): Generator<number | UnscannedRun> {
  let next = 0;
  for (let place = 0; place <= size; place++) {
    while (runs[next]?.before === place) yield runs[next++]!;
    if (place < size && state[place] !== 'unasked') yield place;
  }
}
