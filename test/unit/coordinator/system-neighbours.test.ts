/** What the system's neighbour table adds to hosts that leave their block early. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SystemNeighbours, untilChecked } from '../../../src/coordinator/system-neighbours.ts';
import { NEIGHBOUR, type NeighbourState } from '../../../src/host-network/host-network.ts';
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
  const passOn = new SystemNeighbours(targets, 0, table).taking(
    async ({ hosts, results: left }) => {
      hosts.forEach((host, at) => {
        const { address, mac } = rowOf(left, at);
        rows.push(`${host} ${address} ${mac}`);
      });
    },
    async () => {},
  );
  for (const hosts of [Uint32Array.of(3, 2, 1), Uint32Array.of(0)]) {
    await passOn({ hosts, results: pickedResults(results, hosts) });
  }
  assert.deepEqual(rows, ['2 192.0.2.2 02:00:00:00:00:07', '1 192.0.2.1 null']);
});

test('what the system has dropped from its table by the end of the block was noted when the host was final', async () => {
  for (const [received, reason] of [
    [1, 'echo-reply'],
    [0, 'arp-reply'],
  ] as const) {
    const results = silentSince(100);
    const { targets } = results;
    if (received > 0) {
      results.status[0] = statusNumber('up');
      results.reason[0] = reasonNumber('echo-reply');
      results.received[0] = received;
    }
    let isDropped = false;
    const { confirmed } = NEIGHBOUR;
    const entry = tableOf(4, '192.0.2.7', confirmed, [2, 0, 0, 0, 0, 7], () => 0);
    const neighbours = new SystemNeighbours(targets, 0, {
      visitNeighbours: (family, visit) => {
        if (!isDropped) entry.visitNeighbours(family, visit);
      },
    });
    const hosts = Uint32Array.of(0);
    const take = neighbours.taking(undefined, async () => {});
    await take({ hosts, results: pickedResults(results, hosts) });
    isDropped = true;
    const row = rowOf(neighbours.complete(results), 0);
    assert.deepEqual([row.reason, row.mac], [reason, '02:00:00:00:00:07']);
  }
});

/** A host that was pinged `agoMs` ago and is silent. */
function silentSince(agoMs: number): ReturnType<typeof emptyResults> {
  const results = emptyResults(block('192.0.2.7', 1), 1);
  results.status.fill(statusNumber('down'));
  results.reason.fill(reasonNumber('no-response'));
  results.startedAtMs.fill(Date.now() - agoMs);
  return results;
}

test('a silent host whose entry is older than the sweep waits until the system has checked it', async () => {
  const { unconfirmed, confirmed, unresolved } = NEIGHBOUR;
  for (const [verdict, reason] of [
    [confirmed, 'arp-reply'],
    [unresolved, 'no-response'],
  ] as const) {
    let state: NeighbourState = unconfirmed;
    const table = tableOf(
      4,
      '192.0.2.7',
      () => state,
      [2, 0, 0, 0, 0, 7],
      () => 0,
    );
    const results = silentSince(3_000);
    let pauses = 0;
    await untilChecked(results, 0, table, async () => {
      pauses += 1;
      if (pauses === 3) state = verdict;
      return true;
    });
    assert.equal(pauses, 3);
    const found = new SystemNeighbours(results.targets, 0, table).complete(results);
    assert.equal(rowOf(found, 0).reason, reason);
  }
});

test('it waits for no host that replied, that was never pinged, or that the system had time to check', async () => {
  const table = tableOf(4, '192.0.2.7', NEIGHBOUR.unconfirmed, [2, 0, 0, 0, 0, 7]);
  const replied = silentSince(0);
  replied.status.fill(statusNumber('up'));
  for (const results of [replied, silentSince(Number.NaN), silentSince(60_000)])
    await untilChecked(results, 0, table, () => assert.fail('it waited'));
});

test('a stopped sweep does not wait', async () => {
  const table = tableOf(4, '192.0.2.7', NEIGHBOUR.unconfirmed, [2, 0, 0, 0, 0, 7]);
  let pauses = 0;
  await untilChecked(silentSince(0), 0, table, async () => {
    pauses += 1;
    return false;
  });
  assert.equal(pauses, 1);
});
