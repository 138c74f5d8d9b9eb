/** Joins what was seen with what should be there. */

import type { InventoryHost } from './host-list.ts';
import type { HostState } from './host-memory.ts';
import type { KnownHosts } from './known-hosts.ts';

/** `documented` and answering, documented but silent, documented but asked by no scan, answering but undocumented. */
export const KNOWN_STATES = [
  'documented',
  'documented-silent',
  'documented-unasked',
  'undocumented',
] as const;
export type KnownState = (typeof KNOWN_STATES)[number];

export interface ListedHost {
  readonly address: string;
  readonly key: string;
  /** Null for a documented host that no scan has asked. */
  readonly host: InventoryHost | null;
  /** Null where nobody said what should be there, or the host is neither documented nor answering. */
  readonly known: KnownState | null;
  /** Of the known hosts' file. */
  readonly fields: Readonly<Record<string, string>>;
}

/**
 * The hosts with what is known of them; documented ones that are not among them come too, as asked by no scan.
 * @param hosts in whatever state they are, so that who is silent is not taken for unasked
 * @param known undefined where nobody said what should be there
 */
export function joinKnownHosts(
  hosts: readonly InventoryHost[],
  known: KnownHosts | undefined,
): ListedHost[] {
  const joined = hosts.map((host): ListedHost => {
    const { address, key } = host;
    const row = known?.byKey.get(key);
    return {
      address,
      key,
      host,
      known: known === undefined ? null : knownState(row !== undefined, host.state),
      fields: row?.fields ?? {},
    };
  });
  if (known === undefined) return joined;
  const seen = new Set(joined.map(({ key }) => key));
  for (const { address, key, fields } of known.byKey.values()) {
    if (!seen.has(key))
      joined.push({ address, key, host: null, known: 'documented-unasked', fields });
  }
  return joined.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
}

function knownState(isDocumented: boolean, state: HostState): KnownState | null {
  const isUp = state === 'up' || state === 'missing';
  if (isDocumented && state === 'unasked') return 'documented-unasked';
  if (isDocumented) return isUp ? 'documented' : 'documented-silent';
  return isUp ? 'undocumented' : null;
}
