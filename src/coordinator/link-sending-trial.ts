/** Whether a large sweep could send past the system, and would by itself, as far as this host's tables show. Sends nothing. */

import { ADDRESS_BITS, FAMILIES, type Family } from '../address.ts';
import type { HostNetwork } from '../host-network/host-network.ts';
import { type BehindGateway, RoutesToTargets } from '../host-network/routes-to-targets.ts';
import type { SweepSettings } from '../settings.ts';
import { prevents, sendingWords, wayPast } from './ways-past.ts';

export interface LinkSendingTrial {
  /** Whether requests of the family would leave past the system. */
  readonly works: boolean;
  /** By which way and why, one line. */
  readonly detail: string;
}

/** By family: the way to the gateway that most addresses are behind. @param mayListen whether rings can be opened at all */
export async function tryLinkSending(
  host: HostNetwork,
  settings: SweepSettings,
  mayListen: boolean,
): Promise<LinkSendingTrial[]> {
  const routes = new RoutesToTargets(settings.interface, host.routes());
  const tables = await host.loadLinkTables();
  const trial = async (family: Family): Promise<LinkSendingTrial> => {
    const behind = behindMainGateway(family, routes);
    const isHeard = mayListen && !tables.hidesPaths(family);
    if (behind === undefined)
      return { works: false, detail: sendingWords(family, 'no single gateway') };
    const way = await wayPast(family, isHeard, behind, { ...settings, send: 'link' }, tables);
    if (typeof way === 'string') return { works: false, detail: sendingWords(family, way) };
    const hindrance = prevents(family, behind.ranges, { ...settings, send: 'auto' }, tables);
    const byItself =
      hindrance === undefined ? 'auto does so at --rate max' : `auto does not: ${hindrance}`;
    return { works: true, detail: `${sendingWords(family, way)}; ${byItself}` };
  };
  return Promise.all(FAMILIES.map(trial));
}

/** A target as an example: from the middle of the widest range that is behind a gateway, which is nearly always the default one. */
function behindMainGateway(family: Family, routes: RoutesToTargets): BehindGateway | undefined {
  if (routes.hasRivals(family)) return undefined;
  const last = (1n << BigInt(ADDRESS_BITS[family])) - 1n;
  const found = routes
    .nextHops([{ family, zone: '', first: 0n, last }])
    .flatMap((hop) => routes.rangesBehind([hop]).map((range) => ({ hop, ...range })))
    .sort((a, b) => (a.last - a.first > b.last - b.first ? -1 : 1));
  const [widest] = found;
  if (widest === undefined) return undefined;
  const middle = (widest.first + widest.last) / 2n;
  const target = { family, zone: '', first: middle, last: middle };
  return { hop: widest.hop, ranges: [target], addresses: [middle] };
}
