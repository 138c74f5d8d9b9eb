/** An inventory kept without a terminal: scans by schedule, what follows a scan, its events and its end. */

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { EchosweepError } from '../../../src/errors.ts';
import { openStore } from '../../../src/inventory/store.ts';
import { hourOf, upAt, writeOffice } from '../inventory/samples.ts';
import { heldScan, serviceOf } from './scripted-service.ts';

describe('by schedule', () => {
  test('a network is scanned when it is due, and its scans are events', async () => {
    const { service, startUntilIdle, stop, lines, events } = await serviceOf({ hours: 2 });
    await startUntilIdle();
    assert.deepEqual(lines(), [
      'scan-started office',
      'scan-ended office',
      'scan-started office',
      'scan-ended office',
    ]);
    const [first] = events;
    assert.deepEqual(first?.type === 'scan-started' && first.startedAt, hourOf(1));
    assert.deepEqual(service.nextScanAt, hourOf(3));
    assert.equal(service.problem, undefined);
    await stop();
    assert.equal(lines().at(-1), 'stopped');
  });

  test('a scan that fails is an event, and a problem until the next one succeeds', async () => {
    let scans = 0;
    const { service, startUntilIdle, idleAfter, stop, lines, events } = await serviceOf({
      hours: 1,
      script: async () => {
        if (scans++ === 0) throw new EchosweepError('NO_ENGINE', 'no engine works', 'be root');
        return undefined;
      },
    });
    await startUntilIdle();
    assert.deepEqual(lines(), ['scan-started office', 'scan-failed office']);
    assert.equal(events[1]?.type === 'scan-failed' && events[1].error.code, 'NO_ENGINE');
    assert.match(service.problem!, /^office: no engine works/);
    await idleAfter(() => service.startScan('office'));
    assert.equal(service.problem, undefined);
    await stop();
  });

  test('a fault of our own ends the service: it is no scan that failed', async () => {
    const { service } = await serviceOf({
      hours: 1,
      script: async () => {
        throw new TypeError('a fault');
      },
    });
    await assert.rejects(service.run(), TypeError);
  });
});

describe('once a day', () => {
  /** The changes that are left by a service whose inventory was scanned years ago, and on these days before now. */
  async function changesLeft(daysBefore: readonly number[]): Promise<number> {
    const { startUntilIdle, stop, path } = await serviceOf({ hours: 1 });
    const store = await openStore(`${path}.db`);
    const old = -24 * 365 * 4;
    writeOffice(store, old, [upAt('192.0.2.1', old)]);
    writeOffice(store, old + 1, [upAt('192.0.2.1', old), upAt('192.0.2.2', old)]);
    for (const days of daysBefore) writeOffice(store, -24 * days, [upAt('192.0.2.1', -24 * days)]);
    await startUntilIdle();
    await stop();
    const { changes } = store.database.prepare('SELECT count(*) AS changes FROM changes').get()!;
    store.close();
    return Number(changes);
  }

  test('what is old is forgotten', async () => {
    assert.equal(await changesLeft([10]), 0);
  });

  test('nothing is forgotten if the clock may be years ahead', async () => {
    assert.equal(await changesLeft([]), 1);
  });
});

test('progress and names that do not resolve are events of the scan', async () => {
  const progress = { targets: 6, done: 3, up: 1, sent: 3, received: 1, elapsedMs: 1, ratePps: 3 };
  const seen: unknown[] = [];
  const { service, startUntilIdle, stop, events } = await serviceOf({
    hours: 1,
    script: async ({ onProgress, onUnresolved }) => {
      onUnresolved?.([
        { name: 'gone.example', where: 'networks.office.targets', reason: 'does not resolve' },
      ]);
      seen.push(service.runningScans[0]?.progress);
      onProgress?.(progress);
      seen.push(service.runningScans[0]?.progress);
      return undefined;
    },
  });
  await startUntilIdle();
  assert.deepEqual(seen, [undefined, progress]);
  assert.deepEqual(
    events.map(({ type }) => type),
    ['scan-started', 'names-unresolved', 'scan-progress', 'scan-ended'],
  );
  await stop();
});

describe('stopping', () => {
  test('ends the scan under way, keeps it, and closes the store', async () => {
    const held = heldScan();
    const { start, stop, lines } = await serviceOf({ hours: 1, script: held.script });
    start();
    const { store } = await held.begun;
    await stop();
    assert.deepEqual(lines(), ['scan-started office', 'scan-ended office', 'stopped']);
    assert.throws(
      () => store.database.prepare('SELECT 1').get(),
      /database (connection )?is not open/,
    );
  });

  test('is possible before it runs, and twice', async () => {
    const { service, lines } = await serviceOf({ hours: 5 });
    service.stop();
    service.stop();
    await service.run();
    assert.deepEqual(lines(), ['stopped']);
  });
});

describe('after a scan', () => {
  test('the metrics file is written, and one that cannot be is a problem', async () => {
    const { startUntilIdle, stop, path } = await serviceOf({
      hours: 1,
      more: 'metrics-file: metrics.prom',
    });
    await startUntilIdle();
    await stop();
    const metrics = readFileSync(join(dirname(path), 'metrics.prom'), 'utf8');
    assert.match(metrics, /^# HELP echosweep_hosts/);
    assert.ok(existsSync(path));

    const broken = await serviceOf({ hours: 1, more: 'metrics-file: nowhere/metrics.prom' });
    await broken.startUntilIdle();
    await broken.stop();
    assert.deepEqual(broken.lines(), [
      'scan-started office',
      'scan-ended office',
      'problem',
      'stopped',
    ]);
    assert.match(broken.service.problem!, /^office: cannot write/);
  });

  test('what is older than keep-days is forgotten', async () => {
    const { startUntilIdle, stop, path } = await serviceOf({
      hours: 24 * 3,
      more: 'keep-days: 1',
    });
    const store = await openStore(`${path}.db`);
    for (const hour of [0, 1]) {
      writeOffice(store, hour, [upAt('192.0.2.1', hour)]);
    }
    await startUntilIdle();
    const { scans } = store.database.prepare('SELECT count(*) AS scans FROM scans').get()!;
    // The latest stays, for the next to be compared with.
    assert.equal(Number(scans), 1);
    store.close();
    await stop();
  });
});

test('a listener that ends its subscription hears nothing more', async () => {
  const { service, startUntilIdle, stop } = await serviceOf({ hours: 1 });
  const heard: string[] = [];
  const end = service.subscribe(({ type }) => {
    heard.push(type);
    end();
  });
  await startUntilIdle();
  await stop();
  assert.deepEqual(heard, ['scan-started']);
});
