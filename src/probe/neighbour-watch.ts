/**
 * Looks now and then which hosts on local networks the system cannot find. It reports them by ICMP errors too, but
 * sends a thousand of those a second at most (`icmp_msgs_per_sec`): most of a sparse subnet would seem merely silent.
 * Hosts that answer the system's ARP or NDP and no ping are found there as well.
 */

import { FAMILIES, type Family } from '../address.ts';
import { indexOfAddress } from '../results/block-targets.ts';
import { NEIGHBOUR, type NeighbourState, type Transport } from '../transport/contract.ts';
import type { ActiveBlock } from './active-block.ts';
import { CHECKED_AFTER_MS, isConfirmedSince } from './neighbour-presence.ts';
import { type Schedule, sentAfterNs } from './schedule.ts';

/** Often enough that each host is looked at a few times before it is final, and not so often that it costs anything. */
const LOOKS_PER_HOST = 3;
const PAUSE_NS = { shortest: 20_000_000, longest: 500_000_000 } as const;

/** Called with a host that has an entry in the table. */
type HostVisitor = (
  active: ActiveBlock,
  host: number,
  state: NeighbourState,
  view: DataView,
  macOffset: number,
  confirmedAgoMs: number,
) => void;

export class NeighbourWatch {
  private readonly transport: Transport;
  private readonly pauseNs: number;
  private lookedAtNs = Number.NEGATIVE_INFINITY;

  constructor(transport: Transport, schedule: Schedule) {
    const last = schedule.probes - 1;
    const hostNs = sentAfterNs(schedule, last) + schedule.timeoutNs[last]!;
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
    for (const family of FAMILIES) {
      const waiting = blocks.filter(
        ({ block: { setup, hosts } }) =>
          setup.reach === 'system' && setup.targets.family === family && hosts.open > 0,
      );
      if (waiting.length > 0) this.lookAt(family, waiting, nowNs);
      for (const { block } of waiting) block.endVerdictsSince(nowNs - CHECKED_AFTER_MS * 1e6);
    }
  }

  /** Learns what the table says about a block's hosts, all or some of which are finished: their MAC addresses above all. */
  lookAgain(active: ActiveBlock, nowNs: number): void {
    const { setup } = active.block;
    if (setup.reach === 'system' && this.transport.visitNeighbours !== undefined)
      this.lookAt(setup.targets.family, [active], nowNs);
  }

  /** Has those hosts of a search pinged at once that the table has already. */
  useKnown(active: ActiveBlock): void {
    const { search } = active;
    if (search === undefined) return;
    this.visit(active.block.setup.targets.family, [active], (_, host, state, view, macAt) => {
      if (state !== NEIGHBOUR.unresolved && macAt >= 0)
        search.tryKnown(host, view, macAt, state === NEIGHBOUR.permanent);
    });
  }

  private lookAt(family: Family, blocks: readonly ActiveBlock[], nowNs: number): void {
    this.visit(family, blocks, ({ block, evidence }, host, state, view, macAt, confirmedAgoMs) => {
      const { hosts } = block;
      const isResolved = state !== NEIGHBOUR.unresolved;
      hosts.noteNeighbour(host, isResolved);
      if (hosts.sentTo(host) === 0 || hosts.isFrozen(host)) return;
      const sentAgoMs = (nowNs - block.levels[0]!.sentAtNs[host]!) / 1e6;
      const isPresent = isConfirmedSince(sentAgoMs, state, confirmedAgoMs);
      if (isPresent) evidence.notePresent(host);
      if (macAt >= 0) {
        if (isPresent || hosts.isAnswered(host)) evidence.macs.note(host, view, macAt);
        else if (isResolved) evidence.macs.assume(host, view, macAt);
      }
      if (state === NEIGHBOUR.unconfirmed) block.awaitVerdict(host);
      else block.endVerdict(host);
    });
  }

  private visit(family: Family, blocks: readonly ActiveBlock[], visit: HostVisitor): void {
    this.transport.visitNeighbours?.(
      family,
      (view, offset, interfaceIndex, state, macOffset, confirmedAgoMs) => {
        for (const active of blocks) {
          const { targets, interfaceIndex: own = 0 } = active.block.setup;
          if (own !== 0 && own !== interfaceIndex) continue;
          const host = indexOfAddress(targets, view, offset);
          if (host >= 0) visit(active, host, state, view, macOffset, confirmedAgoMs);
        }
      },
    );
  }
}
