/** No option is without effect: sweeps read every setting that the table of options has. */

import assert from 'node:assert/strict';
import { parseAddress } from '../../src/address.ts';
import { OPTIONS } from '../../src/options.ts';
import { resolveSettings, type SweepOptions, type SweepSettings } from '../../src/settings.ts';
import { runSweep } from '../../src/sweep.ts';
import type { TargetSet } from '../../src/targets/target-set.ts';
import { LAB } from './address-plan.ts';
import { labTest } from './lab-test.ts';

/** Options that are read before there are settings, or have settings of other names, which a reader must know to compile. */
const NO_SETTINGS = [
  ...['exclude', 'includeEdges', 'firstAddress', 'allowLarge'],
  ...['ipv4', 'ipv6', 'source', 'tcp', 'rdns'],
];
/** Between them they use every option. */
const SWEEPS: readonly Partial<SweepOptions>[] = [
  { order: 'random', rdns: true, dnsServer: '127.0.0.1', tcp: [9], retries: 0 },
  { order: 'random', send: 'link', count: 2, periodMs: 1, canary: false },
];

labTest('sweeps read every setting', async () => {
  const read = new Set<string>();
  const { value } = parseAddress(LAB.router4)!;
  for (const options of SWEEPS) {
    const targets: TargetSet = {
      ranges: [{ family: 4, zone: '', first: value, last: value }],
      count: 1,
      hostnames: new Map(),
      excluded: [],
      unresolved: [],
      notes: [],
    };
    const settings = observed(resolveSettings({ targets: [], ...options }), read);
    const run = await runSweep({ settings, targets, command: 'test', onRows: async () => {} });
    assert.equal(run.statuses.up, 1);
  }
  const keys = OPTIONS.map(({ key }) => key).filter((key) => !NO_SETTINGS.includes(key));
  assert.deepEqual(
    keys.filter((key) => !read.has(key)),
    [],
  );
});

/** The same settings; `read` learns of each one that is asked for by its name, and not of those that are copied with all others. */
function observed(settings: SweepSettings, read: Set<string>): SweepSettings {
  let copied: string | symbol | undefined;
  return new Proxy(settings, {
    // Copying asks for the descriptor of each property just before its value (ECMA-262, CopyDataProperties).
    getOwnPropertyDescriptor(target, key) {
      copied = key;
      return Reflect.getOwnPropertyDescriptor(target, key);
    },
    get(target, key) {
      if (key !== copied && typeof key === 'string') read.add(key);
      copied = undefined;
      return Reflect.get(target, key);
    },
  });
}
