/** Alternative names of Linux' interfaces (`ip link property add dev eth0 altname enp9s0`), which /sys does not list. */

import { attributesIn, messagesIn, netlinkDump } from './netlink.ts';

/** linux/rtnetlink.h, linux/if_link.h */
const RTM_NEWLINK = 16;
const RTM_GETLINK = 18;
const IFLA_PROP_LIST = 52;
const IFLA_ALT_IFNAME = 53;
/** struct ifinfomsg: index i32 at 4; attributes follow. */
const LINK_OCTETS = 16;

/** As `LinkTables.indexOfAlternativeName`. */
export function indexOfAlternativeName(name: string): number | undefined {
  return indexIn(netlinkDump(RTM_GETLINK, RTM_NEWLINK, 4), name);
}

/** The index of the interface that has the alternative name in a table of interfaces. */
export function indexIn(parts: readonly DataView[], name: string): number | undefined {
  for (const part of parts) {
    for (const { at, end } of messagesIn(part, RTM_NEWLINK, LINK_OCTETS)) {
      for (const list of attributesIn(part, at + LINK_OCTETS, end)) {
        if (list.type !== IFLA_PROP_LIST) continue;
        for (const each of attributesIn(part, list.at, list.end)) {
          // A name ends with a 0.
          const text = Buffer.from(part.buffer, each.at, each.end - each.at - 1).toString();
          if (each.type === IFLA_ALT_IFNAME && text === name) return part.getInt32(at + 4, true);
        }
      }
    }
  }
  return undefined;
}
