/** Whether packets may leave otherwise than /proc shows: it has one next hop of each route, and nothing about encryption. */

import type { Family } from '../../address.ts';
import { attributesIn, messagesIn, netlinkDump } from './netlink.ts';
import { hasPolicyRules } from './policy-rules.ts';
import { readProcFile } from './proc-file.ts';

/** linux/rtnetlink.h. */
const RTM_NEWROUTE = 24;
const RTM_GETROUTE = 26;
const RTA_MULTIPATH = 9;
const RTA_ENCAP_TYPE = 21;
/** struct rtmsg; attributes follow. */
const ROUTE_OCTETS = 12;
/** linux/netlink.h. */
const NETLINK_XFRM = 6;

/** As `LinkTables.hidesPaths`. */
export function hidesPaths(family: Family): boolean {
  return (
    hasPolicyRules(family) ||
    hasManifoldRoute(netlinkDump(RTM_GETROUTE, RTM_NEWROUTE, family)) ||
    hasKeyDaemon(readProcFile('/proc/net/netlink'))
  );
}

/** Whether a route in a table of them has several next hops, or wraps its packets (ip-route(8), `nexthop` and `encap`). */
export function hasManifoldRoute(parts: readonly DataView[]): boolean {
  for (const part of parts)
    for (const { at, end } of messagesIn(part, RTM_NEWROUTE, ROUTE_OCTETS))
      for (const { type } of attributesIn(part, at + ROUTE_OCTETS, end))
        if (type === RTA_MULTIPATH || type === RTA_ENCAP_TYPE) return true;
  return false;
}

/**
 * Whether a program manages IPsec: only the privileged may read its policies, but anybody sees the sockets of netlink.
 * @param table of these: a heading, then address, protocol and port, which is 0 for the kernel's own
 */
export function hasKeyDaemon(table: string): boolean {
  return table.split('\n').some((line) => {
    const [, protocol, port] = line.trim().split(/\s+/);
    return Number(protocol) === NETLINK_XFRM && port !== '0';
  });
}
