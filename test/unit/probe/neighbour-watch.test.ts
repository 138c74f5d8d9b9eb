/** Hosts on local networks that the system resolves: what its neighbour table says about them while they are probed. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { NEIGHBOUR, type NeighbourState } from '../../../src/host-network/host-network.ts';
import { TABLE_INTERFACE, tableOf } from './neighbour-table.ts';
import { block, type Probed, probe } from './probing.ts';
import { ScriptedNetwork } from './scripted-network.ts';
import { icmpError, reply, type Script, silence } from './scripted-packets.ts';

const HOST = '198.51.100.7';
const MAC = [2, 0, 0, 0, 0, 7];
const MAC_TEXT = '02:00:00:00:00:07';
interface Entry {
  readonly script?: Script;
  /** By milliseconds since the sweep began. */
  readonly stateAt: (ms: number) => NeighbourState;
  /** Milliseconds before the sweep began at which it was confirmed last; negative for after. */
  readonly confirmedMs: number;
}

function sweep({ script = silence, stateAt, confirmedMs }: Entry, interfaceIndex?: number): Probed {
  const net = new ScriptedNetwork(4, script);
  const began = net.clockNs;
  const elapsedMs = (): number => (net.clockNs - began) / 1e6;
  const table = tableOf(
    4,
    HOST,
    () => stateAt(elapsedMs()),
    MAC,
    () => elapsedMs() + confirmedMs,
  );
  return probe(Object.assign(net, table), block(HOST), {
    reach: 'system',
    ...(interfaceIndex !== undefined && { interfaceIndex }),
  });
}

function outcomeOf(probed: Probed): unknown[] {
  const { status, reason, mac, icmpType, icmpCode } = probed.host(HOST);
  return [status, reason, mac, icmpType, icmpCode];
}

describe('a host that answers no ping', () => {
  test('is up if its entry was confirmed during the sweep', () => {
    const probed = sweep({ stateAt: () => NEIGHBOUR.confirmed, confirmedMs: -1 });
    assert.deepEqual(outcomeOf(probed), ['up', 'arp-reply', MAC_TEXT, null, null]);
    assert.deepEqual([probed.counts.hostsDone, probed.counts.hostsUp], [1, 1]);
  });

  test('is silent if its entry was confirmed earlier, without a MAC address', () => {
    const probed = sweep({ stateAt: () => NEIGHBOUR.confirmed, confirmedMs: 500 });
    assert.deepEqual(outcomeOf(probed), ['down', 'no-response', null, null, null]);
  });

  test('keeps the code of an error that it sent itself', () => {
    const script: Script = (request) => [icmpError(request, 3, 13, { from: HOST })];
    const probed = sweep({ script, stateAt: () => NEIGHBOUR.confirmed, confirmedMs: -1 });
    assert.deepEqual(outcomeOf(probed), ['up', 'arp-reply', MAC_TEXT, 3, 13]);
  });

  for (const [what, verdict, outcome] of [
    ['up', NEIGHBOUR.confirmed, ['up', 'arp-reply', MAC_TEXT]],
    ['arp-failed', NEIGHBOUR.unresolved, ['down', 'arp-failed', null]],
  ] as const) {
    test(`is ${what} by the verdict on an old entry, which is waited for`, () => {
      const stateAt = (ms: number): NeighbourState => (ms < 6000 ? NEIGHBOUR.unconfirmed : verdict);
      const probed = sweep({ stateAt, confirmedMs: -6000 });
      assert.deepEqual(outcomeOf(probed).slice(0, 3), outcome);
    });
  }

  test('is silent if there is no verdict within nine seconds', () => {
    const probed = sweep({ stateAt: () => NEIGHBOUR.unconfirmed, confirmedMs: 60_000 });
    assert.deepEqual(outcomeOf(probed), ['down', 'no-response', null, null, null]);
  });

  test('is not up by an entry for another interface', () => {
    const entry: Entry = { stateAt: () => NEIGHBOUR.confirmed, confirmedMs: -1 };
    const elsewhere = sweep(entry, TABLE_INTERFACE + 1);
    assert.deepEqual(outcomeOf(elsewhere).slice(0, 3), ['down', 'no-response', null]);
    assert.equal(outcomeOf(sweep(entry, TABLE_INTERFACE))[1], 'arp-reply');
  });
});

test('a host that answers pings has the MAC address of its entry, however old that is', () => {
  const script: Script = (request) => [reply(request)];
  const probed = sweep({ script, stateAt: () => NEIGHBOUR.unconfirmed, confirmedMs: 60_000 });
  assert.deepEqual(outcomeOf(probed), ['up', 'echo-reply', MAC_TEXT, null, null]);
});
