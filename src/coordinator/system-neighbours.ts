/** What the system's neighbour table adds to results by the system's ping: hosts that answered ARP or NDP only, and MAC addresses. */

import { type LinkTables, NEIGHBOUR, type NeighbourState } from '../host-network/host-network.ts';
import { HostMacs } from '../probe/host-macs.ts';
import { CHECKED_AFTER_MS, isConfirmedSince } from '../probe/neighbour-presence.ts';
import { type BlockResults, MAC_OCTETS } from '../results/block-results.ts';
import { type BlockTargets, indexOfAddress } from '../results/block-targets.ts';
import { type OnFinalHosts, pickedResults } from '../results/final-hosts.ts';
import {
  outcomeOfNumbers,
  outcomeOfPresence,
  outweighs,
  reasonOfOutcome,
  statusNumber,
  statusOfOutcome,
} from '../results/outcome.ts';

const UP = statusNumber('up');
type NeighbourTable = Pick<LinkTables, 'visitNeighbours'>;

/**
 * Waits until the system has checked the entries, older than the sweep, of hosts that have not replied.
 * @param pause between two looks at the table; resolves to whether to look again
 */
export async function untilChecked(
  { targets, status, startedAtMs }: BlockResults,
  interfaceIndex: number,
  tables: NeighbourTable,
  pause: () => Promise<boolean>,
): Promise<void> {
  do {
    const nowMs = Date.now();
    let isWaiting = false;
    visitHosts(targets, interfaceIndex, tables, (host, _view, state) => {
      const isUnchecked = state === NEIGHBOUR.unconfirmed && status[host] !== UP;
      if (isUnchecked && nowMs < startedAtMs[host]! + CHECKED_AFTER_MS) isWaiting = true;
    });
    if (!isWaiting) return;
  } while (await pause());
}

/**
 * What the table says of a block's hosts. It is read as soon as a host is final: to have room for others, the system drops
 * entries after a few seconds.
 */
export class SystemNeighbours {
  private readonly targets: BlockTargets;
  private readonly interfaceIndex: number;
  private readonly tables: NeighbourTable;
  private readonly macs: HostMacs;
  /** Hosts that answered ARP or NDP during the sweep. */
  private readonly present = new Set<number>();
  private isComplete = false;

  /** @param interfaceIndex of the interface that leads to the hosts; 0 if it is not known */
  constructor(targets: BlockTargets, interfaceIndex: number, tables: NeighbourTable) {
    this.targets = targets;
    this.interfaceIndex = interfaceIndex;
    this.tables = tables;
    this.macs = new HostMacs(targets, targets.count);
  }

  /**
   * Takes final hosts, and passes on those that have replied, with their MAC addresses: any other may yet turn out to be
   * present.
   * @param rest ends the pause before the table is read again
   */
  taking(onFinal: OnFinalHosts | undefined, rest: () => Promise<unknown>): OnFinalHosts {
    return async ({ hosts, results }) => {
      if (!this.isComplete) this.note(hosts, results);
      const replied = Uint32Array.from(hosts.keys()).filter((at) => results.received[at]! > 0);
      if (onFinal !== undefined && replied.length > 0) {
        const numbers = replied.map((at) => hosts[at]!);
        const found = { ...pickedResults(results, replied), macs: this.macsOf(numbers) };
        await onFinal({ hosts: numbers, results: found });
      }
      await rest();
    };
  }

  /** @returns the results of the whole block with what was found */
  complete(results: BlockResults): BlockResults {
    this.note(
      Uint32Array.from({ length: this.targets.count }, (_, host) => host),
      results,
    );
    this.isComplete = true;
    for (const host of this.present) weighPresence(results, host);
    return { ...results, macs: this.macs.octets, macConflicts: this.macs.conflicts };
  }

  private macsOf(hosts: Uint32Array): Uint8Array {
    const picked = new Uint8Array(hosts.length * MAC_OCTETS);
    hosts.forEach((host, at) => {
      const first = host * MAC_OCTETS;
      picked.set(this.macs.octets.subarray(first, first + MAC_OCTETS), at * MAC_OCTETS);
    });
    return picked;
  }

  /** @param hosts by their numbers in the results */
  private note(hosts: Uint32Array, { received, startedAtMs }: BlockResults): void {
    const { targets, interfaceIndex, tables, macs, present } = this;
    const places = new Map([...hosts].map((host, at) => [host, at]));
    const nowMs = Date.now();
    visitHosts(targets, interfaceIndex, tables, (host, view, state, macAt, confirmedAgoMs) => {
      const at = places.get(host);
      if (at === undefined) return;
      if (isConfirmedSince(nowMs - startedAtMs[at]!, state, confirmedAgoMs)) present.add(host);
      const isThere = received[at]! > 0 || present.has(host);
      if (isThere && macAt >= 0) macs.note(host, view, macAt);
    });
  }
}

/** The hosts of a block that are in the table and resolved. */
function visitHosts(
  block: BlockTargets,
  interfaceIndex: number,
  tables: NeighbourTable,
  visit: (
    host: number,
    view: DataView,
    state: NeighbourState,
    macOffset: number,
    confirmedAgoMs: number,
  ) => void,
): void {
  tables.visitNeighbours(block.family, (view, offset, index, state, macAt, confirmedAgoMs) => {
    if (interfaceIndex !== 0 && index !== interfaceIndex) return;
    const host = indexOfAddress(block, view, offset);
    if (host >= 0 && state !== NEIGHBOUR.unresolved)
      visit(host, view, state, macAt, confirmedAgoMs);
  });
}

/** An error that the host sent itself is a detail of its presence; one from a router is not. */
function weighPresence(results: BlockResults, host: number): void {
  const { status, reason, responder, icmpType, icmpCode } = results;
  const presence = outcomeOfPresence(results.targets.family);
  if (!outweighs(presence, outcomeOfNumbers(status[host]!, reason[host]!))) return;
  if (responder[host] !== 0) {
    icmpType[host] = 0;
    icmpCode[host] = 0;
  }
  responder[host] = 0;
  status[host] = statusOfOutcome(presence);
  reason[host] = reasonOfOutcome(presence);
}
