/** Opens what a sweep on several sites needs: the connection to the broker, and the journal next to the hub's file. */

import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { MS_A_MINUTE } from '../durations.ts';
import type { HubBroker } from './broker.ts';
import { type CoordinatorTimes, timesOf } from './coordination.ts';
import { createPrivately } from './hub/private-file.ts';
import { readHubFile } from './hub-file.ts';
import { Journal } from './journal.ts';
import { connectHub } from './nats/connected-hub.ts';

const JOURNAL = 'journal.db';
const USUAL_LEASE_MS = MS_A_MINUTE;

/** A hub that is ready for sweeps. */
export interface OpenHub {
  readonly broker: HubBroker;
  readonly journal: Journal;
  readonly times: CoordinatorTimes;
  /** Hosts of a chunk, at most; undefined for as many as a message has room for. */
  readonly chunkHosts?: number | undefined;
  close(): Promise<void>;
}

/**
 * The journal alone, for looking into it.
 * @param hub the hub's folder or file
 * @throws EchosweepError CONFIG_INVALID if there is no hub, INVENTORY_FAILED or OUTPUT_FAILED
 */
export async function openJournal(hub: string): Promise<Journal> {
  // Where no hub is, an empty journal would be made, and nothing be wrong with it.
  readHubFile(hub);
  return journalOf(hub);
}

async function journalOf(hub: string): Promise<Journal> {
  const isFolder = statSync(hub, { throwIfNoEntry: false })?.isDirectory() === true;
  const path = join(isFolder ? hub : dirname(hub), JOURNAL);
  // An empty file is a new database, and SQLite gives what it adds to the owner of the file.
  if (!existsSync(path)) createPrivately(path, '');
  return Journal.open(path);
}

/**
 * @param hub the hub's folder or file
 * @throws EchosweepError CONFIG_INVALID, INVENTORY_FAILED, or BROKER_REFUSED if the broker cannot be reached
 */
export async function openHub(hub: string): Promise<OpenHub> {
  const access = readHubFile(hub);
  const journal = await journalOf(hub);
  let broker: HubBroker;
  try {
    broker = await connectHub(access);
  } catch (error) {
    journal.close();
    throw error;
  }
  return {
    broker,
    journal,
    times: timesOf(access.leaseMs ?? USUAL_LEASE_MS),
    chunkHosts: access.chunkHosts,
    async close() {
      await broker.close();
      journal.close();
    },
  };
}
