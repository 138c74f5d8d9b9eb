/** Reads what a coordinator needs to reach the broker: the folder of a hub, or the one file in it. */

import { statSync } from 'node:fs';
import { join } from 'node:path';
import { accessOf, type BrokerAccess, objectIn } from './join-file.ts';

const SHORTEST_LEASE_MS = 1000;

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
  const advice = 'set a hub up with echosweep hub init, or name its folder with --hub';
  const fields = objectIn(file, what, advice, advice);
  const { leaseMs, chunkHosts } = fields;
  return {
    ...accessOf(fields, what, advice),
    ...(typeof leaseMs === 'number' && leaseMs >= SHORTEST_LEASE_MS && { leaseMs }),
    ...(isCount(chunkHosts) && { chunkHosts }),
  };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 1;
}
