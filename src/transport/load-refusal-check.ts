/** Loads what distinguishes a host that refuses a TCP connection from a router that reports `port-unreach` by ICMP. */

import { platform } from 'node:os';
import type { RefusalCheck } from './tcp-connection.ts';

/**
 * Linux gives ECONNREFUSED for both (tcp(7), icmp(7)), and a REJECT rule without a type sends the ICMP error. Other
 * systems do not pass that error on to a connection at once. If Linux cannot be checked here, no refusal is believed.
 */
export async function loadRefusalCheck(): Promise<RefusalCheck> {
  if (platform() !== 'linux') return () => true;
  try {
    const { hasReceivedSegment } = await import('./linux/tcp-segments.ts');
    return hasReceivedSegment;
  } catch {
    return () => false;
  }
}
