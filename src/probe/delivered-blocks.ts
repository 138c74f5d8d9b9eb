/** What is still known of blocks whose results were returned: a late reply means more if its host is reported as silent. */

import type { HostBlock } from './host-block.ts';

/** Far more than are probed within the time that any reply takes; each has a bit per host. */
const MOST_BLOCKS = 256;

export class DeliveredBlocks {
  /** By block number, oldest first: a bit for each host, 1 if it has not answered. */
  private readonly silent = new Map<number, Uint8Array>();

  /** Takes note of a block before its memory is used for another. */
  add({ setup, hosts }: HostBlock): void {
    const { count } = setup.targets;
    const bits = new Uint8Array((count + 7) >> 3);
    for (let host = 0; host < count; host++)
      if (!hosts.isAnswered(host)) bits[host >> 3]! |= 1 << (host & 7);
    this.silent.set(setup.number, bits);
    if (this.silent.size > MOST_BLOCKS) this.forgetOldest();
  }

  /** Whether the host is known to have sent no reply. False for a block that is forgotten, or that another thread probed. */
  isSilent(block: number, host: number): boolean {
    const bits = this.silent.get(block);
    return bits !== undefined && (bits[host >> 3]! & (1 << (host & 7))) !== 0;
  }

  private forgetOldest(): void {
    const [oldest] = this.silent.keys();
    this.silent.delete(oldest!);
  }
}
