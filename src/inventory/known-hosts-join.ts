/** Joins what was seen with what should be there. */

import type { KnownHosts } from '../report/known-hosts.ts';
import type { InventoryHost } from './host-list.ts';

/** `documented` and answering, documented but silent, answering but undocumented. */
export const KNOWN_STATES = ['documented', 'documented-silent', 'undocumented'] as const;
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
 * The hosts with what is known of them; documented ones that are not among them come too.
 * @param known undefined where nobody said what should be there
 */
export function joinKnownHosts(
  hosts: readonly InventoryHost[],
  known: KnownHosts | undefined,
): ListedHost[] {
  const joined = hosts.map((host): ListedHost => {
    const { address, key } = host;
    const row = known?.byKey.get(key);
    const isUp = host.state === 'up' || host.state === 'missing';
    return {
      address,
      key,
      host,
      known: known === undefined ? null : knownState(row !== undefined, isUp),
      fields: row?.fields ?? {},
    };
  });
  if (known === undefined) return joined;
  const seen = new Set(joined.map(({ key }) => key));
  for (const { address, key, fields } of known.byKey.values()) {
    if (!seen.has(key))
      joined.push({ address, key, host: null, known: 'documented-silent', fields });
  }
  return joined.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
}

function knownState(isDocumented: boolean, isUp: boolean): KnownState | null {
  if (isDocumented) return isUp ? 'documented' : 'documented-silent';
  return isUp ? 'undocumented' : null;
}
