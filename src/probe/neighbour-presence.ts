/** When an entry of the system's neighbour table proves that a host is there. */

import { NEIGHBOUR, type NeighbourState } from '../transport/contract.ts';

/**
 * The system uses an entry that is not confirmed for 5 s, then sends three requests a second apart (arp(7)): so long after
 * a host's first probe, it has checked the host's entry.
 */
export const CHECKED_AFTER_MS = 9_000;

/** The table's ages are in hundredths of a second. */
const AGE_TOLERANCE_MS = 20;

/** Whether the entry was confirmed after the host's first probe: one that was confirmed earlier says nothing about now. */
export function isConfirmedSince(
  sentAgoMs: number,
  state: NeighbourState,
  confirmedAgoMs: number,
): boolean {
  return state === NEIGHBOUR.confirmed && confirmedAgoMs <= sentAgoMs + AGE_TOLERANCE_MS;
}
