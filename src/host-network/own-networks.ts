/** The networks that this host is directly connected to, as targets. */

import type { NetworkInterfaceInfo } from 'node:os';
import {
  ADDRESS_BITS,
  type Family,
  formatAddress,
  isLinkLocal6,
  parseAddress,
  subnetAround,
} from '../address.ts';
import type { HostNetwork } from './host-network.ts';
import type { SystemInterfaces } from './system-interfaces.ts';

/** A network that an address of this host is in. */
export interface OwnNetwork {
  readonly family: Family;
  /** Such as `192.0.2.0/24`. */
  readonly subnet: string;
  /** How many bits of its addresses are those of its hosts. */
  readonly hostBits: number;
  /** Names of the interfaces that have an address in it. */
  readonly interfaces: readonly string[];
}

/** Two addresses are the two ends of a link (RFC 3021, RFC 6164), and one is this host alone. */
const LEAST_HOST_BITS = 2;

/**
 * Those of interfaces that are up, without loopback and point-to-point links; each once.
 * @param name only of this one
 */
export function ownNetworks(
  interfaces: SystemInterfaces,
  host: Pick<HostNetwork, 'isPointToPoint'>,
  name?: string,
): OwnNetwork[] {
  const found = new Map<string, OwnNetwork>();
  for (const [own, addresses] of Object.entries(interfaces)) {
    if ((name !== undefined && own !== name) || host.isPointToPoint(own)) continue;
    for (const address of addresses ?? []) {
      const network = networkOf(own, address);
      if (network === undefined) continue;
      const { interfaces: others } = found.get(network.subnet) ?? { interfaces: [] };
      found.set(network.subnet, { ...network, interfaces: [...new Set([...others, own])] });
    }
  }
  return [...found.values()];
}

function networkOf(
  name: string,
  { address, cidr, internal }: NetworkInterfaceInfo,
): OwnNetwork | undefined {
  const parsed = parseAddress(address.split('%')[0]!);
  const prefix = Number(cidr?.split('/')[1]);
  if (internal || parsed === undefined || Number.isNaN(prefix)) return undefined;
  const { family, value } = parsed;
  const hostBits = ADDRESS_BITS[family] - prefix;
  // Every interface has a link-local network, and none of them can be swept whole.
  if (hostBits < LEAST_HOST_BITS || (family === 6 && isLinkLocal6(value))) return undefined;
  const { first } = subnetAround(family, value, prefix);
  const subnet = `${formatAddress(family, first)}/${prefix}`;
  return { family, subnet, hostBits, interfaces: [name] };
}
