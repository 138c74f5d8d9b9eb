/** What is still known of blocks whose results were returned: a late reply means more if its host is reported as silent. */

import type { HostBlock } from './host-block.ts';
import type { HostProgress } from './host-progress.ts';

/** Far more than are probed within the time that any reply takes; each has a bit per host. */
const MOST_BLOCKS = 256;

export class DeliveredBlocks {
  /** By block number, oldest first, of blocks with a host that is not up: a bit for each host, 1 if it is silent. */
  private readonly silent = new Map<number, Uint8Array>();

  /** Takes note of a block before its memory is used for another. */
  add({ setup, hosts }: HostBlock): void {
    const { count } = setup.targets;
    if (hosts.up === count) return;
    this.silent.set(setup.number, silentHosts(hosts, count));
    if (this.silent.size > MOST_BLOCKS) this.forgetOldest();
  }

  /** Whether the host is known to be silent. False for a block that is forgotten, or that another thread probed. */
  isSilent(block: number, host: number): boolean {
    const bits = this.silent.get(block);
    return bits !== undefined && (bits[host >> 3]! & (1 << (host & 7))) !== 0;
  }

  private forgetOldest(): void {
    const [oldest] = this.silent.keys();
    this.silent.delete(oldest!);
  }
}

/** A function of its own: V8 compiles one with a long loop again when it first gets to what follows the loop. */
function silentHosts(hosts: HostProgress, count: number): Uint8Array {
  const bits = new Uint8Array((count + 7) >> 3);
  for (let host = 0; host < count; host++)
    if (hosts.isSilent(host)) bits[host >> 3]! |= 1 << (host & 7);
  return bits;
}
