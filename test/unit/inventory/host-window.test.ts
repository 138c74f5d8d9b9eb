/** Windows of hosts: any order is that of a plain sort, and no question keeps the process for long. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseAddress } from '../../../src/address.ts';
import { addressStates, stripOf } from '../../../src/inventory/address-cells.ts';
import { addressMap } from '../../../src/inventory/address-map.ts';
import { listHosts } from '../../../src/inventory/host-list.ts';
import { HOST_STATES } from '../../../src/inventory/host-memory.ts';
import { readSearch } from '../../../src/inventory/host-search.ts';
import { type HostOrder, hostOrder, macPart, SORTS } from '../../../src/inventory/host-window.ts';
import { networkSnapshot } from '../../../src/inventory/network-snapshot.ts';
import { networkSummary } from '../../../src/inventory/network-summary.ts';
import { writeScan } from '../../../src/inventory/scan-writer.ts';
import { sortedInSteps } from '../../../src/inventory/sorted-in-steps.ts';
import type { Store } from '../../../src/inventory/store.ts';
import { unscannedRuns } from '../../../src/inventory/unscanned-runs.ts';
import type { AddressRange } from '../../../src/results/block-targets.ts';
import { hourOf, RULES, recordOf, silentAt, upAt, withStore, writeOffice } from './samples.ts';

function range(first: string, count: number): AddressRange {
  const { family, value } = parseAddress(first)!;
  return { family, first: value, last: value + BigInt(count - 1), zone: '' };
}

const NOTHING = { known: undefined, noted: new Set<string>() };

function scan(store: Store, n: number, hosts: number): void {
  writeScan(store, {
    network: 'office',
    record: recordOf(n),
    hosts: Array.from({ length: hosts }, (_, i) => {
      const address = `10.0.${i >> 8}.${i & 255}`;
      if (i % 7 === 0) return silentAt(address, n);
      return upAt(address, n, {
        hostname: i % 3 === 0 ? null : `host-${(i * 31) % 97}`,
        mac: i % 5 === 0 ? null : `00:00:5e:00:53:${(i & 255).toString(16).padStart(2, '0')}`,
        rttAvgMs: (i * 17) % 101,
      });
    }),
    rules: RULES,
  });
}

describe('a snapshot', () => {
  test('has all hosts of the network as the list has them, in address order', () =>
    withStore(async (store) => {
      scan(store, 0, 1300);
      const snapshot = await networkSnapshot(store, 'office');
      const hosts = Array.from({ length: snapshot.size }, (_, place) => snapshot.hostAt(place));
      assert.deepEqual(hosts, listHosts(store, { states: HOST_STATES }));
    }));

  test('is the same until the next scan, for everybody who asks', () =>
    withStore(async (store) => {
      scan(store, 0, 10);
      const [one, other] = await Promise.all([
        networkSnapshot(store, 'office'),
        networkSnapshot(store, 'office'),
      ]);
      assert.equal(one, other);
      scan(store, 1, 12);
      assert.equal((await networkSnapshot(store, 'office')).size, 12);
      assert.equal((await networkSnapshot(store, 'nowhere')).size, 0);
    }));

  test('is kept however large it is, and makes those go that were not looked at for longest', () =>
    withStore(async (store) => {
      for (const [network, count] of [
        ['large', 9],
        ['small', 1],
        ['other', 1],
      ] as const) {
        const hosts = Array.from({ length: count }, (_, i) => upAt(`10.0.0.${i}`, 0));
        writeScan(store, { network, record: recordOf(0), hosts, rules: RULES });
      }
      const look = (network: string) => networkSnapshot(store, network, 3);
      const [small, other] = [await look('small'), await look('other')];
      assert.equal(await look('small'), small);
      const large = await look('large');
      assert.equal(await look('large'), large);
      assert.notEqual(await look('other'), other);
      assert.notEqual(await look('large'), large);
    }));

  test('that could not be read is read again the next time', () =>
    withStore(async (store) => {
      scan(store, 0, 10);
      let isBroken = true;
      const prepare: Store['database']['prepare'] = (sql) => {
        if (isBroken && sql.includes('json_group_array')) throw new Error('disk I/O error');
        return store.database.prepare(sql);
      };
      const failing = { ...store, database: { ...store.database, prepare } };
      await assert.rejects(networkSnapshot(failing, 'office'), /disk I\/O error/);
      isBroken = false;
      assert.equal((await networkSnapshot(failing, 'office')).size, 10);
    }));

  test('has a conflict at an address for as long as its host is a target and not gone', () =>
    withStore(async (store) => {
      const [gone, left, other] = ['192.0.2.1', '192.0.2.2', '192.0.2.3'];
      const twice = { mac: '00:00:5e:00:53:01', otherMac: '00:00:5e:00:53:02' };
      const scans = [
        [upAt(gone, 0, twice), upAt(left, 0, twice), upAt(other, 0)],
        [silentAt(gone, 1), upAt(left, 1, twice), upAt(other, 1)],
        [silentAt(gone, 2), upAt(other, 2)],
      ];
      const conflicts: boolean[][] = [];
      for (const [n, hosts] of scans.entries()) {
        writeOffice(store, n, hosts);
        const snapshot = await networkSnapshot(store, 'office');
        conflicts.push([0, 1, 2].map((place) => snapshot.isConflictAt(place)));
      }
      assert.deepEqual(conflicts, [
        [true, true, false],
        [true, true, false],
        [false, false, false],
      ]);
    }));
});

describe('an order', () => {
  test('has every host once in any order, and those without a value last', () =>
    withStore(async (store) => {
      scan(store, 0, 3000);
      const snapshot = await networkSnapshot(store, 'office');
      for (const sort of SORTS) {
        for (const isDescending of [false, true]) {
          const places = [...(await hostOrder(snapshot, { sort, isDescending }))];
          assert.equal(new Set(places).size, 3000, sort);
          if (sort !== 'hostname') continue;
          const names = places.map((place) => snapshot.columns.hostname[place]!);
          const named = names.filter((name) => name !== null);
          assert.deepEqual(names.slice(0, named.length), named);
          const sorted = [...named].sort();
          assert.deepEqual(named, isDescending ? sorted.reverse() : sorted);
        }
      }
    }));

  test('has the hosts that are wanted, and no others', () =>
    withStore(async (store) => {
      const [printer, other, six, silent] = ['192.0.2.1', '192.0.2.21', '2001:db8::1', '192.0.2.3'];
      writeOffice(store, 0, [
        upAt(printer, 0, { hostname: 'Printer.example', mac: '00:00:5e:00:53:01' }),
        upAt(other, 0, { mac: '00:00:5e:00:53:21', otherMac: '02:00:00:00:ab:cd' }),
        upAt(six, 0, { mac: '00:00:0c:00:00:07' }),
        silentAt(silent, 0),
      ]);
      const snapshot = await networkSnapshot(store, 'office');
      const after = (ms: number): Date => new Date(hourOf(0).getTime() + ms);
      const keysOf = (address: string) => new Set([upAt(address, 0).key]);
      const all = [printer, silent, other, six];
      const cases: [Partial<HostOrder>, string[]][] = [
        [{}, all],
        [{ isDescending: true }, all.toReversed()],
        [{ text: '' }, all],
        [{ text: 'PRINT' }, [printer]],
        [{ text: '192.0.2.2' }, [other]],
        [{ text: '2001:DB8:0:0::1' }, [six]],
        [{ text: '0000.5e00' }, [printer, other]],
        [{ text: 'AB-CD' }, [other]],
        [{ text: 'CISCO' }, [six]],
        [{ text: 'rack' }, []],
        [{ text: 'rack', textKeys: keysOf(silent) }, [silent]],
        [{ text: 'rack', textKeys: keysOf(six) }, [six]],
        [{ keys: keysOf(other) }, [other]],
        [{ keys: keysOf(silent) }, [silent]],
        [{ unseenSince: after(0) }, []],
        [{ unseenSince: after(1) }, [printer, other, six]],
        [{ isConflict: true }, [other]],
        [{ isConflict: false }, all],
        [{ states: ['silent', 'gone'] }, [silent]],
        [{ states: ['up'], text: '192' }, [printer, other]],
      ];
      for (const [order, wanted] of cases) {
        const places = await hostOrder(snapshot, {
          sort: 'address',
          isDescending: false,
          ...order,
        });
        const found = [...places].map((place) => snapshot.hostAt(place).address);
        assert.deepEqual(found, wanted, JSON.stringify(order));
      }
    }));

  test('by round-trip time has those of hosts that are up first', () =>
    withStore(async (store) => {
      const [first, second, third] = ['192.0.2.1', '192.0.2.2', '192.0.2.3'];
      for (const n of [0, 1]) {
        writeOffice(store, n, [
          n === 0 ? upAt(first, n, { rttAvgMs: 1 }) : silentAt(first, n),
          upAt(second, n, { rttAvgMs: 5 }),
          upAt(third, n, { rttAvgMs: 3 }),
        ]);
      }
      const snapshot = await networkSnapshot(store, 'office');
      for (const [isDescending, wanted] of [
        [false, [third, second, first]],
        [true, [second, third, first]],
      ] as const) {
        const places = await hostOrder(snapshot, { sort: 'rtt_ms', isDescending });
        assert.deepEqual(
          [...places].map((place) => snapshot.hostAt(place).address),
          wanted,
        );
      }
    }));

  test('is worked out once, and the twelve latest are kept', () =>
    withStore(async (store) => {
      scan(store, 0, 10);
      const snapshot = await networkSnapshot(store, 'office');
      const orderOf = (text: string) =>
        hostOrder(snapshot, { text, sort: 'address', isDescending: false });
      const first = orderOf('0');
      for (let i = 1; i <= 11; i++) await orderOf(String(i));
      assert.equal(orderOf('0'), first);
      for (let i = 12; i <= 22; i++) await orderOf(String(i));
      assert.equal(orderOf('0'), first);
      for (let i = 23; i <= 34; i++) await orderOf(String(i));
      assert.notEqual(orderOf('0'), first);
    }));

  test('sorted in steps is that of a stable sort', async () => {
    const values = Array.from({ length: 20_000 }, (_, i) => (i * 7919) % 1000);
    const compare = (a: number, b: number): number => values[a]! - values[b]!;
    const places = Uint32Array.from(values.keys());
    assert.deepEqual([...(await sortedInSteps(places, compare))], [...places].sort(compare));
  });
});

describe('a map', () => {
  test('has runs without gaps, and leaves out what is no longer a target', () =>
    withStore(async (store) => {
      const hosts = ['192.0.2.1', '192.0.2.2', '192.0.2.9', '2001:db8::ffff', '2001:db8::1:0'];
      for (const n of [0, 1]) {
        writeScan(store, {
          network: 'office',
          record: recordOf(n),
          hosts: hosts.slice(n).map((address) => upAt(address, n)),
          rules: RULES,
        });
      }
      const snapshot = await networkSnapshot(store, 'office');
      const states = addressStates(snapshot, NOTHING, hourOf(5).getTime());
      const { runs, cells, total } = await addressMap(snapshot, states, []);
      assert.deepEqual(runs, [
        { first: '192.0.2.2', count: 1 },
        { first: '192.0.2.9', count: 1 },
        { first: '2001:db8::ffff', count: 2 },
      ]);
      assert.deepEqual([cells.length, total], [4, 4]);
    }));

  test('has what no scan has a result of between the hosts, in the strip too', () =>
    withStore(async (store) => {
      writeScan(store, {
        network: 'office',
        record: recordOf(0, { partial: true, targets: 12 }),
        hosts: ['192.0.2.1', '192.0.2.2', '192.0.2.5'].map((address) => upAt(address, 0)),
        rules: RULES,
      });
      let lookups = 0;
      const targets = async (): Promise<AddressRange[]> => {
        lookups++;
        return [range('192.0.2.0', 8), range('198.51.100.7', 1), range('2001:db8::', 3)];
      };
      const { unscanned, status, strip } = await networkSummary(
        store,
        'office',
        hourOf(1),
        undefined,
        targets,
      );
      assert.deepEqual([status.unscanned, status.free], [9, 0]);
      const snapshot = await networkSnapshot(store, 'office');
      const states = addressStates(snapshot, NOTHING, hourOf(5).getTime());
      const map = await addressMap(snapshot, states, unscanned);
      assert.deepEqual(map.runs, [
        { first: '192.0.2.0', count: 8 },
        { first: '198.51.100.7', count: 1 },
        { first: '2001:db8::', count: 3 },
      ]);
      const drawn = [0, 3, 3, 0, 0, 3, 0, 0, 0, 0, 0, 0];
      assert.deepEqual([[...map.states], map.total], [drawn, drawn.length]);
      assert.equal(map.cells.filter((code) => code !== 0).length, 3);
      assert.deepEqual([...strip], drawn);
      const hosts = Array.from({ length: 8 }, (_, i) => silentAt(`192.0.2.${i}`, 1));
      writeOffice(store, 1, hosts, { targets: 8 });
      const whole = await networkSummary(store, 'office', hourOf(2), undefined, targets);
      assert.deepEqual([whole.unscanned, whole.status.unscanned, lookups], [[], 0, 1]);
    }));

  test('knows what no scan has a result of by the targets of now, without zones and hosts outside of them', () =>
    withStore(async (store) => {
      const hosts = ['10.0.0.1', '10.0.0.10', '10.0.0.11', 'fe80::1%eth0'];
      writeOffice(
        store,
        0,
        [...hosts, '10.0.0.20'].map((address) => upAt(address, 0)),
      );
      writeOffice(
        store,
        1,
        hosts.map((address) => upAt(address, 1)),
      );
      const snapshot = await networkSnapshot(store, 'office');
      const runsIn = async (ranges: readonly AddressRange[]) => {
        const runs = await unscannedRuns(snapshot, { unscanned: 1 }, async () => ranges);
        return runs.map(({ first, count, before }) => [first, count, before]);
      };
      const zoned = { ...range('fe80::', 8), zone: 'eth0' };
      // 10.0.0.20 is no target of the latest scan.
      assert.deepEqual(await runsIn([range('10.0.0.8', 16), zoned, range('fe80::', 8)]), [
        ['10.0.0.8', 2, 1],
        ['10.0.0.12', 12, 4],
        ['fe80::', 8, 5],
      ]);
      assert.deepEqual(await runsIn([range('10.0.0.0', 2)]), [['10.0.0.0', 1, 0]]);
      for (const unscanned of [0, null]) {
        const none = await unscannedRuns(snapshot, { unscanned }, () => assert.fail('looked up'));
        assert.deepEqual(none, []);
      }
    }));

  test('of more addresses than can be drawn one by one counts the unscanned ones too', () =>
    withStore(async (store) => {
      writeOffice(store, 0, [upAt('10.0.0.0', 0), silentAt('10.0.128.0', 0)], {
        partial: true,
        targets: 2 ** 17,
      });
      const targets = async () => [range('10.0.0.0', 2 ** 17)];
      const now = hourOf(1);
      const { unscanned, strip } = await networkSummary(store, 'office', now, undefined, targets);
      const snapshot = await networkSnapshot(store, 'office');
      const states = addressStates(snapshot, NOTHING, hourOf(5).getTime());
      const { total, cells } = await addressMap(snapshot, states, unscanned);
      assert.deepEqual([total, cells.length], [2 ** 17, 65_536]);
      assert.deepEqual([strip.length, strip[0], strip[1], strip[64]], [256, 3, 0, 0]);
    }));

  test('becomes a strip of the most common state of each share but free', () => {
    assert.deepEqual([...stripOf(Uint8Array.of(1, 3, 6, 1, 1), 3)], [3, 6, 1]);
    assert.deepEqual([...stripOf(Uint8Array.of(3, 6, 3, 1, 6, 5, 0, 0, 0), 3)], [3, 6, 0]);
    assert.deepEqual([...stripOf(Uint8Array.of(1, 3), 256)], [1, 3]);
    assert.equal(stripOf(new Uint8Array(65_536), 256).length, 256);
  });
});

describe('a search', () => {
  for (const [text, kind] of [
    ['192.0.2.1', 'address'],
    ['2001:DB8::1', 'address'],
    ['00:00:5e', 'mac'],
    ['0000.5e00', 'mac'],
    ['00005e', 'mac'],
    ['cafe', 'text'],
    ['printer-2', 'text'],
    ['free', 'free'],
    ['free in Office', 'free'],
    ['free office', 'free'],
    ['free in nowhere', 'text'],
    ['unseen 90d', 'unseen'],
    ['unseen 7 days in lab', 'unseen'],
    ['unseen', 'text'],
  ] as const) {
    test(`takes ${text} for ${kind}`, () => {
      assert.equal(readSearch(text, ['office', 'lab']).kind, kind);
    });
  }

  test('takes any writing of a part of a MAC address', () => {
    for (const text of ['00:00:5E', '00-00-5e', '0000.5e', '00005e', '00 00 5e']) {
      assert.equal(macPart(text), '00005e');
    }
    for (const text of ['00:0', 'host', '00:00:5e:00:53:01:02'])
      assert.equal(macPart(text), undefined);
  });
});
