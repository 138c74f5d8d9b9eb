/** What the page of an inventory is given: states in the places of statuses, and nothing that no page uses. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { inflateRawSync } from 'node:zlib';
import { readAddress } from '../../../src/address.ts';
import { type HistoryPageSource, historyPage } from '../../../src/inventory/history-page.ts';
import type { InventoryHost } from '../../../src/inventory/host-list.ts';
import type { DayShare } from '../../../src/inventory/network-history.ts';
import type { PageData } from '../../../src/report/html/page-data.ts';
import { cellStory } from '../../../src/results/cell-code.ts';
import { hourOf } from './samples.ts';

const STATES = ['up', 'missing', 'silent', 'gone'] as const;

function hostAt(i: number): InventoryHost {
  const state = STATES[i % STATES.length]!;
  const isUp = state === 'up';
  return {
    ...readAddress(`10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`)!,
    address: `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`,
    network: 'office',
    hostname: null,
    mac: null,
    otherMac: null,
    state,
    status: isUp ? 'up' : 'down',
    reason: isUp ? 'echo-reply' : 'no-response',
    misses: 0,
    rttMs: isUp ? 1 : null,
    firstSeen: null,
    lastSeen: null,
    lastChange: null,
  };
}

function sourceOf(hosts: number, values: Partial<HistoryPageSource> = {}): HistoryPageSource {
  return {
    network: 'office',
    hosts: Array.from({ length: hosts }, (_, i) => ({
      address: hostAt(i).address,
      key: hostAt(i).key,
      host: hostAt(i),
      known: null,
      fields: {},
      note: null,
    })),
    status: {
      network: 'office',
      lastScan: hourOf(0),
      lastScanMs: 1500,
      doubt: null,
      partial: false,
      targets: hosts,
      hosts: { up: 1, missing: 1, silent: 1, gone: 1, unasked: 0 },
      conflicts: 0,
      unscanned: 0,
      free: 0,
      newHosts: 0,
    },
    history: {
      scans: 1,
      firstDay: hourOf(0),
      usedByDay: [1],
      rttUsByDay: [1000.4],
      hosts: new Map(),
    },
    changes: [],
    ...values,
  };
}

function blockOf(page: string, id: string): Buffer {
  const base64 = new RegExp(`<script type="text/plain" id="${id}">([\\w+/=]*)</script>`).exec(page);
  return inflateRawSync(Buffer.from(base64![1]!, 'base64'));
}

function dataOf(page: string): PageData {
  return JSON.parse(blockOf(page, 'data').toString()) as PageData;
}

describe('the page of an inventory', () => {
  test('has its states where a sweep has statuses, and nobody who spoke for a host', () => {
    const page = historyPage(sourceOf(4));
    const { statuses, verdicts, history } = dataOf(page);
    assert.deepEqual(statuses, { up: 1, unreachable: 1, down: 1, error: 1 });
    assert.deepEqual(verdicts, []);
    assert.deepEqual(history!.hosts!.state, STATES);
    assert.deepEqual(history!.rttUsByDay, [1000]);
    assert.match(
      page,
      /1 of 4 addresses is up \(25\.0 %\), half of them within 1 ms\. 1 is missing, 1 is gone, 1 never answered\./,
    );
  });

  test('above a /16 tells the states by octets, and carries no columns that nothing shows', () => {
    const page = historyPage(sourceOf(65_537));
    const data = dataOf(page);
    assert.equal(data.map.kind, 'subnets');
    assert.equal(data.history!.hosts, undefined);
    assert.deepEqual(
      [...blockOf(page, 'cells').subarray(0, 4)].map((code) => cellStory(code)?.status),
      ['up', 'unreachable', 'down', 'error'],
    );
  });

  test('puts so many weeks into a mark that all of a long time is seen', () => {
    for (const [days, daysAMark, marks] of [
      [62, 1, 62],
      [63, 7, 9],
      [365, 7, 53],
      [730, 14, 53],
    ] as const) {
      const shares: DayShare[] = [
        { day: 0, asked: 2, up: 2 },
        { day: days - 1, asked: 2, up: 1 },
      ];
      const history = {
        ...sourceOf(1).history,
        usedByDay: new Array<number>(days).fill(1),
        hosts: new Map([[hostAt(0).key, shares]]),
      };
      const told = dataOf(historyPage(sourceOf(1, { history }))).history!;
      assert.equal(told.daysAMark, daysAMark);
      const [strip] = told.hosts!.days;
      assert.deepEqual([strip!.length, strip!.trim()], [marks, `█${' '.repeat(marks - 2)}▄`]);
    }
  });
});
