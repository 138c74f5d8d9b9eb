/** The hosts of an inventory as address management should know them: one for each address, present or gone. */

import type { InventoryHost } from '../host-list.ts';

export interface IpamHost extends Pick<InventoryHost, 'key' | 'address' | 'network'> {
  /** Up, or missing for too few scans to be called gone. */
  readonly isPresent: boolean;
  readonly hostname: string | null;
  readonly mac: string | null;
  readonly firstSeen: Date | null;
  readonly lastSeen: Date | null;
  /** Whether the latest scan that calls it gone may be wrong; false for a host that is present. */
  readonly isDoubted: boolean;
}

/** Hosts for address management, and what was left out. */
export interface IpamHosts {
  readonly hosts: readonly IpamHost[];
  /** Addresses that mean something on one link only, so no address management takes them. */
  readonly zoned: number;
}

/**
 * Hosts in address order. An address that several networks have is present if it is in one of them.
 * @param hosts that have ever answered
 * @param doubted names of the networks whose latest scan is unreliable or was stopped early
 */
export function ipamHosts(
  hosts: readonly InventoryHost[],
  doubted: ReadonlySet<string>,
): IpamHosts {
  const byKey = new Map<string, IpamHost>();
  let zoned = 0;
  for (const host of hosts) {
    if (host.key.includes('%')) {
      zoned++;
      continue;
    }
    const { key, address, network, hostname, mac, firstSeen, lastSeen, state } = host;
    const isPresent = state !== 'gone';
    const isDoubted = !isPresent && doubted.has(network);
    const next = {
      ...{ key, address, network, hostname, mac, firstSeen, lastSeen },
      ...{ isPresent, isDoubted },
    };
    const earlier = byKey.get(key);
    byKey.set(key, earlier === undefined ? next : joined(earlier, next));
  }
  return { hosts: [...byKey.values()].sort((a, b) => (a.key < b.key ? -1 : 1)), zoned };
}

function joined(a: IpamHost, b: IpamHost): IpamHost {
  const isSecond = a.isPresent === b.isPresent ? seenMs(b) > seenMs(a) : b.isPresent;
  const [main, other] = isSecond ? [b, a] : [a, b];
  return { ...main, isDoubted: !main.isPresent && (main.isDoubted || other.isDoubted) };
}

function seenMs({ lastSeen }: IpamHost): number {
  return lastSeen?.getTime() ?? 0;
}
