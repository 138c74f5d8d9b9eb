/** A network's page for the browser: its hosts now, and what is remembered of them. */

import { vendorOf } from '../mac-vendor.ts';
import { PageBuilder } from '../report/html/page-builder.ts';
import {
  ABSENT,
  type HistoryColumns,
  type PageRun,
  STATUS_OF_STATE,
} from '../report/html/page-data.ts';
import { type ReportedRow, UNKNOWN_ROW } from '../results/host-result.ts';
import type { InventoryChange } from './change-list.ts';
import type { InventoryHost } from './host-list.ts';
import { CHANGE_KINDS } from './host-memory.ts';
import type { ListedHost } from './known-hosts-join.ts';
import type { DayShare, NetworkHistory } from './network-history.ts';
import type { NetworkStatus } from './network-status.ts';

/** Newer ones say most; all of them are a question to the inventory. */
const MOST_CHANGES = 500;
/** From the lowest to the highest share of scans answered. */
const BARS = '▁▂▃▄▅▆▇█';
const NEVER_UP = '·';
const NOT_ASKED = ' ';
/** More of them are no longer taken in at a glance, and leave no room for other columns. */
const MOST_MARKS = 62;
const DAYS_A_WEEK = 7;

/** What a page is made of. */
export interface HistoryPageSource {
  readonly network: string;
  /** Of this network, in address order; none that is unasked. */
  readonly hosts: readonly ListedHost[];
  /** With a latest scan. */
  readonly status: NetworkStatus;
  readonly history: NetworkHistory;
  /** Oldest first. */
  readonly changes: readonly InventoryChange[];
}

/** @returns the whole document */
export function historyPage(source: HistoryPageSource): string {
  const { network, hosts, status, history, changes } = source;
  const page = new PageBuilder();
  const remembered = hosts.flatMap(({ host, known }) => (host === null ? [] : [{ host, known }]));
  for (const { host } of remembered) page.add(rowOf(host));
  const daysAMark = daysAMarkOf(history.usedByDay.length);
  const pageHistory = {
    scans: history.scans,
    firstDay: dayText(history.firstDay),
    usedByDay: history.usedByDay,
    rttUsByDay: history.rttUsByDay.map((us) => (us === null ? ABSENT : Math.round(us))),
    targets: status.targets ?? remembered.length,
    daysAMark,
    changeTotals: CHANGE_KINDS.flatMap((kind) => {
      const count = changes.filter((change) => change.kind === kind).length;
      return count === 0 ? [] : [[kind, count] as const];
    }),
    changes: changes
      .slice(-MOST_CHANGES)
      .reverse()
      .map(({ seenAt, kind, address, hostname, before, after }) => ({
        at: seenAt?.toISOString() ?? '',
        kind,
        address,
        hostname: hostname ?? '',
        before,
        after,
      })),
    furtherChanges: Math.max(0, changes.length - MOST_CHANGES),
  };
  return page.document(undefined, {
    name: network,
    run: runOf(status),
    history: pageHistory,
    hosts: () => columnsOf(remembered, history, daysAMark),
  });
}

/** The latest scan, and what a reader should know of it. */
function runOf({ lastScan, lastScanMs, doubt, partial }: NetworkStatus): PageRun {
  const startedAt = lastScan!.getTime();
  return {
    startedAt: new Date(startedAt).toISOString(),
    endedAt: new Date(startedAt + lastScanMs!).toISOString(),
    doubts: doubt === null ? [] : [doubt],
    notes: [
      // A scan by a site's agents may doubt some hosts and be sure of others.
      ...(doubt === null
        ? []
        : ['the latest scan reports no host that it doubts as missing or gone']),
      ...(partial
        ? ['the latest scan is not complete; hosts that it did not probe are as before']
        : []),
    ],
  };
}

/** A day, or as many weeks as it takes. */
function daysAMarkOf(days: number): number {
  return days <= MOST_MARKS ? 1 : DAYS_A_WEEK * Math.ceil(days / DAYS_A_WEEK / MOST_MARKS);
}

function columnsOf(
  hosts: readonly { readonly host: InventoryHost; readonly known: ListedHost['known'] }[],
  { hosts: days, usedByDay }: NetworkHistory,
  daysAMark: number,
): HistoryColumns {
  const marks = Math.ceil(usedByDay.length / daysAMark);
  const of = <Value>(value: (host: InventoryHost) => Value): Value[] =>
    hosts.map(({ host }) => value(host));
  return {
    state: of(({ state }) => state),
    days: of(({ key }) => strip(days.get(key) ?? [], marks, daysAMark)),
    upPermille: of(({ key }) => permille(days.get(key) ?? [])),
    firstSeen: of(({ firstSeen }) => (firstSeen === null ? '' : dayText(firstSeen))),
    lastSeen: of(({ lastSeen }) => (lastSeen === null ? '' : dayText(lastSeen))),
    vendor: of(({ mac }) => vendorOf(mac) ?? ''),
    known: hosts.map(({ known }) => known ?? ''),
  };
}

/** What an inventory does not keep of a host is absent. */
function rowOf(host: InventoryHost): ReportedRow {
  const isUp = host.state === 'up';
  return {
    ...UNKNOWN_ROW,
    address: host.address,
    hostname: host.hostname,
    status: STATUS_OF_STATE[host.state as keyof typeof STATUS_OF_STATE],
    reason: host.reason as ReportedRow['reason'],
    rttAvgMs: isUp ? host.rttMs : null,
    mac: host.mac,
  };
}

function strip(days: readonly DayShare[], length: number, daysAMark: number): string {
  const asked = new Array<number>(length).fill(0);
  const up = new Array<number>(length).fill(0);
  for (const share of days) {
    const mark = Math.floor(share.day / daysAMark);
    asked[mark]! += share.asked;
    up[mark]! += share.up;
  }
  return asked.map((scans, mark) => markOf(scans, up[mark]!)).join('');
}

function markOf(asked: number, up: number): string {
  if (asked === 0) return NOT_ASKED;
  if (up === 0) return NEVER_UP;
  return BARS[Math.min(BARS.length - 1, Math.ceil((up / asked) * BARS.length) - 1)]!;
}

function permille(days: readonly DayShare[]): number {
  const asked = days.reduce((sum, day) => sum + day.asked, 0);
  const up = days.reduce((sum, day) => sum + day.up, 0);
  return asked === 0 ? ABSENT : Math.floor((1000 * up) / asked);
}

function dayText(moment: Date): string {
  return moment.toISOString().slice(0, 10);
}
