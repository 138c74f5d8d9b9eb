/** The routes, neighbours and interfaces of this Linux host as macOS would show them by sysctl(3). */

import { spawnSync } from 'node:child_process';
import { type Family, formatAddressBytes, parseAddress } from '../../src/address.ts';
import { NEIGHBOUR } from '../../src/host-network/host-network.ts';
import { visitNeighbourTable } from '../../src/host-network/linux/neighbour-table.ts';
import { readRoutes } from '../../src/host-network/linux/routes.ts';
import * as c from '../../src/native/darwin/constants.ts';
import { type LinkEntry, linkTable, type RouteEntry, routeTable } from './routing-table-writer.ts';

/** `net.link.ether.inet.max_age`: how long an entry lives from its last ARP reply on. */
const LIFE_S = 1200;
const EVERY_FAMILY: readonly Family[] = [4, 6];

/** @param name of sysctl(3), six numbers @returns undefined for a table that is not among these */
export function tableOf(name: Int32Array): Uint8Array | undefined {
  const [top, protocol, zero, domain, operation, argument] = name;
  if (top !== c.CTL_NET || protocol !== c.PF_ROUTE || zero !== 0) return undefined;
  if (operation === c.NET_RT_IFLIST) return linkTable(links());
  const families = EVERY_FAMILY.filter(
    (family) => domain === 0 || domain === (family === 4 ? c.AF_INET : c.AF_INET6),
  );
  if (operation === c.NET_RT_DUMP)
    return routeTable([...routes(families), ...families.flatMap(neighbours)]);
  if (operation === c.NET_RT_FLAGS && argument === c.RTF_LLINFO)
    return routeTable(families.flatMap(neighbours));
  return undefined;
}

/** A link as `ip -json link` shows it. */
interface IpLink {
  readonly ifindex: number;
  readonly ifname: string;
  readonly flags: readonly string[];
  readonly mtu: number;
  readonly link_type: string;
  readonly address: string;
}

/** By ip's names for them. */
const FLAGS: readonly (readonly [name: string, bit: number])[] = [
  ['UP', c.IFF_UP],
  ['BROADCAST', c.IFF_BROADCAST],
  ['LOOPBACK', c.IFF_LOOPBACK],
  ['POINTOPOINT', c.IFF_POINTOPOINT],
  ['LOWER_UP', c.IFF_RUNNING],
  ['NOARP', c.IFF_NOARP],
];

function links(): LinkEntry[] {
  const { stdout } = spawnSync('ip', ['-json', 'link'], { encoding: 'utf8' });
  return (JSON.parse(stdout) as IpLink[]).map((link) => ({
    index: link.ifindex,
    name: link.ifname,
    flags: FLAGS.reduce((bits, [name, bit]) => (link.flags.includes(name) ? bits | bit : bits), 0),
    mtu: link.mtu,
    mac: Buffer.from(link.link_type === 'ether' ? link.address.replaceAll(':', '') : '', 'hex'),
  }));
}

function routes(families: readonly Family[]): RouteEntry[] {
  const indexes = new Map(links().map(({ name, index }) => [name, index]));
  return readRoutes()
    .filter(({ family }) => families.includes(family))
    .map((route) => {
      const { family, gateway, first, prefixLength, refuses } = route;
      const kind = gateway === 0n ? 0 : c.RTF_GATEWAY;
      return {
        family,
        // A route that refuses has no interface of its own; macOS shows it on the loopback.
        index: indexes.get(refuses === true ? 'lo' : route.interface) ?? 0,
        flags: c.RTF_UP | kind | (refuses === true ? c.RTF_REJECT : 0),
        destination: first,
        prefixLength,
        gateway: gateway === 0n ? new Uint8Array(0) : gateway,
      };
    });
}

function neighbours(family: Family): RouteEntry[] {
  const found: RouteEntry[] = [];
  const nowS = Date.now() / 1000;
  visitNeighbourTable(family, (view, offset, index, state, macAt, confirmedAgoMs) => {
    const octets = macAt < 0 ? [] : Array.from({ length: 6 }, (_, i) => view.getUint8(macAt + i));
    const isUnresolved = state === NEIGHBOUR.unresolved;
    const ageS = Math.min(confirmedAgoMs / 1000, LIFE_S - 1);
    found.push({
      family,
      index,
      flags: c.RTF_UP | c.RTF_LLINFO | (state === NEIGHBOUR.permanent ? c.RTF_STATIC : 0),
      destination: withEmbeddedScope(
        family,
        parseAddress(formatAddressBytes(family, view, offset))!.value,
        index,
      ),
      gateway: Uint8Array.from(isUnresolved ? [] : octets),
      expiry: family === 6 || isUnresolved ? 0 : Math.floor(nowS - ageS + LIFE_S),
    });
  });
  return found;
}

/** XNU keeps the interface of a link-local address in its second pair of octets. */
function withEmbeddedScope(family: Family, address: bigint, index: number): bigint {
  const isLinkLocal = family === 6 && address >> 118n === 0x3fan;
  return isLinkLocal ? address | (BigInt(index) << 96n) : address;
}
