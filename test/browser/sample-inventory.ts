/** A network of an inventory with a month of history that is the same each time, hostile names among it. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readAddress } from '../../src/address.ts';
import { listChanges } from '../../src/inventory/change-list.ts';
import { historyPage } from '../../src/inventory/history-page.ts';
import { listHosts } from '../../src/inventory/host-list.ts';
import { CHANGE_KINDS, HOST_STATES } from '../../src/inventory/host-memory.ts';
import type { ScannedHost } from '../../src/inventory/host-writer.ts';
import { joinKnownHosts, type ListedHost } from '../../src/inventory/known-hosts-join.ts';
import { type NetworkHistory, networkHistory } from '../../src/inventory/network-history.ts';
import { networkStatus } from '../../src/inventory/network-status.ts';
import { type ScanRecord, writeScan } from '../../src/inventory/scan-writer.ts';
import { openStore } from '../../src/inventory/store.ts';
import { recordOf } from '../unit/inventory/samples.ts';

const START = Date.UTC(2026, 2, 1);
const MS_A_DAY = 86_400_000;
export const SAMPLE_DAYS = 30;
const SCANS_A_DAY = 4;
/** Of makers whose prefixes everybody knows, one that a telephone made up, and two whose names begin like formulas. */
const MACS = ['00:1b:63', '00:0c:29', '3c:d9:2b', 'b8:27:eb', 'da:a1:19', '00:06:04', '30:f3:3a'];

/** Deterministic, from 0 to 1. */
function chance(host: number, salt: number): number {
  let x = Math.imul(host + 1, 0x9e3779b1) ^ Math.imul(salt + 1, 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 16), 0x45d9f3b);
  x = Math.imul(x ^ (x >>> 15), 0x2c1b3c6d);
  return ((x ^ (x >>> 16)) >>> 0) / 2 ** 32;
}

/** @param scan of a day's four, counted from the first day */
function isUp(host: number, scan: number): boolean {
  const day = Math.floor(scan / SCANS_A_DAY);
  const kind = chance(host, 1);
  // Servers stay, a few begin or end within the month, desks have their hours, guests come and go.
  if (kind < 0.25) return true;
  if (kind < 0.32) return day >= Math.floor(chance(host, 2) * SAMPLE_DAYS);
  if (kind < 0.38) return day < Math.floor(chance(host, 3) * SAMPLE_DAYS);
  if (kind < 0.6) return (day + 6) % 7 < 5 && scan % SCANS_A_DAY < 3;
  if (kind < 0.66) return chance(host + 1000 * scan, 4) < 0.6;
  return false;
}

/** @param names for the first hosts; others have ordinary ones */
function hostAt(
  address: string,
  host: number,
  scan: number,
  names: readonly string[],
): ScannedHost {
  const up = isUp(host, scan);
  const mac = `${MACS[Math.floor(chance(host, 5) * MACS.length)]}:00:00:${host.toString(16).padStart(2, '0')}`;
  return {
    ...readAddress(address)!,
    hostname: names[host - 1] ?? (chance(host, 6) < 0.7 ? `host-${host}.office.example` : null),
    status: up ? 'up' : 'down',
    reason: up ? 'echo-reply' : 'arp-failed',
    rttAvgMs: up ? 0.2 + 4 * chance(host, 7) ** 3 : null,
    mac: up ? mac : null,
    startedAt: new Date(START + (scan * MS_A_DAY) / SCANS_A_DAY),
  };
}

export interface SampleInventory {
  readonly html: string;
  /** What the store has. */
  readonly hosts: readonly ListedHost[];
  readonly history: NetworkHistory;
}

export interface SampleOptions {
  /** Of the first hosts; others have ordinary ones. */
  readonly names?: readonly string[];
  readonly days?: number;
  /** One, two or four, evenly spaced. */
  readonly scansPerDay?: number;
  /** Of the latest scan. */
  readonly last?: Partial<ScanRecord>;
}

/** 10.20.30.0/24 after days of scans, and its page as `inventory report` makes it. */
export async function sampleInventory(options: SampleOptions = {}): Promise<SampleInventory> {
  const { names = [], days = SAMPLE_DAYS, scansPerDay = SCANS_A_DAY, last = {} } = options;
  const scans = days * SCANS_A_DAY;
  const step = SCANS_A_DAY / scansPerDay;
  const folder = mkdtempSync(join(tmpdir(), 'echosweep-test-'));
  try {
    const store = await openStore(join(folder, 'x.db'));
    const rules = { missesUntilGone: 8, slowerFactor: 3, slowerByMs: 5 };
    for (let scan = 0; scan < scans; scan += step) {
      const hosts = Array.from({ length: 254 }, (_, i) =>
        hostAt(`10.20.30.${i + 1}`, i + 1, scan, names),
      );
      const startedAt = new Date(START + (scan * MS_A_DAY) / SCANS_A_DAY);
      const times = { startedAt, endedAt: new Date(startedAt.getTime() + 4000), targets: 254 };
      const record = recordOf(0, { ...times, ...(scan === scans - step ? last : {}) });
      writeScan(store, { network: 'office', record, hosts, rules });
    }
    const since = new Date(START);
    const now = new Date(START + days * MS_A_DAY - 1);
    const networks = ['office'];
    const hosts = joinKnownHosts(
      listHosts(store, { networks, states: HOST_STATES }),
      undefined,
      [],
    );
    const history = networkHistory(store, 'office', since, now);
    const html = historyPage({
      network: 'office',
      hosts,
      status: networkStatus(store, 'office', now),
      history,
      changes: listChanges(store, { since, networks, kinds: CHANGE_KINDS }),
    });
    store.close();
    return { html, hosts, history };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
