/** Scans of an inventory at its sites, over one connection. */

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { parseConfig } from '../../../src/inventory/config/config-file.ts';
import { IN_MEMORY } from '../../../src/inventory/database.ts';
import { listHosts } from '../../../src/inventory/host-list.ts';
import { HOST_STATES } from '../../../src/inventory/host-memory.ts';
import { networkStatus } from '../../../src/inventory/network-status.ts';
import { scanNetwork } from '../../../src/scan.ts';
import { timesOf } from '../../../src/sites/coordination.ts';
import { InventorySweeps } from '../../../src/sites/inventory-sweeps.ts';
import { Journal } from '../../../src/sites/journal.ts';
import { withStore } from '../inventory/samples.ts';
import { isUpAt, ScriptedHub } from './scripted-hub.ts';

const CONFIG = parseConfig(
  `sites: { a: {}, b: { deadline: 1 } }
networks:
  a-lan: { targets: 10.0.0.0/29, site: a, sweep: { include-edges: true } }
  b-lan: { targets: 10.0.0.0/29, site: b, sweep: { include-edges: true } }`,
  'c.yaml',
);

const hub = new ScriptedHub();
const journal = await Journal.open(IN_MEMORY);
let opened = 0;
const sweeps = new InventorySweeps('unused', async () => {
  opened++;
  return { broker: hub, journal, times: timesOf(60_000), close: async () => journal.close() };
});
after(() => sweeps.close());

test('a site remembers what its agents found, and one that is silent nothing', () =>
  withStore(async (store) => {
    const [a, b] = CONFIG.networks;
    const work = setInterval(() => {
      const taken = hub.take('a', 'a1');
      if (taken === undefined) return;
      hub.send(taken);
      hub.finish(taken);
    }, 5);
    const scan = (network: typeof a) =>
      scanNetwork(
        { store, network: network!, receivers: CONFIG, signal: new AbortController().signal },
        { sweep: sweeps.at(network!.atSite!) },
      );
    const found = await scan(a);
    clearInterval(work);
    await assert.rejects(scan(b), {
      code: 'BROKER_REFUSED',
      message: /no agent of b was heard of/,
    });
    assert.equal(found.run?.statuses.up, 3);
    assert.deepEqual(
      listHosts(store, { networks: ['a-lan'], states: HOST_STATES }).map(({ state }) => state),
      Array.from({ length: 8 }, (_, i) => (isUpAt('a', 0x0a000000n + BigInt(i)) ? 'up' : 'silent')),
    );
    assert.equal(networkStatus(store, 'b-lan', new Date()).lastScan, null);
    assert.equal(opened, 1);
  }));
