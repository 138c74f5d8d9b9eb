/** One octet that sums an address up for maps: used or free, new, missing, gone, in conflict. */

import { type Documented, isAnyDocumented, isDocumented } from './documented.ts';
import type { HostState } from './host-memory.ts';
import { ADDRESS_STATES } from './map-states.ts';
import type { NetworkSnapshot } from './network-snapshot.ts';

const [UNASKED, FREE, DOCUMENTED_SILENT, PRESENT, NEW, MISSING, GONE, CONFLICT] =
  ADDRESS_STATES.keys() as unknown as readonly [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];

const OF_STATE: Readonly<Record<HostState, number>> = {
  silent: FREE,
  up: PRESENT,
  missing: MISSING,
  gone: GONE,
  unasked: UNASKED,
};

/** What the addresses of a network are, and how many of each kind there are. */
export interface AddressStates {
  /** An octet an address, in the snapshot's order: numbers of ADDRESS_STATES. */
  readonly cells: Uint8Array;
  /** Hosts that are gone, and no targets any more. */
  readonly goneElsewhere: number;
  /** Other addresses that are documented, but silent or gone. */
  readonly documentedSilent: number;
  readonly conflicts: number;
  /** Hosts that are up or missing and not documented; 0 if nothing is documented. */
  readonly unknown: number;
}

/** @param newSinceMs hosts that were first seen from then on are new */
export function addressStates(
  snapshot: NetworkSnapshot,
  documented: Documented,
  newSinceMs: number,
): AddressStates {
  const { key, state, misses, first_seen: firstSeen } = snapshot.columns;
  const cells = new Uint8Array(snapshot.size);
  const countsUnknown = isAnyDocumented(documented);
  let [goneElsewhere, documentedSilent, conflicts, unknown] = [0, 0, 0, 0];
  for (let place = 0; place < cells.length; place++) {
    const isGoneElsewhere = state[place] === 'gone' && misses[place] === 0;
    if (isGoneElsewhere) goneElsewhere++;
    const isSilent = !isGoneElsewhere && (state[place] === 'silent' || state[place] === 'gone');
    let cell = OF_STATE[state[place]!];
    if (isSilent && isDocumented(documented, key[place]!)) {
      documentedSilent++;
      if (cell === FREE) cell = DOCUMENTED_SILENT;
    }
    if (countsUnknown && (cell === PRESENT || cell === MISSING)) {
      if (!isDocumented(documented, key[place]!)) unknown++;
    }
    if (cell === PRESENT && (firstSeen[place] ?? 0) >= newSinceMs) cell = NEW;
    if (snapshot.isConflictAt(place)) {
      conflicts++;
      cell = CONFLICT;
    }
    cells[place] = cell;
  }
  return { cells, goneElsewhere, documentedSilent, conflicts, unknown };
}

/**
 * The same with at most `most` octets, each the most common state of its share of the addresses: a few gone hosts do not
 * colour a whole subnet. Free and unscanned addresses count only if a share holds nothing else; of equals, the one to be
 * seen first.
 */
export function stripOf(cells: Uint8Array, most: number): Uint8Array {
  const share = Math.max(1, Math.ceil(cells.length / most));
  const strip = new Uint8Array(Math.ceil(cells.length / share));
  const counts = new Uint32Array(ADDRESS_STATES.length);
  for (let at = 0; at < strip.length; at++) {
    counts.fill(0);
    for (const cell of cells.subarray(at * share, (at + 1) * share)) counts[cell]!++;
    let common = counts[FREE]! > counts[UNASKED]! ? FREE : UNASKED;
    for (let state = DOCUMENTED_SILENT; state < counts.length; state++) {
      if (counts[state]! > 0 && (common <= FREE || counts[state]! >= counts[common]!))
        common = state;
    }
    strip[at] = common;
  }
  return strip;
}
