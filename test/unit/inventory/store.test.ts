/** What the inventory remembers of scans, and what it answers. */

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { listChanges } from '../../../src/inventory/change-list.ts';
import { IN_MEMORY, openDatabase } from '../../../src/inventory/database.ts';
import { type HostHistory, hostHistories, listHosts } from '../../../src/inventory/host-list.ts';
import { CHANGE_KINDS, HOST_STATES } from '../../../src/inventory/host-memory.ts';
import type { ScannedHost } from '../../../src/inventory/host-writer.ts';
import { readKnownHosts } from '../../../src/inventory/known-hosts.ts';
import { networkHistory } from '../../../src/inventory/network-history.ts';
import { lockNetwork } from '../../../src/inventory/network-lock.ts';
import { networkStatus } from '../../../src/inventory/network-status.ts';
import { prune } from '../../../src/inventory/prune.ts';
import {
  latestScan,
  type ScanRecord,
  writeScan,
  writeScanInSteps,
} from '../../../src/inventory/scan-writer.ts';
import { openStore, type Store } from '../../../src/inventory/store.ts';
import { assertPrivate } from '../file-mode.ts';
import { hourOf, RULES, recordOf, silentAt, temporaryFolder, upAt, withStore } from './samples.ts';

const FOLDER = temporaryFolder();

/** Runs `body` with an empty inventory. */
function scan(
  store: Store,
  number: number,
  hosts: readonly ScannedHost[],
  values: Partial<ScanRecord> = {},
): string[] {
  const { changes } = writeScan(store, {
    network: 'office',
    record: recordOf(number, values),
    hosts,
    rules: RULES,
  });
  return changes.map(({ address, kind }) => `${address} ${kind}`);
}

const [A, B, C] = ['192.0.2.1', '192.0.2.2', '2001:db8::3'] as const;

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

  test('where a scan does not trust itself nobody is missed, and who answers is believed', () =>
    withStore((store) => {
      scan(store, 0, [upAt(A, 0), upAt(B, 0)]);
      for (const doubted of [{ doubts: ['drops'] }, { failure: 'no buffers' }]) {
        const hosts = [silentAt(A, 1), upAt(B, 1), upAt(C, 1)];
        writeScan(store, { network: 'office', record: recordOf(1, doubted), hosts, rules: RULES });
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
      assert.throws(
        () =>
          writeScan(store, {
            network: 'office',
            record: recordOf(1),
            hosts: breaking(),
            rules: RULES,
          }),
        {
          code: 'INVENTORY_FAILED',
          message: /it broke/,
        },
      );
      assert.deepEqual(latestScan(store, 'office'), hourOf(0));
      assert.equal(listHosts(store, {}).length, 1);
      scan(store, 2, [upAt(A, 2)]);
    }));

  test('who is not among the targets any more is set aside, and is what it was when asked again', () =>
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
    ['does not trust itself', { doubts: ['drops'] }],
    ['is a report, or could not resolve a name,', { hasAllTargets: false }],
  ] as const) {
    test(`a scan that ${what} sets nobody aside`, () =>
      withStore((store) => {
        scan(store, 0, [upAt(A, 0), upAt(B, 0)]);
        scan(store, 1, [upAt(A, 1)], values);
        assert.equal(networkStatus(store, 'office', hourOf(1)).hosts.up, 2);
      }));
  }

  test('networks have the same address each for itself', () =>
    withStore((store) => {
      writeScan(store, { network: 'one', record: recordOf(0), hosts: [upAt(A, 0)], rules: RULES });
      writeScan(store, {
        network: 'two',
        record: recordOf(0),
        hosts: [silentAt(A, 0)],
        rules: RULES,
      });
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

describe('answers', () => {
  test('hosts: what is known of each, in address order, of those that ever answered', () =>
    withStore((store) => {
      const seen = { hostname: 'a.example', mac: '02:00:00:00:00:01', rttAvgMs: 1.2345 };
      scan(store, 0, [upAt(A, 0, seen), silentAt(B, 0), upAt(C, 0)]);
      scan(store, 1, [silentAt(A, 1), silentAt(B, 1), upAt(C, 1)]);
      scan(store, 2, [silentAt(A, 2), silentAt(B, 2), upAt(C, 2)]);
      const [a, c, ...others] = listHosts(store, {});
      assert.deepEqual(others, []);
      assert.deepEqual(a, {
        network: 'office',
        address: A,
        key: '4c0000201',
        hostname: 'a.example',
        mac: '02:00:00:00:00:01',
        otherMac: null,
        state: 'gone',
        status: 'down',
        reason: 'no-response',
        misses: 2,
        rttMs: 1.235,
        firstSeen: hourOf(0),
        lastSeen: hourOf(0),
        lastChange: hourOf(2),
      });
      assert.deepEqual([c!.address, c!.lastSeen, c!.lastChange], [C, hourOf(2), null]);
      assert.equal(listHosts(store, { states: ['silent'] })[0]!.address, B);
      assert.equal(listHosts(store, { unseenSince: hourOf(1) }).length, 1);
      assert.equal(listHosts(store, { networks: ['other'] }).length, 0);
    }));

  test('a host: days with share and RTT, changes newest first', () =>
    withStore((store) => {
      const rtts = [2, 4, null, null, 6];
      rtts.forEach((rttAvgMs, n) => {
        scan(store, n, [rttAvgMs === null ? silentAt(A, n) : upAt(A, n, { rttAvgMs })]);
      });
      scan(store, 24, [upAt(A, 24, { rttAvgMs: 8 })]);
      const [history] = hostHistories(store, upAt(A, 0).key, hourOf(0));
      assert.deepEqual(history!.days, [
        { day: hourOf(0), asked: 5, up: 3, rttMinMs: 2, rttAvgMs: 4, rttMaxMs: 6 },
        { day: hourOf(24), asked: 1, up: 1, rttMinMs: 8, rttAvgMs: 8, rttMaxMs: 8 },
      ]);
      assert.deepEqual(
        history!.changes.map(({ kind, at }) => [kind, at]),
        [
          ['back', hourOf(4)],
          ['gone', hourOf(3)],
        ],
      );
      assert.deepEqual(hostHistories(store, upAt(B, 0).key, hourOf(0)), []);
    }));

  test('changes since a moment, of some networks and kinds', () =>
    withStore((store) => {
      scan(store, 0, [upAt(A, 0), silentAt(B, 0)]);
      scan(store, 1, [silentAt(A, 1), upAt(B, 1)]);
      scan(store, 2, [silentAt(A, 2), upAt(B, 2)]);
      const told = (since: number, kinds = CHANGE_KINDS, networks?: string[]) =>
        listChanges(store, { since: hourOf(since), kinds, networks }).map(({ kind }) => kind);
      assert.deepEqual(told(0), ['new', 'gone']);
      assert.deepEqual(told(2), ['gone']);
      assert.deepEqual(told(0, ['new']), ['new']);
      assert.deepEqual(told(0, CHANGE_KINDS, ['other']), []);
    }));

  test('a free address gave no sign of life and is not documented', async () => {
    const path = join(FOLDER, 'known.csv');
    writeFileSync(path, `ip\n${A}\n${C}\n192.0.2.200\n`);
    const known = await readKnownHosts(path);
    await withStore((store) => {
      const D = '2001:db8::4';
      const rejected = silentAt(B, 0, {
        status: 'unreachable',
        reason: 'admin-prohibited',
        responder: null,
      });
      scan(store, 0, [upAt(A, 0), rejected, silentAt(C, 0), silentAt(D, 0)], { targets: 4 });
      assert.equal(networkStatus(store, 'office', hourOf(0)).free, 2);
      assert.equal(networkStatus(store, 'office', hourOf(0), known).free, 1);
      assert.equal(networkStatus(store, 'never', hourOf(0), known).free, null);
    });
  });

  test('an address of which no scan has a result is not free', () =>
    withStore((store) => {
      const counts = () => {
        const { targets, unscanned, free } = networkStatus(store, 'office', hourOf(0));
        return [targets, unscanned, free];
      };
      scan(store, 0, [upAt(A, 0), silentAt(B, 0)], { partial: true, targets: 256 });
      assert.deepEqual(counts(), [256, 254, 1]);
      // Of a scan in doubt only the replies are believed.
      scan(store, 1, [upAt(A, 1), silentAt(C, 1)], { doubts: ['drops'], targets: 256 });
      assert.deepEqual(counts(), [256, 254, 1]);
      scan(store, 2, [upAt(A, 2), silentAt(B, 2), silentAt(C, 2)], { targets: 3 });
      assert.deepEqual(counts(), [3, 0, 2]);
    }));

  test('a day’s mean RTT is over the scans that measured one', () =>
    withStore((store) => {
      scan(store, 0, [upAt(A, 0, { rttAvgMs: 4 })]);
      const rejected = { status: 'unreachable', reason: 'port-unreach', responder: null } as const;
      scan(store, 1, [silentAt(A, 1, rejected)]);
      const [{ days }] = hostHistories(store, upAt(A, 0).key, hourOf(0)) as [HostHistory];
      assert.deepEqual(
        days.map(({ up, rttAvgMs }) => [up, rttAvgMs]),
        [[2, 4]],
      );
      const { rttUsByDay } = networkHistory(store, 'office', hourOf(0), hourOf(1));
      assert.deepEqual(rttUsByDay, [4000]);
    }));

  test('a network: hosts by state and what is new, not counting the first scan', () =>
    withStore((store) => {
      scan(store, 0, [upAt(A, 0), silentAt(B, 0)]);
      scan(store, 1, [silentAt(A, 1), upAt(B, 1)]);
      const status = networkStatus(store, 'office', hourOf(2));
      assert.deepEqual(status, {
        network: 'office',
        lastScan: hourOf(1),
        lastScanMs: 1500,
        doubt: null,
        partial: false,
        targets: 3,
        hosts: { silent: 0, up: 1, missing: 1, gone: 0, unasked: 0 },
        unscanned: 1,
        free: 0,
        conflicts: 0,
        newHosts: 1,
      });
      assert.equal(networkStatus(store, 'office', hourOf(24 * 8)).newHosts, 0);
      assert.equal(networkStatus(store, 'never', hourOf(2)).lastScan, null);
    }));
});

describe('the file', () => {
  test('and what SQLite puts beside it are their owner’s alone', () =>
    withStore(async (store) => {
      scan(store, 0, [upAt(A, 0)]);
      const lock = await lockNetwork(store.path, 'office');
      const folder = dirname(store.path);
      const beside = readdirSync(folder).filter((name) =>
        join(folder, name).startsWith(store.path),
      );
      assert.ok(beside.length >= 4, beside.join());
      for (const name of beside) {
        assertPrivate(join(folder, name));
      }
      lock.release();
    }));

  test('is read by others while a scan is being written', () =>
    withStore(async (store) => {
      scan(store, 0, [upAt(A, 0)]);
      const reader = await openStore(store.path);
      function* reading(): Generator<ScannedHost> {
        yield upAt(A, 1);
        yield upAt(B, 1);
        assert.equal(listHosts(reader, {}).length, 1);
      }
      writeScan(store, { network: 'office', record: recordOf(1), hosts: reading(), rules: RULES });
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

  test('of a newer echosweep is left alone', async () => {
    const path = join(FOLDER, 'newer.db');
    const database = await openDatabase(path, 0);
    database.exec('PRAGMA user_version = 1000');
    database.close();
    await assert.rejects(openStore(path), {
      code: 'INVENTORY_FAILED',
      message: /newer\.db was written by a newer echosweep: update echosweep/,
    });
  });

  test('that is no database, or in no folder, is said to be so', async () => {
    const path = join(FOLDER, 'text.db');
    writeFileSync(path, 'hello '.repeat(1000));
    await assert.rejects(openStore(path), { code: 'INVENTORY_FAILED', message: /text\.db/ });
    await assert.rejects(openStore(join(FOLDER, 'no', 'x.db')), { code: 'INVENTORY_FAILED' });
  });

  test('keeps what is young, the scan to compare with, and the hosts that are not gone', () =>
    withStore((store) => {
      scan(store, 0, [upAt(A, 0), upAt(B, 0)]);
      scan(store, 1, [silentAt(A, 1), upAt(B, 1)]);
      scan(store, 2, [silentAt(A, 2), upAt(B, 2)]);
      const { scans, changes, hosts } = prune(store, { days: 30 }, hourOf(24 * 60));
      assert.deepEqual({ scans, changes, hosts }, { scans: 2, changes: 1, hosts: 1 });
      assert.deepEqual(
        listHosts(store, {}).map(({ address }) => address),
        [B],
      );
      assert.deepEqual(hostHistories(store, upAt(B, 0).key, hourOf(0))[0]!.days, []);
      assert.deepEqual(scan(store, 24 * 60, [upAt(A, 24 * 60)]), [`${A} new`]);
    }));
});

test('prune forgets who is not asked any more, and keeps who nobody could have seen', () =>
  withStore((store) => {
    scan(store, 0, [upAt(A, 0), upAt(B, 0)]);
    scan(store, 24, [upAt(B, 24)], { partial: true });
    assert.equal(prune(store, { days: 30 }, hourOf(24 * 60)).hosts, 0);
    scan(store, 24 * 59, [upAt(B, 24 * 59)]);
    assert.equal(prune(store, { days: 90 }, hourOf(24 * 60)).hosts, 0);
    assert.equal(prune(store, { days: 30 }, hourOf(24 * 60)).hosts, 1);
    assert.deepEqual(
      listHosts(store, {}).map(({ address }) => address),
      [B],
    );
  }));

test('prune forgets a network that is scanned no more, once it is old enough', () =>
  withStore((store) => {
    scan(store, 0, [upAt(A, 0), silentAt(B, 0)]);
    const networks = ['elsewhere'];
    assert.equal(prune(store, { days: 30, networks }, hourOf(24)).hosts, 1);
    assert.equal(prune(store, { days: 30, networks }, hourOf(24 * 60)).hosts, 1);
    assert.deepEqual(listHosts(store, { states: HOST_STATES }), []);
  }));

test('a scan of a clock that was ahead is not the latest for ever', () =>
  withStore((store) => {
    scan(store, 24 * 365, [upAt(A, 24 * 365)]);
    scan(store, 1, [upAt(A, 1)]);
    assert.deepEqual(latestScan(store, 'office'), hourOf(1));
    assert.deepEqual(networkStatus(store, 'office', hourOf(2)).lastScan, hourOf(1));
  }));

describe('a damaged file', () => {
  const PAGE_OCTETS = 4096;

  test('is told in a line with what to do, whatever is asked', () =>
    withStore(async (store) => {
      scan(store, 0, [upAt(A, 0)]);
      store.database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
      const path = join(FOLDER, 'damaged.db');
      const octets = readFileSync(store.path);
      const pages = store.database.prepare('SELECT rootpage FROM sqlite_master WHERE rootpage > 0');
      for (const { rootpage } of pages.all()) {
        octets.fill(0x5a, (Number(rootpage) - 1) * PAGE_OCTETS, Number(rootpage) * PAGE_OCTETS);
      }
      writeFileSync(path, octets);
      const damaged = await openStore(path);
      const refusal = { code: 'INVENTORY_FAILED', message: /malformed\): put a copy in its place/ };
      const questions: readonly (() => unknown)[] = [
        () => networkStatus(damaged, 'office', hourOf(0)),
        () => listHosts(damaged, {}),
        () => hostHistories(damaged, upAt(A, 0).key, hourOf(0)),
        () => listChanges(damaged, { since: hourOf(0), kinds: CHANGE_KINDS }),
        () => latestScan(damaged, 'office'),
        () => prune(damaged, { days: 1 }, hourOf(48)),
        () => scan(damaged, 1, [upAt(A, 1)]),
      ];
      try {
        for (const ask of questions) assert.throws(ask, refusal, String(ask));
      } finally {
        damaged.close();
      }
    }));
});

describe('a network’s lock', () => {
  test('keeps others out until it is released, and no other network', async () => {
    const path = join(FOLDER, 'locked.db');
    const lock = await lockNetwork(path, 'office');
    await assert.rejects(lockNetwork(path, 'office'), {
      code: 'INVENTORY_BUSY',
      // Linux alone shows who it is; Wine shows the files of Linux.
      message: existsSync('/proc/locks')
        ? /^office is being scanned already by process \d+: wait until that scan is done$/
        : /^office is being scanned already: wait until that scan is done$/,
    });
    (await lockNetwork(path, 'lab')).release();
    lock.release();
    (await lockNetwork(path, 'office')).release();
  });

  test('makes no file if the inventory is in memory: Windows has no file names with colons', async () => {
    (await lockNetwork(IN_MEMORY, 'office')).release();
    assert.deepEqual(
      readdirSync('.').filter((name) => name.startsWith(IN_MEMORY)),
      [],
    );
  });
});
