/** Hosts that leave their block as soon as they are final: when, how often, and that nothing changes them afterwards. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NEIGHBOUR } from '../../../src/host-network/host-network.ts';
import type { FinalHosts } from '../../../src/results/final-hosts.ts';
import { rowOf } from '../results/row-of.ts';
import { tableOf } from './neighbour-table.ts';
import { block, type Probing, probe } from './probing.ts';
import { LAN, ScriptedLink } from './scripted-link.ts';
import { ScriptedNetwork } from './scripted-network.ts';
import { icmpError, reply, type Script } from './scripted-packets.ts';

const MS = 1e6;
const FIRST = '198.51.100.0';

interface Seen {
  readonly address: string;
  readonly row: ReturnType<typeof rowOf>;
  readonly atMs: number;
}

/** Probes eight hosts. @param isReady whether the reader takes more */
function streamed(
  script: Script,
  probing: Probing = {},
  isReady = (): boolean => true,
  network = new ScriptedNetwork(4, script),
) {
  const seen: Seen[] = [];
  const outlet = {
    get isReady() {
      return isReady();
    },
    take({ hosts, results }: FinalHosts) {
      assert.equal(hosts.length, results.targets.count);
      const atMs = (network.clockNs - network.requests[0]!.sentAtNs) / MS;
      hosts.forEach((_, at) => {
        const row = rowOf(results, at);
        seen.push({ address: row.address!, row, atMs });
      });
    },
  };
  return { network, seen, probed: probe(network, block(FIRST, 8), { ...probing, outlet }) };
}

const lastOctet = (address: string): number => Number(address.split('.').at(-1));

test('a host leaves within 100 ms of being final, while others are still waited for', () => {
  const { seen } = streamed((request) =>
    lastOctet(request.address) % 2 === 0 ? [reply(request, { afterMs: 5 })] : [],
  );
  const up = seen.filter(({ row }) => row.status === 'up');
  assert.equal(up.length, 4);
  for (const { atMs } of up) assert.ok(atMs >= 45 && atMs < 105, `after ${atMs} ms`);
  // Silent hosts become final last, and may leave with their block.
  assert.ok(seen.every(({ row }) => row.status === 'up' || row.reason === 'no-response'));
});

test('a row that has left is the row of the block, whatever arrives afterwards', () => {
  const { seen, probed } = streamed((request) => {
    const host = lastOctet(request.address);
    if (host === 7) return [];
    if (host === 1) return [icmpError(request, 3, 1, { afterMs: 3 })];
    return [5, 8, 500, 900].map((afterMs) => reply(request, { afterMs }));
  });
  assert.ok(seen.length >= 6);
  for (const { address, row } of seen) assert.deepEqual(row, probed.host(address));
  assert.equal(probed.host('198.51.100.2').duplicates, 1);
  assert.equal(probed.counts.duplicates, 18);
});

test('no host leaves twice, and none that may still change', () => {
  // The second probe leaves before the first times out: the host is final only once both are settled.
  const { seen } = streamed(
    (request) =>
      lastOctet(request.address) === 3
        ? [reply(request, { afterMs: 980 })]
        : [reply(request, { afterMs: 5 })],
    { timeoutMs: 1000 },
  );
  const addresses = seen.map(({ address }) => address);
  assert.equal(new Set(addresses).size, addresses.length);
  for (const { row } of seen) assert.equal(row.pattern, '!'.repeat(row.sent));
});

test('a reader that takes no more leaves the hosts in their block', () => {
  const { seen, probed } = streamed(
    (request) => [reply(request, { afterMs: 5 })],
    {},
    () => false,
  );
  assert.equal(seen.length, 0);
  assert.equal(probed.hosts.size, 8);
});

for (const [what, answerMs, reason] of [
  ['nothing has its address', undefined, 'arp-failed'],
  ['it answers ARP only', 1500, 'arp-reply'],
] as const) {
  test(`a silent host that is pinged during its search leaves after both, when ${what}`, () => {
    const host = '198.51.100.3';
    const mac = [2, 0, 0, 0, 0, 7];
    const network = new ScriptedNetwork(4, () => []);
    network.socket.tieTo(LAN);
    network.neighbourSockets = [
      new ScriptedLink(network, (address) =>
        address === host && answerMs !== undefined ? [{ mac, afterMs: answerMs }] : [],
      ),
    ];
    Object.assign(network, tableOf(4, host, NEIGHBOUR.unconfirmed, mac));
    const { seen, probed } = streamed(
      () => [],
      { reach: { link: LAN }, retries: 0, timeoutMs: 100 },
      () => true,
      network,
    );
    for (const { address, row } of seen) assert.deepEqual(row, probed.host(address));
    assert.equal(probed.host(host).reason, reason);
    const times = seen.filter(({ address }) => address === host).map(({ atMs }) => atMs);
    assert.ok(times.length <= 1 && times.every((atMs) => atMs > 1500), `left after ${times} ms`);
  });
}
