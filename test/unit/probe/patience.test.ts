/** How long a silent host is waited for if `--patience` says so, and what makes a short patience longer. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { block, type Probing, probe } from './probing.ts';
import { ScriptedNetwork } from './scripted-network.ts';
import { icmpError, type Request, reply, type Script } from './scripted-packets.ts';

const SILENT = '192.0.2.1';

/** When the probes of the silent host left, and when the sweep ended, in milliseconds. */
function times(
  script: Script,
  probing: Probing,
): { readonly sent: number[]; readonly end: number } {
  const net = new ScriptedNetwork(4, (request) => {
    if (request.address === SILENT) sent.push(ms());
    return script(request);
  });
  const startNs = net.clockNs;
  const ms = (): number => Math.round((net.clockNs - startNs) / 1e6);
  const sent: number[] = [];
  probe(net, block(SILENT, 8), probing);
  return { sent, end: ms() };
}

const others = (answer: (request: Request) => ReturnType<Script>): Script => {
  return (request) => (request.address === SILENT ? [] : answer(request));
};
const FAST = others((request) => [reply(request, { afterMs: 1 })]);

describe('quick', () => {
  test('gives a silent host up after three probes and 1.35 s', () => {
    const { sent, end } = times(FAST, { patience: 'quick' });
    assert.deepEqual(sent, [0, 500, 1000]);
    assert.ok(end >= 1350 && end < 1400, String(end));
  });

  test('does so even if no host replies', () => {
    const { end } = times(() => [], { patience: 'quick' });
    assert.ok(end >= 1350 && end < 1400, String(end));
  });

  test('waits as long as by default once a reply took more than 0.7 s', () => {
    const slow = others((request) => [reply(request, { afterMs: 720 })]);
    const { end } = times(slow, { patience: 'quick' });
    assert.ok(end >= 3200 && end < 3250, String(end));
  });

  test('waits as long as by default once a router reported a host that it does not find', () => {
    const refusing = others((request) => [icmpError(request, 3, 1, { afterMs: 300 })]);
    const { end } = times(refusing, { patience: 'quick' });
    assert.ok(end >= 3200, String(end));
  });

  test('waits four times the slowest recent reply', () => {
    const { end } = times(
      others((request) => [reply(request, { afterMs: 450 })]),
      { patience: 'quick' },
    );
    assert.ok(end >= 1750 && end <= 1850, String(end));
  });

  test('waits as long as by default while others have not been probed', () => {
    const { sent } = times(FAST, { patience: 'quick', ratePps: 2 });
    assert.ok(sent[1]! - sent[0]! >= 800, String(sent));
  });
});

describe('a number of milliseconds', () => {
  for (const patience of [200, 2000, 8000]) {
    test(`${patience}: a silent host has all its probes and is given up then`, () => {
      const { sent, end } = times(FAST, { patience });
      assert.equal(sent.length, 3);
      assert.ok(end >= patience && end < patience + 50, String(end));
    });
  }

  test('a host that has answered is not probed again because an earlier probe times out', () => {
    const { sent } = times((request) => (request.nth === 0 ? [] : [reply(request)]), {
      patience: 2000,
    });
    assert.deepEqual(sent, [0, 750]);
  });

  test('a reply within it counts, whichever probe it is to', () => {
    const net = new ScriptedNetwork(4, (request) =>
      request.nth === 0 ? [reply(request, { afterMs: 4500 })] : [],
    );
    const { host } = probe(net, block(SILENT), { patience: 5000 });
    assert.equal(host(SILENT).status, 'up');
  });
});
