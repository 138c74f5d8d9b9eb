/** Loads what distinguishes a host that refuses a TCP connection from a router that reports `port-unreach` by ICMP. */

import { platform } from 'node:os';
import type { RefusalCheck } from './tcp-connection.ts';

/**
 * Linux gives ECONNREFUSED for both (tcp(7), icmp(7)), and a REJECT rule without a type sends the ICMP error. macOS does so
 * too, and for what a router prohibits (tcp_ctlinput in XNU's bsd/netinet/tcp_subr.c), and so do the BSDs. If the two
 * cannot be distinguished, no refusal is believed. Windows does not pass that error on to a connection at once.
 */
export async function loadRefusalCheck(): Promise<RefusalCheck> {
  if (platform() === 'win32') return () => true;
  if (platform() !== 'linux') return () => false;
  try {
    const { hasReceivedSegment } = await import('./linux/tcp-segments.ts');
    return hasReceivedSegment;
  } catch {
    return () => false;
  }
}
