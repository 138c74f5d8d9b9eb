/** Keeps the rows of a sweep until its scan is written: as columns, which take less memory than objects. */

import { readAddress } from '../address.ts';
import { HostRows } from '../results/host-cursor.ts';
import type { HostResult } from '../results/host-result.ts';
import { MOST_MAC_CONFLICTS, type RunRecord } from '../results/run-record.ts';
import type { ScannedHost } from './host-writer.ts';

export class SweptHosts {
  private readonly pages: (HostRows | readonly ScannedHost[])[] = [];

  /** Adds the rows of a call of `onRows`. */
  add(rows: Iterable<HostResult>): void {
    if (rows instanceof HostRows) {
      rows.keep();
      this.pages.push(rows);
    } else {
      // A row may change as soon as the next is taken.
      this.pages.push(Array.from(rows, (row) => scannedHost(row)));
    }
  }

  /**
   * The hosts, made one at a time. Each has the MAC address of a second host, as the finished run knows it: if there may
   * be more of them than the run names, the others are not known.
   */
  *hosts({ macConflicts }: Pick<RunRecord, 'macConflicts'>): Generator<ScannedHost> {
    const others = new Map(macConflicts.map(({ address, macs }) => [address, macs[1]]));
    const otherwise = macConflicts.length < MOST_MAC_CONFLICTS ? null : undefined;
    for (const page of this.pages) {
      for (const host of page instanceof HostRows ? hostsOf(page) : page) {
        yield { ...host, otherMac: others.get(host.text) ?? otherwise };
      }
    }
  }
}

function* hostsOf(rows: HostRows): Generator<ScannedHost> {
  for (const row of rows) yield scannedHost(row, rows.isDoubtful);
}

/** What a scan takes from a row. */
function scannedHost(row: HostResult, isDoubtful = false): ScannedHost {
  return {
    ...readAddress(row.address!)!,
    hostname: row.hostname,
    status: row.status,
    reason: row.reason,
    responder: row.responder,
    rttAvgMs: row.rttAvgMs,
    sent: row.sent,
    received: row.received,
    // One RTT is the mean as well.
    ...(row.received! > 1 && { rttsMs: row.rttsMs }),
    mac: row.mac,
    startedAt: row.startedAt,
    ...(isDoubtful && { isDoubtful }),
  };
}
