/** Alternative names of Linux' interfaces (`ip link property add dev eth0 altname enp9s0`), which /sys does not list. */

import { INTERFACE_AT, interfaceParts, interfacesIn } from './interface-messages.ts';
import { attributesIn } from './netlink.ts';

/** linux/if_link.h */
const IFLA_PROP_LIST = 52;
const IFLA_ALT_IFNAME = 53;

/** As `LinkTables.indexOfAlternativeName`. */
export function indexOfAlternativeName(name: string): number | undefined {
  return indexIn(interfaceParts(), name);
}

/** The index of the interface that has the alternative name in a table of interfaces. */
export function indexIn(parts: readonly DataView[], name: string): number | undefined {
  for (const part of parts) {
    for (const { at, attributes, end } of interfacesIn(part)) {
      for (const list of attributesIn(part, attributes, end)) {
        if (list.type !== IFLA_PROP_LIST) continue;
        for (const each of attributesIn(part, list.at, list.end)) {
          if (each.type !== IFLA_ALT_IFNAME) continue;
          // A name ends with a 0.
          const text = Buffer.from(part.buffer, each.at, each.end - each.at).toString();
          if (text === `${name}\0`) return part.getInt32(at + INTERFACE_AT.index, true);
        }
      }
    }
  }
  return undefined;
}
