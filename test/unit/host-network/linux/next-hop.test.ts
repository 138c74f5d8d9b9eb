/** The next hop of a packet: the request to the kernel, and its answer. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatAddress, parseAddress } from '../../../../src/address.ts';
import { gatewayIn, requestBody } from '../../../../src/host-network/linux/next-hop.ts';
import { attribute, message, partOf, uint32 } from './netlink-messages.ts';

const NEW_ROUTE = 24;
const [DESTINATION, SOURCE, INTERFACE, GATEWAY, VIA] = [1, 2, 4, 5, 18];
const AF = { 4: Buffer.from([2, 0]), 6: Buffer.from([10, 0]) } as const;

const octetsOf = (address: string): Buffer => {
  const { family, value } = parseAddress(address)!;
  return Buffer.from(value.toString(16).padStart(family === 4 ? 8 : 32, '0'), 'hex');
};

const nameOf = (index: number): string => `eth${index}`;

function gatewayOf(family: 4 | 6, ...attributes: readonly Buffer[]): string | undefined {
  const part = partOf(message(NEW_ROUTE, Buffer.alloc(12), ...attributes));
  const found = gatewayIn(part, family, nameOf);
  return found && `${formatAddress(found.family, found.value)}${found.zone && `%${found.zone}`}`;
}

test('a request has the destination, and what was chosen besides', () => {
  const bare = requestBody({ family: 4, to: parseAddress('198.51.100.7')!.value });
  const fixed = Buffer.from([2, 32, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  assert.deepEqual(
    Buffer.from(bare),
    Buffer.concat([fixed, attribute(DESTINATION, octetsOf('198.51.100.7'))]),
  );
  const chosen = requestBody({
    family: 6,
    to: parseAddress('2001:db8::7')!.value,
    from: parseAddress('2001:db8::1')!.value,
    interfaceIndex: 3,
  });
  const fixed6 = Buffer.from([10, 128, 128, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  assert.deepEqual(
    Buffer.from(chosen),
    Buffer.concat([
      fixed6,
      attribute(DESTINATION, octetsOf('2001:db8::7')),
      attribute(SOURCE, octetsOf('2001:db8::1')),
      attribute(INTERFACE, uint32(3)),
    ]),
  );
});

test('the gateway is that of the answer, of either family', () => {
  const to = attribute(DESTINATION, octetsOf('198.51.100.7'));
  const out = attribute(INTERFACE, uint32(3));
  assert.equal(gatewayOf(4, to, out), undefined, 'on a local network');
  assert.equal(gatewayOf(4, to, out, attribute(GATEWAY, octetsOf('192.0.2.1'))), '192.0.2.1');
  const via = attribute(VIA, Buffer.concat([AF[6], octetsOf('2001:db8::1')]));
  assert.equal(gatewayOf(4, to, via, out), '2001:db8::1');
  const via4 = attribute(VIA, Buffer.concat([AF[4], octetsOf('192.0.2.1')]));
  assert.equal(gatewayOf(6, via4, out), '192.0.2.1');
});

test('a link-local gateway has the interface that leads to it', () => {
  const gateway = attribute(GATEWAY, octetsOf('fe80::1'));
  assert.equal(gatewayOf(6, gateway, attribute(INTERFACE, uint32(3))), 'fe80::1%eth3');
  assert.equal(gatewayOf(6, gateway), 'fe80::1', 'which the kernel does not name');
  const via = attribute(VIA, Buffer.concat([AF[6], octetsOf('fe80::1')]));
  assert.equal(gatewayOf(4, attribute(INTERFACE, uint32(3)), via), 'fe80::1%eth3');
  const other = attribute(GATEWAY, octetsOf('2001:db8::1'));
  assert.equal(gatewayOf(6, other, attribute(INTERFACE, uint32(3))), '2001:db8::1');
});

test('an answer that is no route has no gateway', () => {
  assert.equal(gatewayIn(partOf(message(2, Buffer.alloc(4))), 4, nameOf), undefined);
});
