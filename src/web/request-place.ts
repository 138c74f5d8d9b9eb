/** Whether a request was meant for this server, and comes from its own page. */

import { isIP } from 'node:net';
import { isLoopback as isLoopbackAddress } from './listen-address.ts';

/** Names that a browser resolves to this machine without DNS; RFC 6761 section 6.3. */
const LOOPBACK_NAMES = new Set(['localhost', '127.0.0.1', '[::1]']);

/** What a server goes by. */
export interface OwnPlace {
  /** The address that browsers know it by, if the configuration has one. */
  readonly url: URL | undefined;
  /** Whether only this machine can connect. */
  readonly isLoopback: boolean;
  readonly hasTls: boolean;
}

/**
 * The Host that a page of another name would send here after DNS rebinding is that name; an address cannot be rebound.
 * Ports may differ, since a tunnel has its own.
 * @param host the header as sent
 */
export function isOurHost(host: string | undefined, { url, isLoopback }: OwnPlace): boolean {
  const name = hostNameOf(host ?? '');
  if (name === undefined) return false;
  if (LOOPBACK_NAMES.has(name) || name === url?.hostname) return true;
  const address = name.replace(/^\[(.*)\]$/, '$1');
  return isIP(address) !== 0 && (!isLoopback || isLoopbackAddress({ host: address }));
}

/**
 * Whether a request was sent to the address that browsers know the server by. Proxies pass its host on with the port,
 * with one that browsers leave out, or, as nginx does in `$host`, without any.
 */
export function isPublicHost(host: string | undefined, url: URL): boolean {
  if (hostNameOf(host ?? '') !== url.hostname) return false;
  return new URL(`${url.protocol}//${host}`).host === url.host || !/:\d+$/.test(host!);
}

/** Whether the Origin of a request is the page of this server at the host that it was sent to. @param origin as sent */
export function isOwnOrigin(
  origin: string | undefined,
  host: string | undefined,
  { url, hasTls }: OwnPlace,
): boolean {
  if (url !== undefined && isPublicHost(host, url)) return origin === url.origin;
  const own = `http${hasTls ? 's' : ''}://${host}`;
  return host !== undefined && URL.canParse(own) && origin === new URL(own).origin;
}

/** An address as the host of a URL, lower case, IPv6 in brackets. */
export function urlHostOf(address: string): string {
  return isIP(address) === 6 ? `[${address}]` : address.toLowerCase();
}

/** @returns undefined for what is not a host and perhaps a port */
function hostNameOf(host: string): string | undefined {
  return /^(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i.test(host) &&
    URL.canParse(`http://${host}`)
    ? new URL(`http://${host}`).hostname
    : undefined;
}
