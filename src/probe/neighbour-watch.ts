/**
 * Looks now and then which on-link hosts the system cannot find. It says so by ICMP errors too, but limits those to a
 * thousand a second over all (`icmp_msgs_per_sec`), so that most of a sparse subnet would seem to be merely silent.
 */

import type { Family } from '../address.ts';
import { indexOfAddress } from '../results/block-targets.ts';
import type { Transport } from '../transport/contract.ts';
import type { ActiveBlock } from './active-block.ts';
import type { BlockSetup } from './host-block.ts';
import type { Schedule } from './schedule.ts';

/** Often enough that a host is looked at a few times before it is final, and not so often that it costs anything. */
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

  /** Tells the blocks what the table says of their hosts. */
  look(nowNs: number, blocks: readonly ActiveBlock[]): void {
    this.lookedAtNs = nowNs;
    for (const family of [4, 6] as const) {
      const waiting = blocks.filter(
        ({ block: { setup, open } }) =>
          isSystems(setup) && setup.targets.family === family && open > 0,
      );
      if (waiting.length > 0) this.lookAt(family, waiting);
    }
  }

  /** Learns the MAC addresses of a finished block's hosts. */
  learnMacs(active: ActiveBlock): void {
    const { setup } = active.block;
    if (isSystems(setup) && this.transport.visitNeighbours !== undefined)
      this.lookAt(setup.targets.family, [active]);
  }

  private lookAt(family: Family, blocks: readonly ActiveBlock[]): void {
    this.transport.visitNeighbours!(family, (view, offset, interfaceIndex, isResolved, macAt) => {
      for (const { block, evidence } of blocks) {
        const { scopeId, targets } = block.setup;
        if (scopeId !== 0 && scopeId !== interfaceIndex) continue;
        const host = indexOfAddress(targets, view, offset);
        if (host < 0) continue;
        block.noteNeighbour(host, isResolved);
        if (isResolved && macAt >= 0) evidence.noteMac(host, view, macAt);
      }
    });
  }
}

/** Whether it is the system that looks for the hosts: of those that we look for ourselves it need not know anything. */
function isSystems({ onLink, searchedOn }: BlockSetup): boolean {
  return onLink && searchedOn === undefined;
}
