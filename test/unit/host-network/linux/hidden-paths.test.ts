/** Routes that lead to several places, and IPsec: what /proc/net/route does not show. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  hasKeyDaemon,
  hasLocalNetwork,
  hasManifoldRoute,
  mayEncrypt,
} from '../../../../src/host-network/linux/hidden-paths.ts';
import type { Dump } from '../../../../src/host-network/linux/netlink.ts';

/** struct nlmsghdr and struct rtmsg, then an attribute of 8 octets for each type. */
function route(...types: readonly number[]): Buffer {
  const message = Buffer.alloc(28 + types.length * 12);
  message.writeUInt32LE(message.length, 0);
  message.writeUInt16LE(24, 4);
  types.forEach((type, i) => {
    message.writeUInt16LE(12, 28 + i * 12);
    message.writeUInt16LE(type, 30 + i * 12);
  });
  return message;
}

const tableOf = (...routes: readonly Buffer[]): DataView =>
  new DataView(Uint8Array.from(Buffer.concat(routes)).buffer);

const whole = (...parts: readonly DataView[]): Dump => ({ parts, isWhole: true });
const broken = (...parts: readonly DataView[]): Dump => ({ parts, isWhole: false });

describe('the path of packets is hidden', () => {
  const DESTINATION = 1;
  const INTERFACE = 4;
  const MULTIPATH = 9;
  const ENCAPSULATION = 21;

  test('by a route with several next hops or an encapsulation', () => {
    const plain = route(DESTINATION, INTERFACE);
    const blackhole = route(DESTINATION);
    assert.equal(hasManifoldRoute(whole(tableOf(plain, plain, blackhole))), false);
    assert.ok(hasManifoldRoute(broken(tableOf(plain, plain))));
    for (const type of [MULTIPATH, 0x8000 | MULTIPATH, ENCAPSULATION])
      assert.ok(hasManifoldRoute(whole(tableOf(plain), tableOf(plain, route(DESTINATION, type)))));
  });

  test('by a route that only names its next hops', () => {
    const NEXT_HOP_ID = 30;
    assert.ok(!hasManifoldRoute(whole(tableOf(route(DESTINATION, NEXT_HOP_ID, INTERFACE)))));
    assert.ok(hasManifoldRoute(whole(tableOf(route(DESTINATION, NEXT_HOP_ID)))));
  });

  test('by a program that manages IPsec, and not by the kernel being able to', () => {
    const heading = 'sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks\n';
    const row = (protocol: number, port: number): string =>
      `0000000000000000 ${protocol}   ${port}          00000000 0        0        0     2        0        0\n`;
    assert.ok(!hasKeyDaemon(''));
    assert.ok(!hasKeyDaemon(heading + row(0, 1234) + row(6, 0)));
    assert.ok(hasKeyDaemon(heading + row(6, 0) + row(6, 4242)));
  });
});

describe('requests may not bypass the system', () => {
  const LOCAL = 2;
  const UNICAST = 1;
  const targets = [{ family: 4, zone: '', first: 0x0a000000n, last: 0x0a0000ffn }] as const;

  /** A route of this type to 10.0.<third>.0. */
  function routeTo(third: number, type: number, prefixLength = 24): DataView {
    const message = Buffer.alloc(36);
    message.writeUInt32LE(36, 0);
    message.writeUInt16LE(24, 4);
    message.writeUInt8(prefixLength, 17);
    message.writeUInt8(type, 23);
    message.writeUInt16LE(8, 28);
    message.writeUInt16LE(1, 30);
    message.set([10, 0, third, 0], 32);
    return tableOf(message);
  }

  test("to networks that are the host's own", () => {
    const far = { family: 4, zone: '', first: 0x0b000000n, last: 0x0b000000n } as const;
    assert.ok(hasLocalNetwork(whole(routeTo(0, LOCAL)), 4, [far, ...targets]));
    assert.equal(hasLocalNetwork(whole(routeTo(1, LOCAL)), 4, targets), false);
    assert.ok(!hasLocalNetwork(whole(routeTo(0, UNICAST)), 4, targets));
    assert.ok(hasLocalNetwork(broken(routeTo(0, UNICAST)), 4, targets));
    const next = [{ ...targets[0], first: 0x0a000100n, last: 0x0a0001ffn }];
    assert.ok(!hasLocalNetwork(whole(routeTo(0, LOCAL)), 4, next), 'behind its last address');
    assert.ok(hasLocalNetwork(whole(routeTo(0, LOCAL, 23)), 4, next));
  });

  test('if every address is its own', () => {
    const message = Buffer.from(route());
    message.writeUInt8(LOCAL, 23);
    const first = { family: 4, zone: '', first: 0n, last: 0n } as const;
    assert.ok(hasLocalNetwork(whole(tableOf(message)), 4, [first]));
  });

  test('if it encrypts some packets, or does not say', () => {
    const answer = (type: number): DataView => {
      const message = Buffer.alloc(20);
      message.writeUInt32LE(20, 0);
      message.writeUInt16LE(type, 4);
      return tableOf(message);
    };
    const [REFUSED, DONE, POLICY] = [2, 3, 0x13];
    assert.equal(mayEncrypt(broken()), false);
    assert.ok(!mayEncrypt(whole(answer(DONE))));
    assert.ok(mayEncrypt(broken(answer(DONE))));
    assert.ok(mayEncrypt(whole(answer(POLICY), answer(DONE))));
    assert.ok(mayEncrypt(broken(answer(REFUSED))));
  });
});
