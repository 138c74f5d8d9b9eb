/** Questions to an inventory, answered from its store at any time. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openStore } from '../../../src/inventory/store.ts';
import { hourOf, upAt, writeOffice } from '../inventory/samples.ts';
import { heldScan, serviceOf } from './scripted-service.ts';

test('questions are answered from the present store, while scans run', async () => {
  const held = heldScan();
  const { service, start, stop, path } = await serviceOf({ hours: 1, script: held.script });
  const store = await openStore(`${path}.db`);
  writeOffice(store, 0, [upAt('192.0.2.1', 0)]);
  writeOffice(store, 1, [upAt('192.0.2.1', 1), upAt('192.0.2.2', 1)]);
  store.close();
  start();
  await held.begun;
  const { questions } = service;
  const [{ network, status, nextScan }] = questions.status() as [
    ReturnType<typeof questions.status>[0],
  ];
  assert.deepEqual([network.name, status.hosts.up, nextScan], ['office', 2, hourOf(2)]);
  assert.deepEqual(
    questions.hosts({}, undefined).map(({ address }) => address),
    ['192.0.2.1', '192.0.2.2'],
  );
  assert.deepEqual(
    questions.changes({ since: hourOf(0) }).map(({ address, kind }) => [address, kind]),
    [['192.0.2.2', 'new']],
  );
  assert.equal(questions.hostHistories(upAt('192.0.2.1', 0).key, hourOf(0)).length, 1);
  assert.equal(questions.networkHistory('office', hourOf(0)).scans, 2);
  assert.match(questions.metrics(), /^echosweep_hosts\{network="office",state="up"\} 2$/m);
  assert.throws(() => questions.status(['attic']), { code: 'OPTION_INVALID' });
  await stop();
});
