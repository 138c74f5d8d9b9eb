/** How the packets of a block reach its hosts. */

/**
 * `routed`: through a gateway, or to this host itself. `system`: the hosts are on a local network, and the system
 * resolves their MAC addresses, so that each costs an entry in its neighbour table. `{ link }`: they are on a local
 * network, and we resolve them ourselves by ARP or NDP on the link of that index, then ping them past the system.
 * `cut-off`: through a gateway that cannot be resolved, so that they are not probed at all. `refused`: there was no route
 * when the sweep began. If the system refuses to send, it does so to the end; it may still lead to this host itself.
 */
export type Reach = 'routed' | 'system' | 'cut-off' | 'refused' | { readonly link: number };

/** Index of the link on which we resolve the hosts ourselves; undefined if the system routes. */
export function linkOf(reach: Reach): number | undefined {
  return typeof reach === 'string' ? undefined : reach.link;
}

export function isSameReach(a: Reach, b: Reach): boolean {
  return a === b || (linkOf(a) !== undefined && linkOf(a) === linkOf(b));
}
