/** What Windows' echo requests cannot do is refused before anything is sent, with what to do instead. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EchosweepError } from '../../../../src/errors.ts';
import type { OwnAddress } from '../../../../src/host-network/own-addresses.ts';
import { EchoHandles } from '../../../../src/transport/windows/echo-handles.ts';
import { sourceFor } from '../../../../src/transport/windows/echo-source.ts';
import { OPTIONS } from './probing-windows.ts';
import { answer, ScriptedIphlpapi } from './scripted-iphlpapi.ts';

const OWN: readonly OwnAddress[] = [
  own('Ethernet', 4, '192.0.2.1', 0xc0000201n),
  own('Ethernet', 6, 'fe80::1', (0xfe80n << 112n) | 1n),
  own('Ethernet', 6, '2001:db8::1', (0x20010db8n << 96n) | 1n),
  own('Wi-Fi', 4, '198.51.100.1', 0xc6336401n),
];

function own(name: string, family: 4 | 6, text: string, value: bigint): OwnAddress {
  return { interface: name, family, text, value, hostBits: 8n };
}

function refusal(action: () => unknown): EchosweepError {
  try {
    action();
  } catch (error) {
    if (error instanceof EchosweepError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

test('options that Windows would ignore are refused', () => {
  const handles = new EchoHandles(new ScriptedIphlpapi(() => answer()));
  for (const [option, family, more] of [
    ['--tos', 4, { tos: 16 }],
    ['--size', 4, { payloadBytes: 65_501 }],
    ['--source', 4, { source4: '203.0.113.9' }],
    ['--interface', 4, { interface: 'no such interface' }],
  ] as const) {
    const { code, problem } = refusal(() => handles.open(family, { ...OPTIONS, ...more }));
    assert.equal(code, 'OPTION_INVALID');
    assert.ok(problem.startsWith(`${option}: `), problem);
  }
});

test('a Windows without ICMP for a family has no engine for it', () => {
  const windows = new ScriptedIphlpapi(() => answer());
  windows.hasIPv6 = false;
  const { code, problem } = refusal(() => new EchoHandles(windows).open(6, OPTIONS));
  assert.equal(code, 'NO_ENGINE');
  assert.match(problem, /IPv6 \(error 120\)/);
});

test('no handle stays open if there is no memory for its requests', () => {
  const closed: unknown[] = [];
  const windows = Object.assign(new ScriptedIphlpapi(() => answer()), {
    allocate: () => {
      throw new Error('no memory');
    },
    icmpCloseHandle: (handle: unknown) => closed.push(handle),
  });
  assert.throws(() => new EchoHandles(windows).open(4, OPTIONS), /no memory/);
  assert.equal(closed.length, 1);
});

test('an interface is met by its address, a global one before a link-local one', () => {
  assert.deepEqual([...sourceFor(4, { interface: 'Wi-Fi' }, OWN)], [198, 51, 100, 1]);
  assert.deepEqual([...sourceFor(6, { interface: 'Ethernet' }, OWN)].slice(0, 4), [32, 1, 13, 184]);
  assert.deepEqual([...sourceFor(4, {}, OWN)], [0, 0, 0, 0]);
});

test('a source that another interface has is refused', () => {
  const choice = { interface: 'Wi-Fi', source4: '192.0.2.1' };
  assert.match(refusal(() => sourceFor(4, choice, OWN)).problem, /is not an address of "Wi-Fi"/);
});
