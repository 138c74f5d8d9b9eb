/** Whether a request was meant for this server, and comes from its own page. */

import { isIP } from 'node:net';

/** Names that a browser resolves to this machine without DNS; RFC 6761 section 6.3. */
const LOOPBACK_NAMES = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * The Host that a page of another name would send here after DNS rebinding is that name. Ports may differ, since a
 * tunnel has its own.
 * @param host the header as sent
 * @param names host names that the server goes by, besides those of this machine
 */
export function isOurHost(host: string | undefined, names: readonly string[]): boolean {
  const name = hostNameOf(`http://${host ?? ''}`);
  if (name === undefined) return false;
  return LOOPBACK_NAMES.has(name) || names.includes(name);
}

/** Whether the Origin of a request is the host that it was sent to. @param origin the header as sent; `null` is none */
export function isSameOrigin(origin: string | undefined, host: string | undefined): boolean {
  if (origin === undefined || host === undefined || !URL.canParse(origin)) return false;
  const { protocol, host: originHost } = new URL(origin);
  if (protocol !== 'http:' && protocol !== 'https:') return false;
  return originHost === new URL(`${protocol}//${host}`).host;
}

/** An address as the host of a URL, lower case, IPv6 in brackets. */
export function urlHostOf(address: string): string {
  return isIP(address) === 6 ? `[${address}]` : address.toLowerCase();
}

function hostNameOf(url: string): string | undefined {
  if (!URL.canParse(url)) return undefined;
  const { hostname, username, password, pathname, search, hash } = new URL(url);
  const isHostAlone = `${username}${password}${search}${hash}` === '' && pathname === '/';
  return isHostAlone ? hostname : undefined;
}
