/** A process for crash.test.ts: scans without end, and says the number of each scan once it is kept. */

import { writeSync } from 'node:fs';
import { lockNetwork } from '../../../src/inventory/network-lock.ts';
import { latestScan, writeScanInSteps } from '../../../src/inventory/scan-writer.ts';
import { openStore } from '../../../src/inventory/store.ts';
import { hourOf, RULES, recordOf, silentAt, upAt } from './samples.ts';

const store = await openStore(process.argv[2]!);
await lockNetwork(store.path, 'office');
const last = latestScan(store, 'office');
for (
  let n = last === undefined ? 0 : (last.getTime() - hourOf(0).getTime()) / 3_600_000 + 1;
  ;
  n++
) {
  // Each host is up in every other run of two scans, so that every scan changes something.
  const hosts = Array.from({ length: 250 }, (_, i) => {
    const address = `192.0.2.${i}`;
    return (n + i) % 4 < 2 ? upAt(address, n) : silentAt(address, n);
  });
  await writeScanInSteps(store, {
    network: 'office',
    record: recordOf(n),
    hosts,
    rules: RULES,
  });
  writeSync(1, `${n}\n`);
}
