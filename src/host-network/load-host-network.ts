/** Loads what knows this system's networks. */

import { platform } from 'node:os';
import type { HostNetwork } from './host-network.ts';

/** Native code is not loaded yet. */
export async function loadHostNetwork(): Promise<HostNetwork> {
  if (platform() === 'linux') return (await import('./linux/linux-network.ts')).LINUX_NETWORK;
  return (await import('./unknown-network.ts')).UNKNOWN_NETWORK;
}
