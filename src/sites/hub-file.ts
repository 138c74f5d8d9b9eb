/** Reads what a coordinator needs to reach the broker: the folder of a hub, or the one file in it. */

import { statSync } from 'node:fs';
import { join } from 'node:path';
import { LONGEST_LEASE_MS, SHORTEST_LEASE_MS } from './contract/chunk.ts';
import { accessOf, type BrokerAccess, invalid, objectIn } from './join-file.ts';

/** What the hub's own file says. */
export interface HubAccess extends BrokerAccess {
  /** How long an agent that is not heard of keeps a chunk; undefined for the usual time. */
  readonly leaseMs?: number;
  /** Hosts of a chunk, at most; undefined for as many as a message has room for. */
  readonly chunkHosts?: number;
}

/** The file in the folder of a hub that has the hub's own key. */
export const HUB_FILE = 'hub.json';

/**
 * @param path of the folder, or of the file, which also works as a copy on another machine
 * @throws EchosweepError CONFIG_INVALID
 */
export function readHubFile(path: string): HubAccess {
  const file = statSync(path, { throwIfNoEntry: false })?.isDirectory()
    ? join(path, HUB_FILE)
    : path;
  const what = `the hub's file ${file}`;
  const advice =
    'set a hub up with echosweep hub init, or name its folder with --hub (for an inventory, in its field hub)';
  const fields = objectIn(file, what, advice, advice);
  const { leaseMs, chunkHosts } = fields;
  return {
    ...accessOf(fields, what, advice),
    ...(leaseMs !== undefined && { leaseMs: leaseOf(leaseMs, what) }),
    ...(isCount(chunkHosts) && { chunkHosts }),
  };
}

/** Agents refuse chunks with any other. */
function leaseOf(value: unknown, what: string): number {
  const isLease = isCount(value) && value >= SHORTEST_LEASE_MS && value <= LONGEST_LEASE_MS;
  if (isLease) return value;
  throw invalid(
    `${what} has a leaseMs that is not valid`,
    `use a whole number from ${SHORTEST_LEASE_MS} to ${LONGEST_LEASE_MS}, or leave it out`,
  );
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 1;
}
