/** Scans on request: their order, and how one is refused, stopped or taken back. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { lockNetwork } from '../../../src/inventory/network-lock.ts';
import { scanNetwork } from '../../../src/scan.ts';
import { hourOf } from '../inventory/samples.ts';
import { HOURLY, heldScan, LAB, OFFICE, serviceOf } from './scripted-service.ts';

describe('on request', () => {
  test('a network is scanned now, without a schedule too', async () => {
    const { service, startUntilIdle, idleAfter, stop, lines } = await serviceOf({
      networks: `${OFFICE}, ${LAB}`,
    });
    await startUntilIdle();
    assert.deepEqual(lines(), []);
    await idleAfter(() => {
      service.startScan('lab');
      assert.deepEqual(service.requestedScans, ['lab']);
    });
    assert.deepEqual(lines(), ['scan-requested lab', 'scan-started lab', 'scan-ended lab']);
    assert.deepEqual([service.requestedScans, service.nextScanAt], [[], hourOf(1)]);
    await stop();
  });

  test('scans come one after the other, in the order of the requests and before what is due', async () => {
    const held = heldScan();
    const { service, start, idleAfter, stop, lines } = await serviceOf({
      networks: `${OFFICE}, ${LAB}, far: { targets: 203.0.113.0/29, ${HOURLY} }`,
      hours: 1,
      script: async (job) => (job.network.name === 'office' ? held.script(job) : undefined),
    });
    start();
    await held.begun;
    service.startScan('lab');
    service.startScan('lab');
    assert.deepEqual(
      service.runningScans.map(({ network }) => network),
      ['office'],
    );
    await idleAfter(held.end);
    assert.deepEqual(
      lines().filter((line) => !line.startsWith('scan-ended')),
      ['scan-started office', 'scan-requested lab', 'scan-started lab', 'scan-started far'],
    );
    await stop();
  });

  test('one that is being scanned, or is not configured, is refused', async () => {
    const held = heldScan();
    const { service, start, stop } = await serviceOf({ hours: 1, script: held.script });
    start();
    await held.begun;
    assert.throws(() => service.startScan('office'), { code: 'INVENTORY_BUSY' });
    assert.throws(() => service.startScan('attic'), { code: 'OPTION_INVALID' });
    await stop();
  });

  test('one that another process scans is a scan that fails', async () => {
    const { service, startUntilIdle, idleAfter, stop, path, events } = await serviceOf({
      networks: LAB,
      script: (job) => scanNetwork(job),
    });
    const lock = await lockNetwork(`${path}.db`, 'lab');
    await startUntilIdle();
    await idleAfter(() => service.startScan('lab'));
    const failed = events.at(-1);
    assert.equal(failed?.type === 'scan-failed' && failed.error.code, 'INVENTORY_BUSY');
    lock.release();
    await stop();
  });

  test('a scan is stopped, and the service goes on; a request is taken back', async () => {
    const held = heldScan();
    const { service, start, idleAfter, stop, events } = await serviceOf({
      networks: `${OFFICE}, ${LAB}`,
      hours: 1,
      script: held.script,
    });
    start();
    await held.begun;
    service.startScan('lab');
    assert.equal(service.stopScan('lab'), true);
    assert.equal(service.stopScan('lab'), false);
    await idleAfter(() => assert.equal(service.stopScan('office'), true));
    const ended = events.at(-1);
    assert.equal(ended?.type === 'scan-ended' && ended.result.run?.partial, true);
    assert.deepEqual(service.runningScans, []);
    await stop();
  });
});
