/** What the system's neighbour table adds to results by the system's ping: hosts that answered ARP or NDP only, and MAC addresses. */

import { type LinkTables, NEIGHBOUR, type NeighbourState } from '../host-network/host-network.ts';
import { HostMacs } from '../probe/host-macs.ts';
import { CHECKED_AFTER_MS, isConfirmedSince } from '../probe/neighbour-presence.ts';
import type { BlockResults } from '../results/block-results.ts';
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

/** @param interfaceIndex of the interface that leads to the hosts; 0 if it is not known @returns the results with what was found */
export function withNeighbours(
  results: BlockResults,
  interfaceIndex: number,
  tables: NeighbourTable,
): BlockResults {
  const { targets, status, startedAtMs } = results;
  const macs = new HostMacs(targets, targets.count);
  const nowMs = Date.now();
  visitHosts(targets, interfaceIndex, tables, (host, view, state, macAt, confirmedAgoMs) => {
    const isPresent = isConfirmedSince(nowMs - startedAtMs[host]!, state, confirmedAgoMs);
    if (isPresent) weighPresence(results, host);
    if (status[host] === UP && macAt >= 0) macs.note(host, view, macAt);
  });
  return { ...results, macs: macs.octets };
}

/** Passes on the hosts of a block that have replied, with their MAC addresses: any other may yet turn out to be present. */
export function withMacs(
  onFinal: OnFinalHosts,
  block: BlockTargets,
  interfaceIndex: number,
  tables: NeighbourTable,
): OnFinalHosts {
  return async (final) => {
    const replied = Uint32Array.from(final.hosts.keys()).filter(
      (at) => final.results.received[at]! > 0,
    );
    if (replied.length === 0) return;
    const hosts = replied.map((at) => final.hosts[at]!);
    const results = pickedResults(final.results, replied);
    const macs = new HostMacs(results.targets, hosts.length);
    visitHosts(block, interfaceIndex, tables, (host, view, _state, macAt) => {
      const at = hosts.indexOf(host);
      if (at >= 0 && macAt >= 0) macs.note(at, view, macAt);
    });
    await onFinal({ hosts, results: { ...results, macs: macs.octets } });
  };
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
