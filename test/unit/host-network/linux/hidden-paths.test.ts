/** Routes that lead to several places, and IPsec: what /proc/net/route does not show. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { hasKeyDaemon, hasManifoldRoute } from '../../../../src/host-network/linux/hidden-paths.ts';

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

describe('the path of packets is hidden', () => {
  const DESTINATION = 1;
  const INTERFACE = 4;
  const MULTIPATH = 9;
  const ENCAPSULATION = 21;

  test('by a route with several next hops or an encapsulation', () => {
    const plain = route(DESTINATION, INTERFACE);
    assert.ok(!hasManifoldRoute([tableOf(plain, plain)]));
    for (const type of [MULTIPATH, 0x8000 | MULTIPATH, ENCAPSULATION])
      assert.ok(hasManifoldRoute([tableOf(plain), tableOf(plain, route(DESTINATION, type))]));
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
