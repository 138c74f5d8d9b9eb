/** Linux' tables: from /proc and /sys, and over netlink. */

import type { HostNetwork } from '../host-network.ts';
import { neighbourLimit } from './neighbour-limit.ts';
import { readProcFile } from './proc-file.ts';
import { readRoutes } from './routes.ts';

/** linux/if.h. */
const IFF_UP = 0x1;
const IFF_POINTOPOINT = 0x10;

export const LINUX_NETWORK: HostNetwork = {
  routes: readRoutes,
  neighbourLimit,
  interfaceIndex,
  isRunning,
  carrierLosses,
  isPointToPoint,
  // Netlink takes sockets, and those koffi, which a sweep by the system's ping does without.
  loadLinkTables: async () => (await import('./link-tables.ts')).LINUX_LINK_TABLES,
};

function interfaceIndex(name: string): number | undefined {
  return numberOf(name, 'ifindex');
}

function carrierLosses(name: string): number | undefined {
  return numberOf(name, 'carrier_down_count');
}

function isRunning(name: string): boolean {
  const flags = Number.parseInt(attributeOf(name, 'flags'), 16);
  return (flags & IFF_UP) !== 0 && attributeOf(name, 'carrier').trim() === '1';
}

function isPointToPoint(name: string): boolean {
  return (Number.parseInt(attributeOf(name, 'flags'), 16) & IFF_POINTOPOINT) !== 0;
}

function numberOf(name: string, attribute: string): number | undefined {
  const value = Number.parseInt(attributeOf(name, attribute), 10);
  return Number.isNaN(value) ? undefined : value;
}

/** @returns '' if there is no such interface */
function attributeOf(name: string, attribute: string): string {
  if (!/^[^/\s]{1,15}$/.test(name) || name.startsWith('.')) return '';
  return readProcFile(`/sys/class/net/${name}/${attribute}`);
}
