/** The question for hosts: those that were seen, joined with those that should be there. */

import { EVER_UP, type HostFilter, listHosts } from './host-list.ts';
import { HOST_STATES } from './host-memory.ts';
import { hostNotes } from './host-notes.ts';
import type { KnownHosts } from './known-hosts.ts';
import { joinKnownHosts, type KnownState, type ListedHost } from './known-hosts-join.ts';

import type { Store } from './store.ts';

export interface ListedHostFilter extends Omit<HostFilter, 'networks'> {
  /** Names of the networks. */
  readonly networks: readonly string[];
  /** Whether these are all networks of the configuration. */
  readonly isAllNetworks: boolean;
  /** Only these of the hosts that should be there, and of those that should not; undefined for all hosts. */
  readonly known?: readonly KnownState[] | undefined;
}

/**
 * Hosts by network and address. Without `states`, hosts that have ever answered, and documented ones in any state.
 * @param known undefined without known hosts
 */
export function listedHosts(
  store: Store,
  known: KnownHosts | undefined,
  filter: ListedHostFilter,
): ListedHost[] {
  const { isAllNetworks, states, known: wanted, name, unseenSince } = filter;
  const notes = hostNotes(store, filter.networks);
  const isDocumented = known !== undefined || notes.some(({ known: isKnown }) => isKnown === true);
  const hosts = listHosts(store, {
    ...filter,
    states: states ?? (isDocumented ? HOST_STATES : EVER_UP),
  });
  // A filter selects hosts of the inventory, so a documented host that no scan has probed cannot pass it.
  const isFiltered = !isAllNetworks || [states, name, unseenSince].some((one) => one !== undefined);
  return joinKnownHosts(hosts, known, notes).filter(
    ({ host, known: documented }) =>
      (wanted === undefined || (documented !== null && wanted.includes(documented))) &&
      (host === null
        ? !isFiltered
        : states !== undefined || documented !== null || EVER_UP.includes(host.state)),
  );
}
