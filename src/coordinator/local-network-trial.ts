/** Tries whether the system keeps this program from the hosts of its local networks, as macOS does since version 15. */

import { EchosweepError } from '../errors.ts';
import { type HostNetwork, NEIGHBOUR } from '../host-network/host-network.ts';
import { onLinkRanges } from '../host-network/route.ts';
import { HIDDEN_ERRNO } from './hidden-hosts.ts';

export interface LocalNetworkTrial {
  /** False if nothing could be tried. */
  readonly isKnown: boolean;
  readonly works: boolean;
  /** What happened, one line. */
  readonly detail: string;
  /** What a person can do, one line each; empty unless it is known not to work. */
  readonly remedies: readonly string[];
}

const REMEDIES: readonly string[] = [
  'System Settings > Privacy & Security > Local Network: allow the program that starts echosweep',
  'start it in Terminal, through ssh, or with sudo   (macOS does not restrict these)',
];

/**
 * Sends one probe to a neighbour that the system has resolved already.
 * @param errnoOfSending to an IPv4 address; undefined if the probe leaves
 * @returns undefined on a system that hides no local networks
 */
export async function tryLocalNetwork(
  host: HostNetwork,
  errnoOfSending: (address: bigint) => Promise<string | undefined>,
): Promise<LocalNetworkTrial | undefined> {
  if (host.mayHideLocalNetworks !== true) return undefined;
  const neighbour = await knownNeighbour(host);
  if (neighbour === undefined)
    return untried('this host has resolved no neighbour other than its gateways');
  try {
    const errno = await errnoOfSending(neighbour);
    if (errno !== HIDDEN_ERRNO)
      return { isKnown: true, works: true, detail: 'probes to neighbours leave', remedies: [] };
    const detail = `macOS keeps this program from its local networks (${errno}): local network privacy`;
    return { isKnown: true, works: false, detail, remedies: REMEDIES };
  } catch (error) {
    if (!(error instanceof EchosweepError)) throw error;
    return untried(error.problem);
  }
}

function untried(why: string): LocalNetworkTrial {
  return { isKnown: false, works: false, detail: why, remedies: [] };
}

/** An IPv4 address of a local network, which is not a gateway's. */
async function knownNeighbour(host: HostNetwork): Promise<bigint | undefined> {
  const routes = host.routes().filter(({ family }) => family === 4);
  const gateways = new Set(routes.map(({ gateway }) => gateway));
  const local = onLinkRanges(routes);
  const tables = await host.loadLinkTables();
  let found: bigint | undefined;
  tables.visitNeighbours(4, (view, offset, _index, state) => {
    const address = BigInt(view.getUint32(offset));
    const isLocal = local.some(({ first, last }) => first <= address && address <= last);
    if (state !== NEIGHBOUR.unresolved && isLocal && !gateways.has(address)) found ??= address;
  });
  return found;
}
