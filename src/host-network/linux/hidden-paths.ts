/** Whether packets may leave otherwise than /proc shows: it has one next hop of each route, and nothing about encryption. */

import { ADDRESS_OCTETS, addressValueAt, type Family, subnetAround } from '../../address.ts';
import type { AddressRange } from '../../results/block-targets.ts';
import { overlaps } from '../route.ts';
import {
  attributeAt,
  attributesIn,
  type Dump,
  messagesIn,
  NLMSG_DONE,
  netlinkDump,
} from './netlink.ts';
import { hasPolicyRules } from './policy-rules.ts';
import { readProcFile } from './proc-file.ts';

/** linux/rtnetlink.h. */
export const RTM_NEWROUTE = 24;
export const RTM_GETROUTE = 26;
const RTA_OIF = 4;
const RTA_MULTIPATH = 9;
const RTA_ENCAP_TYPE = 21;
/** Names a next hop, or a group of them, which has a table of its own (ip-nexthop(8)). */
const RTA_NH_ID = 30;
/** struct rtmsg; attributes follow. */
export const ROUTE_OCTETS = 12;
/** Its type of route for addresses that are this host's own. */
const RTN_LOCAL = 2;
const RTA_DST = 1;
/** Offsets in struct rtmsg. */
const ROUTE_AT = { prefixLength: 1, type: 7 } as const;
/** linux/netlink.h. */
const NETLINK_XFRM = 6;
/** linux/xfrm.h. */
const XFRM_MSG_NEWPOLICY = 0x13;
const XFRM_MSG_GETPOLICY = 0x15;
/** struct xfrm_userpolicy_id. */
const POLICY_ID_OCTETS = 64;

/** As `LinkTables.hidesPaths`. */
export function hidesPaths(family: Family): boolean {
  return (
    hasPolicyRules(family) ||
    hasManifoldRoute(netlinkDump(RTM_GETROUTE, RTM_NEWROUTE, ROUTE_OCTETS, family)) ||
    hasKeyDaemon(readProcFile('/proc/net/netlink'))
  );
}

/** As `LinkTables.mayBypass`. */
export function mayBypass(family: Family, ranges: readonly AddressRange[]): boolean {
  return (
    !hasLocalNetwork(
      netlinkDump(RTM_GETROUTE, RTM_NEWROUTE, ROUTE_OCTETS, family),
      family,
      ranges,
    ) &&
    !mayEncrypt(
      netlinkDump(XFRM_MSG_GETPOLICY, XFRM_MSG_NEWPOLICY, POLICY_ID_OCTETS, family, NETLINK_XFRM),
    )
  );
}

/** Whether some of the ranges are networks that are this host's own as a whole; so too if some routes are missing. */
export function hasLocalNetwork(
  { parts, isWhole }: Dump,
  family: Family,
  ranges: readonly AddressRange[],
): boolean {
  if (!isWhole) return true;
  for (const part of parts)
    for (const { at, end } of messagesIn(part, RTM_NEWROUTE, ROUTE_OCTETS)) {
      if (part.getUint8(at + ROUTE_AT.type) !== RTN_LOCAL) continue;
      const destination = attributeAt(
        part,
        at + ROUTE_OCTETS,
        end,
        RTA_DST,
        ADDRESS_OCTETS[family],
      );
      // The default route has none.
      const first = destination < 0 ? 0n : addressValueAt(part, destination, family);
      const prefixLength = part.getUint8(at + ROUTE_AT.prefixLength);
      const local = { family, ...subnetAround(family, first, prefixLength) };
      if (ranges.some((range) => overlaps(range, local))) return true;
    }
  return false;
}

/** Whether there are policies of IPsec, or the system does not show them. A system without IPsec sends no table. */
export function mayEncrypt({ parts, isWhole }: Dump): boolean {
  if (parts.length === 0) return false;
  return !isWhole || parts.some((part) => part.getUint16(4, true) !== NLMSG_DONE);
}

/**
 * Whether a route in a table of them has several next hops, or wraps its packets (ip-route(8), `nexthop` and `encap`); so
 * too if some routes are missing, or only name their next hops, as with the sysctl `nexthop_compat_mode` at 0.
 */
export function hasManifoldRoute({ parts, isWhole }: Dump): boolean {
  if (!isWhole) return true;
  for (const part of parts)
    for (const { at, end } of messagesIn(part, RTM_NEWROUTE, ROUTE_OCTETS)) {
      const types = new Set<number>();
      for (const { type } of attributesIn(part, at + ROUTE_OCTETS, end)) types.add(type);
      const isNamedOnly = types.has(RTA_NH_ID) && !types.has(RTA_OIF);
      if (isNamedOnly || types.has(RTA_MULTIPATH) || types.has(RTA_ENCAP_TYPE)) return true;
    }
  return false;
}

/**
 * Whether a program manages IPsec: only the privileged may read its policies, but anybody sees the sockets of netlink.
 * @param table of these: a heading, then address, protocol and port, which is 0 for the kernel's own
 */
export function hasKeyDaemon(table: string): boolean {
  return table.split('\n').some((line) => {
    const [, protocol, port] = line.split(/\s+/);
    return Number(protocol) === NETLINK_XFRM && port !== '0';
  });
}
