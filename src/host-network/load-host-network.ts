/** Loads what knows this system's networks. */

import { platform } from 'node:os';
import type { HostNetwork } from './host-network.ts';

/** By system; each loads its own code only. That of Windows and macOS takes native code, that of Linux not yet. */
const NETWORKS: Readonly<Partial<Record<NodeJS.Platform, () => Promise<HostNetwork>>>> = {
  linux: async () => (await import('./linux/linux-network.ts')).LINUX_NETWORK,
  darwin: async () => (await import('./darwin/darwin-network.ts')).darwinNetwork(),
  win32: async () => (await import('./windows/windows-network.ts')).loadWindowsNetwork(),
};

/** A host that shows nothing if this system is not known, or if its native code cannot be loaded. */
export async function loadHostNetwork(): Promise<HostNetwork> {
  try {
    const network = await NETWORKS[platform()]?.();
    if (network !== undefined) return network;
  } catch {
    // A sweep by the system's ping needs no native code.
  }
  return (await import('./unknown-network.ts')).UNKNOWN_NETWORK;
}
