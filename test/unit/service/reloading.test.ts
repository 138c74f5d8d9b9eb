/** A new configuration for a service that runs: when it is read, what it keeps, and one that is invalid. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { hourOf } from '../inventory/samples.ts';
import { heldScan, LAB, OFFICE, serviceOf } from './scripted-service.ts';

describe('reloading', () => {
  test('takes a new configuration up, and keeps requests for networks that it still has', async () => {
    const { service, startUntilIdle, idleAfter, stop, lines, configure } = await serviceOf({
      networks: `${OFFICE}, ${LAB}, attic: { targets: 203.0.113.1 }`,
    });
    await startUntilIdle();
    configure(LAB);
    await idleAfter(() => {
      service.reload();
      service.startScan('attic');
      service.startScan('lab');
    });
    assert.deepEqual(lines().slice(2), [
      'reload-started',
      'reloaded',
      'scan-started lab',
      'scan-ended lab',
    ]);
    assert.deepEqual(
      service.networks.map(({ name }) => name),
      ['lab'],
    );
    assert.equal(service.nextScanAt, undefined);
    await stop();
  });

  test('keeps the previous configuration if the new one is invalid', async () => {
    const { service, startUntilIdle, idleAfter, stop, events, configure } = await serviceOf();
    await startUntilIdle();
    configure('office: { target: 192.0.2.1 }');
    await idleAfter(() => service.reload());
    const [, failed] = events;
    assert.equal(failed?.type === 'reload-failed' && failed.error.code, 'CONFIG_INVALID');
    assert.deepEqual(service.nextScanAt, hourOf(1));
    await stop();
  });

  test('takes a target that is wrong as written for invalid, looking up no name', async () => {
    const { service, startUntilIdle, idleAfter, stop, events, configure, path } = await serviceOf();
    await startUntilIdle();
    for (const [targets, problem] of [
      [
        '192.0.2.0/33',
        'networks.lab.targets: "192.0.2.0/33" needs a prefix length from 0 to 32 after the slash',
      ],
      ['10.0.0.0/11', 'networks.lab: 2097150 addresses are a large sweep (above a /12)'],
    ]) {
      configure(`lab: { targets: ${targets} }`);
      events.length = 0;
      await idleAfter(() => service.reload());
      const failed = events.at(-1);
      assert.equal(failed?.type === 'reload-failed' && failed.error.problem, `${path}: ${problem}`);
    }
    configure('lab: { targets: [no-such.example, 192.0.2.1], exclude: other.example }');
    await idleAfter(() => service.reload());
    assert.equal(events.at(-1)?.type, 'reloaded');
    await stop();
  });

  test('waits for the scan under way', async () => {
    const held = heldScan();
    const { service, start, idleAfter, stop, lines } = await serviceOf({
      hours: 1,
      script: held.script,
    });
    start();
    await held.begun;
    service.reload();
    await idleAfter(held.end);
    assert.deepEqual(lines(), [
      'scan-started office',
      'scan-ended office',
      'reload-started',
      'reloaded',
    ]);
    await stop();
  });
});
