/** Writes macOS' tables of routes, neighbours and interfaces as sysctl(3) gives them (net/route.h, net/if.h, net/if_dl.h). */

import { ADDRESS_OCTETS, addressOctets, type Family } from '../../src/address.ts';

export interface RouteEntry {
  readonly family: Family;
  readonly index: number;
  /** Bits of RTF. */
  readonly flags: number;
  readonly destination: bigint;
  /** undefined for a route to a single host. */
  readonly prefixLength?: number;
  /** An address, or the MAC address of a link: empty octets for one that is not resolved. */
  readonly gateway: bigint | Uint8Array;
  /** Seconds since 1970 UTC. */
  readonly expiry?: number;
}

export interface LinkEntry {
  readonly index: number;
  readonly name: string;
  /** Bits of IFF. */
  readonly flags: number;
  readonly mtu: number;
  readonly mac: Uint8Array;
}

const AF_LINK = 18;
const DOMAIN: Readonly<Record<Family, number>> = { 4: 2, 6: 30 };
const RTA = { destination: 1, gateway: 2, netmask: 4, interface: 16 };

export function routeTable(entries: readonly RouteEntry[]): Uint8Array {
  return Buffer.concat(entries.map(routeMessage));
}

export function linkTable(entries: readonly LinkEntry[]): Uint8Array {
  return Buffer.concat(entries.map(linkMessage));
}

function routeMessage(entry: RouteEntry): Uint8Array {
  const { family, prefixLength, gateway } = entry;
  const header = Buffer.alloc(92);
  header.writeUInt16LE(entry.index, 4);
  header.writeUInt32LE(entry.flags, 8);
  const hasMask = prefixLength !== undefined;
  header.writeUInt32LE(RTA.destination | RTA.gateway | (hasMask ? RTA.netmask : 0), 12);
  header.writeInt32LE(entry.expiry ?? 0, 48);
  const addresses = [
    socketAddress(family, entry.destination),
    typeof gateway === 'bigint'
      ? socketAddress(family, gateway)
      : linkAddress(entry.index, '', gateway),
    ...(hasMask ? [netmask(family, prefixLength)] : []),
  ];
  return message(header, 4, addresses);
}

function linkMessage({ index, name, flags, mtu, mac }: LinkEntry): Uint8Array {
  const header = Buffer.alloc(112);
  header.writeUInt32LE(RTA.interface, 4);
  header.writeUInt32LE(flags, 8);
  header.writeUInt16LE(index, 12);
  header.writeUInt32LE(mtu, 24);
  return message(header, 14, [linkAddress(index, name, mac)]);
}

function message(header: Buffer, type: number, addresses: readonly Uint8Array[]): Uint8Array {
  const whole = Buffer.concat([header, ...addresses.map(padded)]);
  whole.writeUInt16LE(whole.length, 0);
  whole[2] = 5;
  whole[3] = type;
  return whole;
}

function socketAddress(family: Family, value: bigint): Uint8Array {
  const address = Buffer.alloc(family === 4 ? 16 : 28);
  address[0] = address.length;
  address[1] = DOMAIN[family];
  address.set(addressOctets(family, value), family === 4 ? 4 : 8);
  return address;
}

/** The kernel leaves out what is behind the last octet that is not 0, down to nothing for a default route. */
function netmask(family: Family, prefixLength: number): Uint8Array {
  const bits = ADDRESS_OCTETS[family] * 8;
  const value = ((1n << BigInt(prefixLength)) - 1n) << BigInt(bits - prefixLength);
  const mask = socketAddress(family, value);
  const length = mask.findLastIndex((octet, at) => at >= (family === 4 ? 4 : 8) && octet !== 0) + 1;
  mask[0] = length;
  mask[1] = 0;
  return mask.subarray(0, length);
}

function linkAddress(index: number, name: string, mac: Uint8Array): Uint8Array {
  const address = Buffer.alloc(Math.max(20, 8 + name.length + mac.length));
  address[0] = address.length;
  address[1] = AF_LINK;
  address.writeUInt16LE(index, 2);
  address[5] = name.length;
  address[6] = mac.length;
  address.write(name, 8, 'latin1');
  address.set(mac, 8 + name.length);
  return address;
}

/** To a multiple of 4 octets, and to 4 at least. */
function padded(address: Uint8Array): Uint8Array {
  const whole = new Uint8Array(Math.max(4, (address.length + 3) & ~3));
  whole.set(address);
  return whole;
}
