/** The hosts file of this system (hosts(5)), both ways: names of addresses, and addresses of names. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readAddress } from '../address.ts';

/** What the hosts file says; empty if there is none. */
export interface HostsFile {
  /** Canonical address text, with its zone if it has one, to the first name of its first line: the canonical one. */
  readonly names: ReadonlyMap<string, string>;
  /** Names in lower case to their addresses, in the order of the file. */
  readonly addresses: ReadonlyMap<string, readonly string[]>;
}

/** Reads a hosts file; one that cannot be read says nothing. */
export function readHostsFile(path: string = systemHostsPath()): HostsFile {
  try {
    return parseHosts(readFileSync(path, 'utf8'));
  } catch {
    return parseHosts('');
  }
}

/** Lines that the system's resolver would not understand are skipped, as it does. */
export function parseHosts(text: string): HostsFile {
  const names = new Map<string, string>();
  const addresses = new Map<string, string[]>();
  for (const line of text.replace(/^\uFEFF/, '').split(/\r?\n/)) {
    const [written = '', ...named] = line.replace(/#.*$/, '').trim().split(/\s+/);
    const address = readAddress(written)?.text;
    const [canonical] = named;
    if (address === undefined || canonical === undefined) continue;
    if (!names.has(address)) names.set(address, canonical);
    for (const name of named.map((each) => each.toLowerCase())) {
      const known = addresses.get(name);
      if (known === undefined) addresses.set(name, [address]);
      else if (!known.includes(address)) known.push(address);
    }
  }
  return { names, addresses };
}

/** @param env of this process */
export function systemHostsPath(
  platform: NodeJS.Platform = process.platform,
  env: Readonly<Record<string, string | undefined>> = process.env,
): string {
  if (platform !== 'win32') return '/etc/hosts';
  return join(env['SystemRoot'] ?? 'C:\\Windows', 'System32', 'drivers', 'etc', 'hosts');
}
