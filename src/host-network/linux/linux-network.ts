/** Linux' tables: from /proc and /sys, and over netlink. */

import type { HostNetwork } from '../host-network.ts';
import { neighbourLimit } from './neighbour-limit.ts';
import { readProcFile } from './proc-file.ts';
import { readRoutes } from './routes.ts';

export const LINUX_NETWORK: HostNetwork = {
  routes: readRoutes,
  neighbourLimit,
  interfaceIndex,
  // Netlink takes sockets, and those koffi, which a sweep by the system's ping does without.
  loadLinkTables: async () => (await import('./link-tables.ts')).LINUX_LINK_TABLES,
};

function interfaceIndex(name: string): number | undefined {
  if (!/^[^/\s]{1,15}$/.test(name) || name.startsWith('.')) return undefined;
  const index = Number.parseInt(readProcFile(`/sys/class/net/${name}/ifindex`), 10);
  return Number.isNaN(index) ? undefined : index;
}
