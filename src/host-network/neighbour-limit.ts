/** How many neighbours may be unresolved at a time, with room left for the other programs of this host. */

/** The Linux kernel's own defaults (arp(7), `gc_thresh2` and `gc_thresh3`). */
const DEFAULT_THRESHOLDS = { soft: 512, hard: 1024 } as const;
/** The rest of the neighbour table is left to other programs. */
const OUR_SHARE = 0.85;

/** @param soft entries from which the table is cleaned up @param hard most entries */
export function limitOfThresholds(
  soft: number = DEFAULT_THRESHOLDS.soft,
  hard: number = DEFAULT_THRESHOLDS.hard,
): number {
  return Math.max(1, Math.floor(Math.min(soft, hard / 2) * OUR_SHARE));
}
