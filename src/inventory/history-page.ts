/** A network's page for the browser: its hosts as they stand, and what is remembered of them. */

import { PageBuilder } from '../report/html/page-builder.ts';
import {
  ABSENT,
  type HistoryColumns,
  type PageHistory,
  type PageRow,
} from '../report/html/page-data.ts';
import type { InventoryChange } from './change-list.ts';
import type { InventoryHost } from './host-list.ts';
import { CHANGE_KINDS } from './host-memory.ts';
import type { ListedHost } from './known-hosts-join.ts';
import type { DayShare, NetworkHistory } from './network-history.ts';
import { vendorOf } from './vendor.ts';

/** Newer ones say most; all of them are a question to the inventory. */
const MOST_CHANGES = 500;
/** From the lowest to the highest share of scans answered. */
const BARS = '▁▂▃▄▅▆▇█';
const NEVER_UP = '·';
const NOT_ASKED = ' ';

/** What a page is made of. */
export interface HistoryPageSource {
  readonly network: string;
  /** Of this network, in address order. */
  readonly hosts: readonly ListedHost[];
  /** When its latest scan began. */
  readonly scannedAt: Date;
  readonly history: NetworkHistory;
  /** Oldest first. */
  readonly changes: readonly InventoryChange[];
}

/** @returns the whole document */
export function historyPage(source: HistoryPageSource): string {
  const { network, hosts, scannedAt, history, changes } = source;
  const page = new PageBuilder();
  const remembered = hosts.flatMap(({ host, known }) => (host === null ? [] : [{ host, known }]));
  for (const { host } of remembered) page.add(rowOf(host));
  const pageHistory: PageHistory = {
    scans: history.scans,
    firstDay: dayText(history.firstDay),
    usedByDay: history.usedByDay,
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
    hosts: columnsOf(remembered, history),
  };
  return page.document(undefined, { name: network, scannedAt, history: pageHistory });
}

function columnsOf(
  hosts: readonly { readonly host: InventoryHost; readonly known: ListedHost['known'] }[],
  { hosts: days, usedByDay }: NetworkHistory,
): HistoryColumns {
  const of = <Value>(value: (host: InventoryHost) => Value): Value[] =>
    hosts.map(({ host }) => value(host));
  return {
    state: of(({ state }) => state),
    days: of(({ key }) => strip(days.get(key) ?? [], usedByDay.length)),
    upPermille: of(({ key }) => permille(days.get(key) ?? [])),
    firstSeen: of(({ firstSeen }) => (firstSeen === null ? '' : dayText(firstSeen))),
    lastSeen: of(({ lastSeen }) => (lastSeen === null ? '' : dayText(lastSeen))),
    vendor: of(({ mac }) => vendorOf(mac) ?? ''),
    known: hosts.map(({ known }) => known ?? ''),
  };
}

/** What an inventory does not keep of a host is absent. */
function rowOf(host: InventoryHost): PageRow {
  const isUp = host.state === 'up';
  return {
    address: host.address,
    hostname: host.hostname,
    status: isUp ? 'up' : host.status,
    reason: host.reason as PageRow['reason'],
    responder: null,
    icmpType: null,
    icmpCode: null,
    sent: null,
    received: null,
    duplicates: null,
    rttMinMs: null,
    rttAvgMs: isUp ? host.rttMs : null,
    rttMaxMs: null,
    rttStddevMs: null,
    ttl: null,
    hops: null,
    pattern: null,
    startedAt: null,
    mac: host.mac,
  };
}

function strip(days: readonly DayShare[], length: number): string {
  const marks = new Array<string>(length).fill(NOT_ASKED);
  for (const { day, asked, up } of days) {
    const bar = Math.ceil((up / asked) * BARS.length) - 1;
    marks[day] = up === 0 ? NEVER_UP : BARS[Math.min(BARS.length - 1, bar)]!;
  }
  return marks.join('');
}

function permille(days: readonly DayShare[]): number {
  const asked = days.reduce((sum, day) => sum + day.asked, 0);
  const up = days.reduce((sum, day) => sum + day.up, 0);
  return asked === 0 ? ABSENT : Math.floor((1000 * up) / asked);
}

function dayText(moment: Date): string {
  return moment.toISOString().slice(0, 10);
}
