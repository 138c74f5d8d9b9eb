/** Requests that are being answered while the configuration is read again. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConfig } from '../../../src/inventory/config/config-file.ts';
import { IN_MEMORY } from '../../../src/inventory/database.ts';
import { openStore, type Store } from '../../../src/inventory/store.ts';
import type { Inventory } from '../../../src/service/inventory.ts';
import { InventoryQuestions } from '../../../src/service/inventory-questions.ts';
import { Served } from './served.ts';

type Configured = Pick<Inventory, 'store' | 'file' | 'networks' | 'questions'>;

const BEFORE = 'networks: { office: { targets: 192.0.2.0/28 } }\n';
const AFTER = 'networks: { lab: { targets: 198.51.100.0/28 } }\n';

/** @param knownHosts settles when questions about known hosts are answered */
async function configured(
  yaml: string,
  knownHosts: Promise<undefined>,
  onQuestion = (): void => {},
): Promise<Configured> {
  const config = parseConfig(yaml, 'echosweep.yaml');
  const file = { path: 'echosweep.yaml', config, resolve: (path: string) => path };
  const store = await openStore(IN_MEMORY);
  const questions = new InventoryQuestions(store, file);
  questions.knownHosts = () => {
    onQuestion();
    return knownHosts;
  };
  return { store, file, networks: config.networks, questions };
}

function isOpen({ database }: Store): boolean {
  try {
    database.prepare('SELECT 1').get();
    return true;
  } catch {
    return false;
  }
}

for (const [path, answered] of [
  ['/api/v1/networks', 'office'],
  ['/api/v1/networks/office/map', '"runs":[]'],
  ['/sd', '['],
] as const) {
  test(`${path} is answered from the configuration and the store that the request found`, async () => {
    let answer = (_: undefined): void => {};
    const knownHosts = new Promise<undefined>((resolve) => {
      answer = resolve;
    });
    let begin = (): void => {};
    const hasBegun = new Promise<void>((resolve) => {
      begin = resolve;
    });
    const first = await configured(BEFORE, knownHosts, () => begin());
    const second = await configured(AFTER, Promise.resolve(undefined));
    let present = first;
    const served = await Served.start({
      parts: {
        get store() {
          return present.store;
        },
        get file() {
          return present.file;
        },
        get networks() {
          return present.networks;
        },
        get questions() {
          return present.questions;
        },
      },
    });
    try {
      const headers = { cookie: await served.signIn() };
      const asked = served.ask(path, { headers });
      await hasBegun;
      first.store.close();
      present = second;
      answer(undefined);
      const { status, text } = await asked;
      assert.equal(status, 200, text);
      assert.ok(text.includes(answered), text);
      assert.deepEqual(served.faults, []);
      assert.equal(isOpen(first.store), false);
      assert.equal(isOpen(second.store), true);
    } finally {
      await served.close();
      second.store.close();
    }
  });
}
