/** A host whose tables cannot be read yet: a sweep leaves everything about local networks to the system. */

import type { HostNetwork } from './host-network.ts';
import { limitOfThresholds } from './neighbour-limit.ts';

export const UNKNOWN_NETWORK: HostNetwork = {
  routes: () => [],
  neighbourLimit: () => limitOfThresholds(),
  interfaceIndex: () => undefined,
  isRunning: () => false,
  isPointToPoint: () => false,
  loadLinkTables: () => Promise.reject(new Error('the tables of this system cannot be read')),
};
