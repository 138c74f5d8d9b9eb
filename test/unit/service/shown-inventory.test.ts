/** An inventory that is shown and not scanned: when it says that there is news. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, type TestContext, test } from 'node:test';
import { parseConfig } from '../../../src/inventory/config/config-file.ts';
import { openStore } from '../../../src/inventory/store.ts';
import type { ServiceEvent } from '../../../src/service/service-events.ts';
import { ShownInventory } from '../../../src/service/shown-inventory.ts';

const folder = mkdtempSync(join(tmpdir(), 'echosweep-test-'));
const CONFIG = 'networks: { office: { targets: [192.0.2.0/24] } }\n';
const LOOK_MS = 2_000;

after(() => rmSync(folder, { recursive: true }));

/** Opens it with timers of the test's own: other files may run in the same process, as under Wine. */
async function shown({ mock }: TestContext, name: string) {
  mock.timers.enable({ apis: ['setInterval'] });
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

test('what another process writes is news once', async (t) => {
  const { inventory, events } = await shown(t, 'news.db');
  t.mock.timers.tick(LOOK_MS);
  assert.deepEqual(events, []);
  const other = await openStore(join(folder, 'news.db'));
  other.database.exec("INSERT INTO networks (name) VALUES ('office')");
  other.close();
  t.mock.timers.tick(3 * LOOK_MS);
  assert.deepEqual(events, ['updated']);
  inventory.close();
});

test('what is closed while it is reloaded stays closed', async (t) => {
  const { inventory, events } = await shown(t, 'closed.db');
  const reloaded = inventory.reload();
  inventory.close();
  await reloaded;
  assert.deepEqual(events, ['reload-started', 'stopped']);
});

test('a database that cannot be read now does not end the process', async (t) => {
  const { inventory, events } = await shown(t, 'away.db');
  inventory.store.database.close();
  t.mock.timers.tick(LOOK_MS);
  assert.deepEqual(events, []);
});
