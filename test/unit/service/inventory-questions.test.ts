/** Questions to an inventory, answered from its store at any time. */

import assert from 'node:assert/strict';
import { utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readConfig } from '../../../src/inventory/config/config-file.ts';
import { openStore } from '../../../src/inventory/store.ts';
import { InventoryQuestions } from '../../../src/service/inventory-questions.ts';
import { hourOf, temporaryFolder, upAt, withStore, writeOffice } from '../inventory/samples.ts';
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

test('known hosts that could not be read are read again, though their file has its size and time', () =>
  withStore(async (store) => {
    const folder = temporaryFolder();
    const [config, known] = [join(folder, 'echosweep.yaml'), join(folder, 'known.csv')];
    writeFileSync(
      config,
      'known-hosts: known.csv\nnetworks: { office: { targets: 192.0.2.0/29 } }\n',
    );
    const write = (text: string): void => {
      writeFileSync(known, text);
      utimesSync(known, hourOf(0), hourOf(0));
    };
    const questions = new InventoryQuestions(store, await readConfig(config));
    write('addressX\n192.0.2.1\n');
    await assert.rejects(questions.knownHosts(), { code: 'REPORT_INVALID' });
    write('address \n192.0.2.1\n');
    assert.equal((await questions.knownHosts())?.byKey.size, 1);
    assert.equal(await questions.knownHosts(), await questions.knownHosts());
  }));
