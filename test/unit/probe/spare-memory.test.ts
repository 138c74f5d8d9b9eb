/** Memory of blocks that are over is used again, and carries nothing over. */

import assert from 'node:assert/strict';
import { describe, mock, test } from 'node:test';
import { SpareMemory } from '../../../src/probe/spare-memory.ts';
import type { BlockResults } from '../../../src/results/block-results.ts';
import { block, makeProber, sharedState } from './probing.ts';
import { ScriptedNetwork } from './scripted-network.ts';
import { icmpError, reply, type Script, silence } from './scripted-packets.ts';

describe('spare memory', () => {
  test('is used again, as zeros', () => {
    const memory = new SpareMemory();
    const first = memory.f64(1024).fill(Number.NaN);
    memory.give(first.buffer);
    const second = memory.u32(2048);
    assert.equal(second.buffer, first.buffer);
    assert.ok(second.every((value) => value === 0));
    assert.notEqual(memory.u32(2048).buffer, first.buffer);
  });

  test('is never handed out in another size', () => {
    const memory = new SpareMemory();
    const { buffer } = memory.u8(8192);
    memory.give(buffer);
    assert.notEqual(memory.u8(8191).buffer, buffer);
    assert.notEqual(memory.u16(8192).buffer, buffer);
    assert.equal(memory.u16(4096).buffer, buffer);
  });

  test('of another thread by now is left alone', () => {
    const memory = new SpareMemory();
    const { buffer } = memory.u8(8192);
    structuredClone(buffer, { transfer: [buffer] });
    memory.give(buffer);
    assert.equal(memory.u8(8192).length, 8192);
  });

  test('that several threads share is not taken', () => {
    const memory = new SpareMemory();
    memory.give(new SharedArrayBuffer(8192));
    assert.ok(memory.u8(8192).buffer instanceof ArrayBuffer);
  });

  test('does not grow without end', () => {
    const memory = new SpareMemory();
    const buffers = Array.from({ length: 20 }, () => memory.u8(1 << 20).buffer);
    for (const buffer of buffers) memory.give(buffer);
    const again = Array.from({ length: 20 }, () => memory.u8(1 << 20).buffer);
    assert.equal(again.filter((buffer) => buffers.includes(buffer)).length, 8);
  });
});

describe('a prober that uses memory again', () => {
  const HOSTS = 1024;
  const answers: Script = (request) => [
    reply(request, { afterMs: 3 }),
    reply(request, { afterMs: 4 }),
  ];
  const errors: Script = (request) => [
    icmpError(request, 3, 13, { from: '203.0.113.9', afterMs: 2 }),
  ];
  /** Probes blocks one after the other, and gives back the memory of the results each time. */
  function probeEach(scripts: readonly Script[]): {
    readonly all: BlockResults[];
    buffers: Set<unknown>;
  } {
    const all: BlockResults[] = [];
    const buffers = new Set<unknown>();
    let script = silence;
    const network = new ScriptedNetwork(4, (request) => script(request));
    const probing = { retries: 1, timeoutMs: 50 };
    const prober = makeProber(network, sharedState(network, probing), probing);
    scripts.forEach((each, number) => {
      script = each;
      const setup = {
        number,
        targets: block('198.18.0.0', HOSTS),
        scopeId: 0,
        reach: 'routed' as const,
      };
      prober.addBlock(setup, (results) => {
        buffers.add(results!.rttNs.buffer);
        all.push(structuredClone(results!));
        prober.reuse(
          [results!.rttNs, results!.marks, results!.received].map(
            (column) => column.buffer as ArrayBuffer,
          ),
        );
      });
      while (prober.busy) {
        const pauseNs = prober.step();
        if (pauseNs > 0 && prober.busy) network.wait(pauseNs / 1e6);
      }
    });
    return { all, buffers };
  }

  test('has nothing of the earlier blocks in the later results', () => {
    const { all, buffers } = probeEach([answers, silence, errors, silence, answers]);
    assert.ok(buffers.size < all.length, 'no memory was used again');
    for (const [place, script] of [answers, silence, errors, silence, answers].entries()) {
      const {
        all: [alone],
      } = probeEach([script]);
      for (const column of [
        'status',
        'reason',
        'icmpType',
        'icmpCode',
        'ttl',
        'sent',
        'received',
        'duplicates',
        'marks',
      ] as const)
        assert.deepEqual(all[place]![column], alone![column], `${column} of block ${place}`);
      assert.deepEqual(
        all[place]!.rttNs.map(Math.round),
        alone!.rttNs.map(Math.round),
        `round-trip times of block ${place}`,
      );
    }
  });

  test('has all of it back when a block is over, but for that of the results', () => {
    const taken = new Set<unknown>();
    const back = new Set<unknown>();
    const noted = <Column extends ArrayBufferView>(take: (count: number) => Column) =>
      function (this: SpareMemory, count: number): Column {
        const column = take.call(this, count);
        taken.add(column.buffer);
        return column;
      };
    const { u8, u16, u32, f64 } = SpareMemory.prototype;
    mock.method(SpareMemory.prototype, 'u8', noted(u8));
    mock.method(SpareMemory.prototype, 'u16', noted(u16));
    mock.method(SpareMemory.prototype, 'u32', noted(u32));
    mock.method(SpareMemory.prototype, 'f64', noted(f64));
    mock.method(SpareMemory.prototype, 'give', (buffer: unknown) => back.add(buffer));
    const network = new ScriptedNetwork(4, answers);
    const prober = makeProber(network, sharedState(network, {}), {});
    const targets = block('198.18.0.0', HOSTS);
    prober.addBlock({ number: 1, targets, scopeId: 0, reach: 'routed' }, (results) => {
      for (const column of Object.values(results!))
        if (ArrayBuffer.isView(column)) back.add(column.buffer);
    });
    while (prober.busy) network.wait(prober.step() / 1e6);
    mock.restoreAll();
    assert.notEqual(taken.size, 0);
    assert.ok([...taken].every((buffer) => back.has(buffer)));
  });
});
