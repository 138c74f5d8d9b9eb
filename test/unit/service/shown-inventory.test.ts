/** An inventory that is shown and not scanned: when it says that there is news. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, mock, test } from 'node:test';
import { parseConfig } from '../../../src/inventory/config/config-file.ts';
import { openStore } from '../../../src/inventory/store.ts';
import type { ServiceEvent } from '../../../src/service/service-events.ts';
import { ShownInventory } from '../../../src/service/shown-inventory.ts';

const folder = mkdtempSync(join(tmpdir(), 'echosweep-test-'));
const CONFIG = 'networks: { office: { targets: [192.0.2.0/24] } }\n';
const LOOK_MS = 2_000;

before(() => mock.timers.enable({ apis: ['setInterval'] }));
after(() => {
  mock.timers.reset();
  rmSync(folder, { recursive: true });
});

async function shown(name: string) {
  const config = parseConfig(CONFIG, 'echosweep.yaml');
  const readConfig = async () => ({
    path: 'echosweep.yaml',
    config,
    resolve: () => join(folder, name),
  });
  const inventory = await ShownInventory.open({ readConfig });
  const events: ServiceEvent['type'][] = [];
  inventory.subscribe(({ type }) => events.push(type));
  return { inventory, events };
}

test('what another process writes is news once', async () => {
  const { inventory, events } = await shown('news.db');
  mock.timers.tick(LOOK_MS);
  assert.deepEqual(events, []);
  const other = await openStore(join(folder, 'news.db'));
  other.database.exec("INSERT INTO networks (name) VALUES ('office')");
  other.close();
  mock.timers.tick(3 * LOOK_MS);
  assert.deepEqual(events, ['updated']);
  inventory.close();
});

test('a database that cannot be read now does not end the process', async () => {
  const { inventory, events } = await shown('away.db');
  inventory.store.database.close();
  mock.timers.tick(LOOK_MS);
  assert.deepEqual(events, []);
});
