/** What the system's neighbour table adds to results by the system's ping: hosts that answered ARP or NDP only, and MAC addresses. */

import { type LinkTables, NEIGHBOUR } from '../host-network/host-network.ts';
import { HostMacs } from '../probe/host-macs.ts';
import type { BlockResults } from '../results/block-results.ts';
import { indexOfAddress } from '../results/block-targets.ts';
import {
  outcomeOfNumbers,
  outcomeOfPresence,
  outweighs,
  reasonOfOutcome,
  statusNumber,
  statusOfOutcome,
} from '../results/outcome.ts';

const UP = statusNumber('up');
/** The table's ages are in hundredths of a second. */
const AGE_TOLERANCE_MS = 20;

/** @param interfaceIndex of the interface that leads to the hosts; 0 if it is not known @returns the results with what was found */
export function withNeighbours(
  results: BlockResults,
  interfaceIndex: number,
  tables: LinkTables,
): BlockResults {
  const { targets, status, startedAtMs } = results;
  const macs = new HostMacs(targets, targets.count);
  const nowMs = Date.now();
  tables.visitNeighbours(targets.family, (view, offset, index, state, macAt, confirmedAgoMs) => {
    if (interfaceIndex !== 0 && index !== interfaceIndex) return;
    const host = indexOfAddress(targets, view, offset);
    if (host < 0 || state === NEIGHBOUR.unresolved) return;
    // An entry that was confirmed earlier says nothing about now.
    const sentAgoMs = nowMs - startedAtMs[host]!;
    const isPresent =
      state === NEIGHBOUR.confirmed && confirmedAgoMs <= sentAgoMs + AGE_TOLERANCE_MS;
    if (isPresent) weighPresence(results, host);
    if (status[host] === UP && macAt >= 0) macs.note(host, view, macAt);
  });
  return { ...results, macs: macs.octets };
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
