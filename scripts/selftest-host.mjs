/** What the selftest needs to know about this host, and must not show in its report. */

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from './ensure.mjs';

const DIST = pathToFileURL(join(ROOT, 'dist/src/'));
/** fe80::/10 (RFC 4291 section 2.5.6), by its first ten bits. */
const LINK_LOCAL6 = 0x3fan;
const MAC = /\b[0-9a-f]{2}(?::[0-9a-f]{2}){5}\b/gi;

/** @returns {Promise<{ family: 4 | 6, address: string }[]>} one per family at most; none if the system does not show them */
export async function defaultGateways() {
  const { loadHostNetwork } = await import(new URL('host-network/load-host-network.js', DIST));
  const { formatAddress } = await import(new URL('address.js', DIST));
  const routes = (await loadHostNetwork()).routes();
  return [4, 6].flatMap((family) => {
    const [route] = routes
      .filter((each) => each.family === family && each.prefixLength === 0 && each.gateway !== 0n)
      .sort((a, b) => a.metric - b.metric);
    if (route === undefined) return [];
    const isLinkLocal = family === 6 && route.gateway >> 118n === LINK_LOCAL6;
    const zone = isLinkLocal ? `%${route.interface}` : '';
    return [{ family, address: `${formatAddress(family, route.gateway)}${zone}` }];
  });
}

/** A line without the addresses of gateways, MAC addresses and the home folder. */
export function withoutSecrets(line, gateways) {
  const home = process.env.HOME ?? process.env.USERPROFILE ?? '';
  const secrets = [
    ...gateways.map(({ family, address }) => [address, `(gateway of IPv${family})`]),
    ...(home.length > 1 ? [[home, '~']] : []),
  ];
  const hidden = secrets.reduce((text, [secret, words]) => text.replaceAll(secret, words), line);
  return hidden.replace(MAC, '(MAC address)');
}
