/**
 * Looks now and then which hosts on local networks the system cannot find. It reports them by ICMP errors too, but
 * sends a thousand of those a second at most (`icmp_msgs_per_sec`): most of a sparse subnet would seem merely silent.
 */

import type { Family } from '../address.ts';
import { indexOfAddress } from '../results/block-targets.ts';
import type { Transport } from '../transport/contract.ts';
import type { ActiveBlock } from './active-block.ts';
import type { Schedule } from './schedule.ts';

/** Often enough that each host is looked at a few times before it is final, and not so often that it costs anything. */
const LOOKS_PER_HOST = 3;
const PAUSE_NS = { shortest: 20_000_000, longest: 500_000_000 } as const;

export class NeighbourWatch {
  private readonly transport: Transport;
  private readonly pauseNs: number;
  private lookedAtNs = Number.NEGATIVE_INFINITY;

  constructor(transport: Transport, schedule: Schedule) {
    const { probes, gapNs, timeoutNs } = schedule;
    const waitNs = gapNs.subarray(0, probes - 1).reduce((sum, gap) => sum + gap, 0);
    const hostNs = waitNs + timeoutNs[probes - 1]!;
    this.transport = transport;
    this.pauseNs = Math.min(PAUSE_NS.longest, Math.max(PAUSE_NS.shortest, hostNs / LOOKS_PER_HOST));
  }

  /** Whether it is time to look again. */
  isDue(nowNs: number): boolean {
    return this.transport.visitNeighbours !== undefined && nowNs - this.lookedAtNs >= this.pauseNs;
  }

  /** Passes on to the blocks what the table says about their hosts. */
  look(nowNs: number, blocks: readonly ActiveBlock[]): void {
    this.lookedAtNs = nowNs;
    for (const family of [4, 6] as const) {
      const waiting = blocks.filter(
        ({ block: { setup, hosts } }) =>
          setup.reach === 'system' && setup.targets.family === family && hosts.open > 0,
      );
      if (waiting.length > 0) this.lookAt(family, waiting);
    }
  }

  /** Learns the MAC addresses of a finished block's hosts. */
  learnMacs(active: ActiveBlock): void {
    const { setup } = active.block;
    if (setup.reach === 'system' && this.transport.visitNeighbours !== undefined)
      this.lookAt(setup.targets.family, [active]);
  }

  private lookAt(family: Family, blocks: readonly ActiveBlock[]): void {
    this.transport.visitNeighbours!(family, (view, offset, interfaceIndex, isResolved, macAt) => {
      for (const { block, evidence } of blocks) {
        const { scopeId, targets } = block.setup;
        if (scopeId !== 0 && scopeId !== interfaceIndex) continue;
        const host = indexOfAddress(targets, view, offset);
        if (host < 0) continue;
        block.hosts.noteNeighbour(host, isResolved);
        if (isResolved && macAt >= 0) evidence.macs.note(host, view, macAt);
      }
    });
  }
}
