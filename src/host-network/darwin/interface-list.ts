/** macOS' interfaces, with or without an address (NET_RT_IFLIST of sysctl(3)). */

import * as c from '../../native/darwin/constants.ts';
import { MAC_OCTETS } from '../../results/block-results.ts';
import type { Ethernet } from '../host-network.ts';
import { linkAddressAt } from './link-address.ts';
import { ADDRESS, messagesIn } from './routing-messages.ts';

/*
 * struct if_msghdr: length u16, version u8, type u8, addresses u32 at 4, flags u32 at 8, index u16 at 12, then struct
 * if_data at 16, which has the MTU as u32 at 8; 112 octets. The interface's struct sockaddr_dl follows.
 */
const LAYOUT = { type: c.RTM_IFINFO, headerOctets: 112, addressesAt: 4 } as const;
const FLAGS_AT = 8;
const INDEX_AT = 12;
const MTU_AT = 24;

/** An interface as the system has it. */
export interface InterfaceEntry {
  readonly name: string;
  readonly index: number;
  /** Bits of IFF. */
  readonly flags: number;
  readonly mtu: number;
  /** Empty if it has none of 6 octets. */
  readonly mac: Uint8Array;
}

/** The interfaces of a table. */
export function interfacesIn(table: DataView): InterfaceEntry[] {
  const found: InterfaceEntry[] = [];
  for (const { at, addresses } of messagesIn(table, LAYOUT)) {
    const link = linkAddressAt(table, addresses[ADDRESS.interface]!);
    if (link === undefined) continue;
    const mac = new Uint8Array(MAC_OCTETS);
    mac.forEach((_, i) => {
      mac[i] = link.macAt < 0 ? 0 : table.getUint8(link.macAt + i);
    });
    found.push({
      name: link.name,
      index: table.getUint16(at + INDEX_AT, true),
      flags: table.getUint32(at + FLAGS_AT, true),
      mtu: table.getUint32(at + MTU_AT, true),
      mac: link.macAt < 0 ? new Uint8Array(0) : mac,
    });
  }
  return found;
}

/** Whether an interface resolves its neighbours by ARP or NDP. */
export function hasNeighbours({ flags }: InterfaceEntry): boolean {
  const others = c.IFF_LOOPBACK | c.IFF_POINTOPOINT | c.IFF_NOARP;
  return (flags & (c.IFF_BROADCAST | others)) === c.IFF_BROADCAST;
}

/** Whether it is up and can send. */
export function isRunning({ flags }: InterfaceEntry): boolean {
  const wanted = c.IFF_UP | c.IFF_RUNNING;
  return (flags & wanted) === wanted;
}

/** As `LinkTables.ethernets`. */
export function ethernetsOf(interfaces: readonly InterfaceEntry[]): ReadonlyMap<string, Ethernet> {
  return new Map(
    interfaces
      .filter((entry) => hasNeighbours(entry) && entry.mac.length > 0)
      .map((entry) => [
        entry.name,
        {
          interfaceIndex: entry.index,
          mac: entry.mac,
          hasCarrier: isRunning(entry),
          mtu: entry.mtu,
        },
      ]),
  );
}
