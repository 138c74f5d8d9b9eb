/** This host's network interfaces: their indexes for IPv6 zones, and whether one goes away during a sweep. */

import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { EchosweepError } from '../errors.ts';

/**
 * The index of the interface that a zone names (RFC 4007 section 11).
 * @throws EchosweepError `TARGET_INVALID` where there is none
 */
export function scopeIdOfZone(zone: string): number {
  if (/^\d{1,9}$/.test(zone)) return Number(zone);
  const entry = networkInterfaces()[zone]?.find(
    (address) => address.family === 'IPv6' && address.scopeid > 0,
  );
  const index = entry?.family === 'IPv6' ? entry.scopeid : linuxIndex(zone);
  if (index !== undefined) return index;
  const names = Object.keys(networkInterfaces()).join(', ');
  throw new EchosweepError(
    'TARGET_INVALID',
    `no interface is named ${JSON.stringify(zone)}`,
    `use one of ${names}`,
  );
}

/** Watches interfaces for whether they go away, though they come back. */
export class InterfaceWatch {
  private readonly before: readonly string[];
  private readonly gone = new Set<string>();

  /** @param names of those to watch, as far as they have an address and a link now */
  constructor(names: ReadonlySet<string>) {
    this.before = Object.keys(networkInterfaces()).filter((name) => names.has(name));
  }

  /** Names of interfaces that were seen without an address or a link since. */
  look(): readonly string[] {
    const now = new Set(Object.keys(networkInterfaces()));
    for (const name of this.before) if (!now.has(name)) this.gone.add(name);
    return [...this.gone];
  }
}

function linuxIndex(name: string): number | undefined {
  if (!/^[^/\s]{1,15}$/.test(name) || name.startsWith('.')) return undefined;
  try {
    return Number.parseInt(readFileSync(`/sys/class/net/${name}/ifindex`, 'utf8'), 10);
  } catch {
    return undefined;
  }
}
