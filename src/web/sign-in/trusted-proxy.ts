/** Requests that come through a proxy: which client sent them, and the person that the proxy names. */

import { isUtf8 } from 'node:buffer';
import { BlockList, isIP } from 'node:net';
import type { WebProxy } from '../../inventory/config/web-config.ts';
import type { Person } from './person.ts';
import { roleOf } from './roles.ts';

/** Reads a header by its name in lower case. */
type HeaderOf = (name: string) => string | undefined;

/** Longer names are not taken. */
const LONGEST_NAME = 256;

/** Whether the peer is a proxy that is believed. */
export function isTrusted(peer: string, proxy: WebProxy | undefined): proxy is WebProxy {
  const family = isIP(peer);
  if (proxy === undefined || family === 0) return false;
  const list = new BlockList();
  for (const entry of proxy.from) {
    const [address, prefix] = entry.split('/');
    const type = isIP(address!) === 6 ? 'ipv6' : 'ipv4';
    if (prefix === undefined) list.addAddress(address!, type);
    else list.addSubnet(address!, Number(prefix), type);
  }
  return list.check(peer, family === 6 ? 'ipv6' : 'ipv4');
}

/**
 * The client's address. Clients may write anything into X-Forwarded-For; the last address there is the one that the
 * proxy saw.
 */
export function clientOf(peer: string, proxy: WebProxy | undefined, headerOf: HeaderOf): string {
  if (!isTrusted(peer, proxy)) return peer;
  const seen = plainAddress(withoutPort(headerOf('x-forwarded-for')?.split(',').at(-1)?.trim()));
  return isIP(seen) === 0 ? peer : seen;
}

/** @returns undefined if the proxy names no person, or one that the configuration does not let in */
export function personByProxy(
  peer: string,
  proxy: WebProxy | undefined,
  headerOf: HeaderOf,
): Person | undefined {
  if (!isTrusted(peer, proxy)) return undefined;
  const user = textOf(headerOf(proxy.userHeader))?.trim() ?? '';
  if (user === '' || user.length > LONGEST_NAME) return undefined;
  const { groupsHeader } = proxy;
  const groups = groupsHeader === undefined ? undefined : textOf(headerOf(groupsHeader));
  const role = roleOf(user, groups?.split(',').map((group) => group.trim()) ?? [], proxy);
  return role && { user, role, way: 'proxy' };
}

/** Node reads each octet of a header as a character, and proxies write UTF-8; RFC 9110 section 5.5 allows any octets. */
function textOf(value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  const octets = Buffer.from(value, 'latin1');
  return isUtf8(octets) ? octets.toString() : value;
}

/** Some proxies add the client's port: `192.0.2.1:5678`, `[2001:db8::1]:5678`. */
function withoutPort(place: string | undefined): string | undefined {
  const [, bracketed, plain] = /^(?:\[(.*)\]|([\d.]+))(?::\d+)?$/.exec(place ?? '') ?? [];
  return bracketed ?? plain ?? place;
}

/** An IPv4 client of a socket for both families has a mapped address; RFC 4291 section 2.5.5.2. */
export function plainAddress(address: string | undefined): string {
  return (address ?? '').replace(/^::ffff:(?=\d+[.])/i, '');
}
