/** The orders in which a screen can show hosts. */

import type { WatchedHost } from './watched-hosts.ts';

/** What hosts can be sorted by. */
export const SORT_KEYS = ['address', 'loss', 'rtt', 'jitter', 'changes'] as const;
export type SortKey = (typeof SORT_KEYS)[number];

/** Highest first; a host without a value comes last, in either direction. */
const VALUES: Readonly<Record<Exclude<SortKey, 'address'>, (host: WatchedHost) => number | null>> =
  {
    loss: ({ lossPct }) => lossPct,
    rtt: ({ rttMedianMs }) => rttMedianMs,
    jitter: ({ jitterMs }) => jitterMs,
    changes: ({ changes }) => changes,
  };

/**
 * The hosts as they are to be shown; equal ones stay in the order of their addresses.
 * @param hosts in the order of their addresses @param isReversed lowest first, or the last address first
 */
export function sortedHosts(
  hosts: readonly WatchedHost[],
  key: SortKey,
  isReversed: boolean,
): readonly WatchedHost[] {
  if (key === 'address') return isReversed ? hosts.toReversed() : hosts;
  const read = VALUES[key];
  const sign = isReversed ? 1 : -1;
  return hosts
    .map((host) => ({ host, value: read(host) }))
    .sort((a, b) => {
      if (a.value === null || b.value === null)
        return Number(a.value === null) - Number(b.value === null);
      return sign * (a.value - b.value);
    })
    .map(({ host }) => host);
}
