/** Addresses of a host name, as this system resolves names (hosts file, DNS, whatever it is set up for). */

import { lookup } from 'node:dns/promises';

/** All addresses of `name`, IPv4 and IPv6, in the system's order. Rejects where there is none. */
export async function addressesOfName(name: string): Promise<string[]> {
  const entries = await lookup(name, { all: true, order: 'verbatim' });
  return entries.map((entry) => entry.address);
}
