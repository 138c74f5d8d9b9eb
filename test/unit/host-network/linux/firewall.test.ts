/** Chains of nftables, as the kernel lists them, that apply to what leaves. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasChainOut } from '../../../../src/host-network/linux/firewall.ts';
import type { Dump } from '../../../../src/host-network/linux/netlink.ts';

const NEW_CHAIN = 0x0a03;
const DONE = 3;
const ERROR = 2;
const FAMILY = { inet: 1, ip: 2, arp: 3, netdev: 5, bridge: 7, ip6: 10 } as const;
const HOOK = { input: 1, output: 3, postrouting: 4 } as const;
const DROP = 0;
const ACCEPT = 1;

/** struct nlattr: its length u16 and type u16 are in this host's order, numbers in it in network order. */
function attribute(type: number, data: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16LE(4 + data.length, 0);
  head.writeUInt16LE(type, 2);
  return Buffer.concat([head, data]);
}

function u32(value: number): Buffer {
  const data = Buffer.alloc(4);
  data.writeUInt32BE(value);
  return data;
}

/** struct nlmsghdr, then the data. */
function message(type: number, data: Buffer): Buffer {
  const head = Buffer.alloc(16);
  head.writeUInt32LE(head.length + data.length, 0);
  head.writeUInt16LE(type, 4);
  return Buffer.concat([head, data]);
}

function chain(
  family: keyof typeof FAMILY,
  hook: keyof typeof HOOK,
  rules: number,
  policy: number | 'on no hook' = ACCEPT,
): Buffer {
  const NESTED = 0x8000;
  const onHook = () => [
    attribute(4 | NESTED, Buffer.concat([attribute(2, u32(0)), attribute(1, u32(HOOK[hook]))])),
    attribute(5, u32(Number(policy))),
  ];
  return message(
    NEW_CHAIN,
    Buffer.concat([
      Buffer.from([FAMILY[family], 0, 0, 0]),
      attribute(3, Buffer.from('any\0')),
      ...(policy === 'on no hook' ? [] : onHook()),
      attribute(6, u32(rules)),
      attribute(12, Buffer.from('comment\0')),
    ]),
  );
}

const dump = (...messages: readonly Buffer[]): Dump => ({
  parts: [new DataView(Uint8Array.from(Buffer.concat(messages)).buffer)],
  isWhole: true,
});

const end = message(DONE, Buffer.alloc(4));

test('rules on the way out count for their families', () => {
  const both = (chains: Dump) => [hasChainOut(chains, 4), hasChainOut(chains, 6)];
  assert.deepEqual(both(dump(end)), [false, false]);
  assert.deepEqual(both(dump(chain('ip', 'output', 1), end)), [true, false]);
  assert.deepEqual(both(dump(chain('ip6', 'postrouting', 2), end)), [false, true]);
  assert.deepEqual(both(dump(chain('inet', 'output', 1), end)), [true, true]);
  assert.deepEqual(both(dump(chain('ip', 'output', 0, DROP), end)), [true, false]);
  const last = dump(chain('ip', 'input', 1), chain('ip', 'output', 1), end);
  assert.deepEqual(both(last), [true, false]);
  const parts = [
    ...dump(chain('ip', 'input', 1)).parts,
    ...dump(chain('ip', 'output', 1), end).parts,
  ];
  assert.deepEqual(both({ parts, isWhole: true }), [true, false], 'in any part');
});

test('rules for what arrives, empty chains, those on no hook and of other layers do not', () => {
  const chains = [
    chain('inet', 'input', 9, DROP),
    chain('ip', 'output', 0),
    chain('ip6', 'postrouting', 0),
    chain('ip', 'output', 5, 'on no hook'),
    chain('arp', 'output', 1),
    chain('bridge', 'output', 1),
    chain('netdev', 'input', 1),
  ];
  for (const family of [4, 6] as const) assert.ok(!hasChainOut(dump(...chains, end), family));
});

test('a chain on the way out that does not say how many rules it has may have some', () => {
  const hook = attribute(4, attribute(1, u32(HOOK.output)));
  const silent = message(NEW_CHAIN, Buffer.concat([Buffer.from([FAMILY.ip, 0, 0, 0]), hook]));
  assert.ok(hasChainOut(dump(silent, end), 4));
});

test('a number that is cut short is none', () => {
  const hook = attribute(4, attribute(1, Buffer.from([0, 3])));
  const cut = message(NEW_CHAIN, Buffer.concat([Buffer.from([FAMILY.ip, 0, 0, 0]), hook]));
  assert.equal(hasChainOut(dump(cut), 4), false);
});

test('what the kernel does not show may be there, unless it has no nftables', () => {
  const refused = (errno: number): Dump => {
    const data = Buffer.alloc(4);
    data.writeInt32LE(-errno);
    return { ...dump(message(ERROR, data)), isWhole: false };
  };
  assert.ok(hasChainOut({ parts: [], isWhole: false }, 4));
  assert.ok(hasChainOut({ ...dump(chain('ip', 'input', 1)), isWhole: false }, 4));
  assert.ok(hasChainOut(refused(1), 4), 'EPERM');
  assert.ok(!hasChainOut(refused(22), 4), 'EINVAL');
});
