/** This host's network interfaces: which of them an IPv6 zone means, and whether they have a carrier. */

import { readFileSync } from 'node:fs';
import { EchosweepError } from '../errors.ts';
import type { Ethernet, HostNetwork } from './host-network.ts';
import { type SystemInterfaces, systemInterfaces } from './system-interfaces.ts';
import type { ZoneInterface } from './zone-interface.ts';

/**
 * The interface that a zone means (RFC 4007 section 11): by its index, its own or an alternative name.
 * @throws EchosweepError `TARGET_INVALID` if none has that name
 */
export async function interfaceOfZone(host: HostNetwork, zone: string): Promise<ZoneInterface> {
  const index = await indexOfZone(host, zone);
  return { index, name: nameOfIndex(index) ?? zone };
}

/** The name of the interface that a zone means, also if the zone is its index; else the zone as it is. */
export function interfaceNameOfZone(zone: string): string {
  return nameOfIndex(Number(zone)) ?? zone;
}

/** @param index NaN for a zone that is a name */
function nameOfIndex(index: number): string | undefined {
  if (!(index > 0)) return undefined;
  const named = Object.entries(interfacesDuringSweep()).find(([, addresses]) =>
    addresses?.some((address) => address.family === 'IPv6' && address.scopeid === index),
  );
  return named?.[0];
}

async function indexOfZone(host: HostNetwork, zone: string): Promise<number> {
  if (/^\d{1,9}$/.test(zone)) return Number(zone);
  const interfaces = systemInterfaces();
  const entry = interfaces[zone]?.find(
    (address) => address.family === 'IPv6' && address.scopeid > 0,
  );
  const index = entry?.family === 'IPv6' ? entry.scopeid : host.interfaceIndex(zone);
  const found = index ?? (await indexOfAlternativeName(host, zone));
  if (found !== undefined) return found;
  const names = Object.keys(interfaces).join(', ');
  throw new EchosweepError(
    'TARGET_INVALID',
    `no interface is named ${JSON.stringify(zone)}`,
    `use one of ${names}`,
  );
}

/** Takes native code, which is loaded only for a name that is not an interface's own. */
async function indexOfAlternativeName(
  host: HostNetwork,
  name: string,
): Promise<number | undefined> {
  try {
    return (await host.loadLinkTables()).indexOfAlternativeName(name);
  } catch {
    return undefined;
  }
}

/** Those of the interfaces that have no carrier now, such as one with its cable out; none if the system is not Linux. */
export function interfacesWithoutCarrier(
  names: ReadonlySet<string>,
  ethernets: ReadonlyMap<string, Ethernet> | undefined,
): string[] {
  const running = interfacesDuringSweep();
  return [...names].filter((name) => {
    if (running[name] !== undefined) return false;
    const ethernet = ethernets?.get(name);
    return ethernet === undefined ? isDown(name) : !ethernet.hasCarrier;
  });
}

/** None if the system does not list them now: a sweep that has every descriptor in use goes on without. */
function interfacesDuringSweep(): SystemInterfaces {
  try {
    return systemInterfaces();
  } catch {
    return {};
  }
}

/** RFC 2863 section 3.1.13, as Linux shows it: `lowerlayerdown` is that of a link on top of another one. */
function isDown(name: string): boolean {
  try {
    return /^(lowerlayer)?down$/m.test(readFileSync(`/sys/class/net/${name}/operstate`, 'utf8'));
  } catch {
    return false;
  }
}
