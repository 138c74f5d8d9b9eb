/** Scans as the inventory is given them: whole records, so that each test names only what it is about. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { readAddress } from '../../../src/address.ts';
import type { addToken } from '../../../src/inventory/api-tokens.ts';
import type { InventoryHost } from '../../../src/inventory/host-list.ts';
import type { ChangeRules } from '../../../src/inventory/host-memory.ts';
import type { ScannedHost } from '../../../src/inventory/host-writer.ts';
import type { ListedHost } from '../../../src/inventory/known-hosts-join.ts';
import {
  type ScanRecord,
  type WrittenScan,
  writeScan,
} from '../../../src/inventory/scan-writer.ts';
import { openStore, type Store } from '../../../src/inventory/store.ts';

export const RULES: ChangeRules = { missesUntilGone: 2, slowerFactor: 3, slowerByMs: 5 };

export function aToken(name: string): Parameters<typeof addToken>[2] {
  return { name, role: 'view', madeBy: 'anna', madeAt: new Date(0), endsAt: null };
}

/** A folder that goes with the test file. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'echosweep-test-'));
  after(() => remove(folder));
  return folder;
}

/** Windows removes nothing that is open; what is left is among the temporary files. */
function remove(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch (error) {
    if (process.platform !== 'win32') throw error;
  }
}

const STORES = temporaryFolder();
let stores = 0;

/** Opens an empty store for as long as the body runs. @returns what the body returns */
export async function withStore<T>(body: (store: Store) => T | Promise<T>): Promise<T> {
  const store = await openStore(join(STORES, `${stores++}.db`));
  try {
    return await body(store);
  } finally {
    store.close();
  }
}

/** The moment of the n-th scan: an hour apart. */
export function hourOf(scan: number): Date {
  return new Date(Date.UTC(2026, 2, 1) + scan * 3_600_000);
}

export function upAt(
  address: string,
  scan: number,
  values: Partial<ScannedHost> = {},
): ScannedHost {
  return {
    ...readAddress(address)!,
    hostname: null,
    status: 'up',
    reason: 'echo-reply',
    rttAvgMs: 1,
    mac: null,
    startedAt: hourOf(scan),
    ...values,
  };
}

export function silentAt(
  address: string,
  scan: number,
  values: Partial<ScannedHost> = {},
): ScannedHost {
  return upAt(address, scan, { status: 'down', reason: 'no-response', rttAvgMs: null, ...values });
}

/** @param fields of the known hosts' file */
export function listedHost(
  values: Partial<InventoryHost> & Pick<InventoryHost, 'address'>,
  fields: ListedHost['fields'] = {},
): ListedHost {
  const { text: address, key } = readAddress(values.address)!;
  const host: InventoryHost = {
    network: 'office',
    key,
    hostname: null,
    mac: null,
    otherMac: null,
    state: 'up',
    status: 'up',
    reason: 'echo-reply',
    misses: 0,
    rttMs: 1,
    firstSeen: hourOf(0),
    lastSeen: hourOf(0),
    lastChange: null,
    ...values,
  };
  return { address, key, host, known: null, fields, note: null };
}

export function recordOf(scan: number, values: Partial<ScanRecord> = {}): ScanRecord {
  return {
    startedAt: hourOf(scan),
    endedAt: new Date(hourOf(scan).getTime() + 1500),
    source: 'scan',
    engine: 'raw',
    targets: 3,
    statuses: { up: 2, unreachable: 0, down: 1, error: 0 },
    packets: { sent: 5, received: 2, dropped: 0 },
    rtt: { minMs: 1, medianMs: 1, p95Ms: 1, maxMs: 1 },
    partial: false,
    failure: null,
    doubts: [],
    hasAllTargets: true,
    ...values,
  };
}

/** Writes the n-th scan of the network `office`. */
export function writeOffice(
  store: Store,
  n: number,
  hosts: Iterable<ScannedHost>,
  values: Partial<ScanRecord> = {},
): WrittenScan {
  return writeScan(store, {
    network: 'office',
    record: recordOf(n, values),
    hosts,
    rules: RULES,
  });
}
