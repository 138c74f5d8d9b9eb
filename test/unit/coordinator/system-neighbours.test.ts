/** What the system's neighbour table adds to hosts that leave their block early. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withMacs } from '../../../src/coordinator/system-neighbours.ts';
import { NEIGHBOUR } from '../../../src/host-network/host-network.ts';
import { emptyResults } from '../../../src/results/block-results.ts';
import { pickedResults } from '../../../src/results/final-hosts.ts';
import { reasonNumber, statusNumber } from '../../../src/results/outcome.ts';
import { tableOf } from '../probe/neighbour-table.ts';
import { block } from '../probe/probing.ts';
import { rowOf } from '../results/row-of.ts';

test('only hosts that replied leave early, with their MAC address: a silent one may yet be present', async () => {
  const targets = block('192.0.2.0', 4);
  const results = emptyResults(targets, 1);
  results.status.fill(statusNumber('down'));
  results.reason.fill(reasonNumber('no-response'));
  for (const host of [1, 2]) {
    results.status[host] = statusNumber('up');
    results.reason[host] = reasonNumber('echo-reply');
    results.received[host] = 1;
  }
  const rows: string[] = [];
  const table = tableOf(4, '192.0.2.2', NEIGHBOUR.confirmed, [2, 0, 0, 0, 0, 7]);
  const passOn = withMacs(
    async ({ hosts, results: left }) => {
      hosts.forEach((host, at) => {
        const { address, mac } = rowOf(left, at);
        rows.push(`${host} ${address} ${mac}`);
      });
    },
    targets,
    0,
    table,
  );
  for (const hosts of [Uint32Array.of(3, 2, 1), Uint32Array.of(0)]) {
    await passOn({ hosts, results: pickedResults(results, hosts) });
  }
  assert.deepEqual(rows, ['2 192.0.2.2 02:00:00:00:00:07', '1 192.0.2.1 null']);
});
