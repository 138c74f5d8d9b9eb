/** What scans leave in the inventory, one after the other, and how they are written. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { isFurtherTurn, withFlapping } from '../../../src/inventory/flapping.ts';
import { hostHistories, listHosts } from '../../../src/inventory/host-list.ts';
import { HOST_STATES, type HostMemory, remember } from '../../../src/inventory/host-memory.ts';
import type { ScannedHost } from '../../../src/inventory/host-writer.ts';
import { networkStatus } from '../../../src/inventory/network-status.ts';
import { latestScan, writeScan, writeScanInSteps } from '../../../src/inventory/scan-writer.ts';
import { openStore } from '../../../src/inventory/store.ts';
import { A, B, C, scan } from './office-scans.ts';
import { hourOf, RULES, recordOf, silentAt, upAt, withStore, writeOffice } from './samples.ts';

describe('scans', () => {
  test('the first is what all others are compared with: it tells nothing', () =>
    withStore((store) => {
      assert.deepEqual(scan(store, 0, [upAt(A, 0), silentAt(B, 0)]), []);
      assert.deepEqual(scan(store, 1, [upAt(A, 1), upAt(B, 1)]), [`${B} new`]);
    }));

  test('a network is whole before anything in it is new', () =>
    withStore((store) => {
      assert.deepEqual(scan(store, 0, [upAt(A, 0)], { partial: true }), []);
      assert.deepEqual(scan(store, 1, [upAt(A, 1), upAt(B, 1)]), []);
      assert.deepEqual(scan(store, 2, [upAt(A, 2), upAt(B, 2), upAt(C, 2)]), [`${C} new`]);
    }));

  test('misses are counted from scan to scan', () =>
    withStore((store) => {
      scan(store, 0, [upAt(A, 0)]);
      assert.deepEqual(scan(store, 1, [silentAt(A, 1)]), []);
      assert.deepEqual(scan(store, 2, [silentAt(A, 2)]), [`${A} gone`]);
      assert.deepEqual(scan(store, 3, [silentAt(A, 3)]), []);
      assert.deepEqual(scan(store, 4, [upAt(A, 4)]), [`${A} back`]);
    }));

  test('a scan with doubts makes no host missing, and the hosts that reply are believed', () =>
    withStore((store) => {
      scan(store, 0, [upAt(A, 0), upAt(B, 0)]);
      for (const doubted of [{ doubts: ['drops'] }, { failure: 'no buffers' }]) {
        const hosts = [silentAt(A, 1), upAt(B, 1), upAt(C, 1)];
        writeOffice(store, 1, hosts, doubted);
      }
      const states = listHosts(store, {}).map(({ state, misses }) => [state, misses]);
      assert.deepEqual(states, [
        ['up', 0],
        ['up', 0],
        ['up', 0],
      ]);
      const { days } = hostHistories(store, upAt(A, 0).key, hourOf(0))[0]!;
      assert.deepEqual(
        days.map(({ asked, up }) => [asked, up]),
        [[1, 1]],
      );
      assert.equal(networkStatus(store, 'office', hourOf(1)).doubt, 'no buffers');
    }));

  test('a scan that fails on its way leaves nothing of itself', () =>
    withStore((store) => {
      scan(store, 0, [upAt(A, 0)]);
      function* breaking(): Generator<ScannedHost> {
        yield upAt(B, 1);
        throw new Error('it broke');
      }
      assert.throws(() => writeOffice(store, 1, breaking()), {
        code: 'INVENTORY_FAILED',
        message: /it broke/,
      });
      assert.deepEqual(latestScan(store, 'office'), hourOf(0));
      assert.equal(listHosts(store, {}).length, 1);
      scan(store, 2, [upAt(A, 2)]);
    }));

  test('a host that is no longer a target is set aside, and is what it was once it is a target again', () =>
    withStore((store) => {
      const states = () =>
        listHosts(store, { states: HOST_STATES }).map(
          ({ address, state }) => `${address} ${state}`,
        );
      scan(store, 0, [upAt(A, 0), silentAt(B, 0), upAt(C, 0)]);
      assert.deepEqual(scan(store, 1, [upAt(A, 1)]), []);
      assert.deepEqual(states(), [`${A} up`, `${B} unasked`, `${C} unasked`]);
      const { hosts } = networkStatus(store, 'office', hourOf(1));
      assert.deepEqual(hosts, { silent: 0, up: 1, missing: 0, gone: 0, unasked: 2 });
      assert.deepEqual(scan(store, 2, [upAt(A, 2), upAt(B, 2), upAt(C, 2)]), [`${B} new`]);
      assert.deepEqual(states(), [`${A} up`, `${B} up`, `${C} up`]);
      scan(store, 3, [upAt(A, 3), upAt(B, 3)]);
      assert.deepEqual(scan(store, 4, [upAt(A, 4), upAt(B, 4), silentAt(C, 4)]), []);
      assert.deepEqual(scan(store, 5, [upAt(A, 5), upAt(B, 5), silentAt(C, 5)]), [`${C} gone`]);
      scan(store, 6, [upAt(A, 6), upAt(B, 6)]);
      assert.deepEqual(states(), [`${A} up`, `${B} up`, `${C} gone`]);
    }));

  for (const [what, values] of [
    ['was stopped early', { partial: true }],
    ['has doubts', { doubts: ['drops'] }],
    ['is a report, or could not resolve a name,', { hasAllTargets: false }],
  ] as const) {
    test(`a scan that ${what} sets no host aside`, () =>
      withStore((store) => {
        scan(store, 0, [upAt(A, 0), upAt(B, 0)]);
        scan(store, 1, [upAt(A, 1)], values);
        assert.equal(networkStatus(store, 'office', hourOf(1)).hosts.up, 2);
      }));
  }

  test('change as much as if all were remembered from one to the next, whatever they find', async () => {
    const mac = (host: number, card: number): string =>
      `00:00:5e:00:53:${(2 * host + card).toString(16).padStart(2, '0')}`;
    const found = fc.record({
      status: fc.constantFrom(
        'up' as const,
        'up' as const,
        'down' as const,
        'unreachable' as const,
      ),
      rttMs: fc.constantFrom(1, 10, 100, 1000),
      card: fc.constantFrom(null, 0, 1),
      name: fc.constantFrom(null, 'a.example', 'b.example'),
      error: fc.constantFrom('host-unreach' as const, 'admin-prohibited' as const),
    });
    type Found = typeof found extends fc.Arbitrary<infer One> ? One : never;
    const sighting = (host: number, n: number, one: Found): ScannedHost => {
      const { status, rttMs, card, name, error } = one;
      const isUp = status === 'up';
      return upAt(`192.0.2.${host + 1}`, n, {
        status,
        reason: isUp ? 'echo-reply' : status === 'down' ? 'no-response' : error,
        rttAvgMs: isUp ? rttMs : null,
        mac: isUp && card !== null ? mac(host, card) : null,
        hostname: name,
      });
    };
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(found, { minLength: 9, maxLength: 9 }), {
          minLength: 1,
          maxLength: 20,
          size: 'max',
        }),
        (hosts) =>
          withStore((store) => {
            const memories = new Map<number, HostMemory>();
            for (let n = 0; n < 9; n++) {
              const expected: string[] = [];
              const rows = hosts.map((each, host) => sighting(host, n, each[n]!));
              rows.forEach((row, host) => {
                const before = memories.get(host);
                const next = withFlapping(remember(before, row, RULES)!, before, RULES);
                memories.set(host, next.memory);
                // A further turn of a host that is flapping only raises the count of the change before.
                const told = next.changes.filter((change) => !isFurtherTurn(change));
                for (const { kind } of told) expected.push(`${row.text} ${kind}`);
              });
              // The first scan is what all others are compared with.
              assert.deepEqual(scan(store, n, rows), n === 0 ? [] : expected);
            }
          }),
      ),
      { numRuns: 5 },
    );
  });

  test('networks have the same address each for itself', () =>
    withStore((store) => {
      const work = { record: recordOf(0), rules: RULES };
      writeScan(store, { ...work, network: 'one', hosts: [upAt(A, 0)] });
      writeScan(store, { ...work, network: 'two', hosts: [silentAt(A, 0)] });
      assert.deepEqual(
        hostHistories(store, upAt(A, 0).key, hourOf(0)).map(({ host }) => [
          host.network,
          host.state,
        ]),
        [
          ['one', 'up'],
          ['two', 'silent'],
        ],
      );
    }));

  test('strangers’ text is text: SQL, quotes and escapes come back as they were', () =>
    withStore((store) => {
      const names = ["'; DROP TABLE hosts; --", '"\u001b[31m', 'x\u0000y', '%_\\', '=1+1'];
      const hosts = names.map((hostname, i) => upAt(`192.0.2.${i}`, 0, { hostname }));
      scan(store, 0, hosts);
      const kept = listHosts(store, {}).map(({ hostname }) => hostname);
      assert.deepEqual(
        kept.filter((_, i) => i !== 2),
        names.filter((_, i) => i !== 2),
      );
      assert.deepEqual(
        listHosts(store, { name: 'DROP table' }).map(({ address }) => address),
        ['192.0.2.0'],
      );
      assert.deepEqual(listHosts(store, { name: '%' }).length, 1);
    }));
});

describe('the file', () => {
  test('is read by others while a scan is being written', () =>
    withStore(async (store) => {
      scan(store, 0, [upAt(A, 0)]);
      const reader = await openStore(store.path);
      function* reading(): Generator<ScannedHost> {
        yield upAt(A, 1);
        yield upAt(B, 1);
        assert.equal(listHosts(reader, {}).length, 1);
      }
      writeOffice(store, 1, reading());
      assert.equal(listHosts(reader, {}).length, 2);
      reader.close();
    }));

  test('is written in steps: the process goes on, readers see what was before, other writers wait', () =>
    withStore(async (store) => {
      scan(store, 0, [upAt(A, 0)]);
      const many = 5000;
      const hosts = Array.from({ length: many }, (_, i) =>
        upAt(`192.0.${i >> 8}.${i & 255}`, 1, { hostname: `host-${i}.example` }),
      );
      const seen: number[] = [];
      const looking = setInterval(() => seen.push(listHosts(store, {}).length), 1);
      const work = { network: 'office', record: recordOf(1), hosts, rules: RULES };
      const order: string[] = [];
      const writing = writeScanInSteps(store, work).then(() => order.push('first'));
      const waiting = writeScanInSteps(store, { ...work, record: recordOf(2) });
      await Promise.all([writing, waiting.then(() => order.push('second'))]);
      clearInterval(looking);
      assert.ok(seen.filter((count) => count === 1).length > 5, `it looked ${seen.length} times`);
      assert.equal(
        seen.every((count) => count === 1 || count === many),
        true,
      );
      assert.deepEqual(order, ['first', 'second']);
      assert.equal(listHosts(store, {}).length, many);
      assert.equal(store.writing, undefined);
    }));

  test('keeps nothing of steps that fail, and can be written again', () =>
    withStore(async (store) => {
      function* breaking(): Generator<ScannedHost> {
        for (let i = 0; i < 2000; i++) yield upAt(`192.0.${i >> 8}.${i & 255}`, 0);
        throw new Error('it broke');
      }
      const work = { network: 'office', record: recordOf(0), rules: RULES };
      await assert.rejects(writeScanInSteps(store, { ...work, hosts: breaking() }), {
        code: 'INVENTORY_FAILED',
        message: /it broke/,
      });
      assert.equal(listHosts(store, {}).length, 0);
      await writeScanInSteps(store, { ...work, hosts: [upAt(A, 0)] });
      assert.equal(listHosts(store, {}).length, 1);
    }));
});

test('a scan of a clock that was ahead is not the latest for ever', () =>
  withStore((store) => {
    scan(store, 24 * 365, [upAt(A, 24 * 365)]);
    scan(store, 1, [upAt(A, 1)]);
    assert.deepEqual(latestScan(store, 'office'), hourOf(1));
    assert.deepEqual(networkStatus(store, 'office', hourOf(2)).lastScan, hourOf(1));
  }));
