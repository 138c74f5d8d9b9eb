/** Replies and errors that are not proof of anything: changed, cut short, or about another packet. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { OFFSET } from '../../../src/probe/echo-request.ts';
import { HOST, inEachFamily } from './families.ts';
import { block, probe } from './probing.ts';
import { ScriptedNetwork } from './scripted-network.ts';
import { icmpError, reply, type Script } from './scripted-packets.ts';

inEachFamily(({ family, host, unreachable, network }) => {
  test('an error is matched by the eight octets that every quote holds', () => {
    const net = network((request) => [icmpError(request, unreachable, 0, { quoted: 8 })]);
    assert.equal(probe(net, block(host)).host(host).status, 'unreachable');
  });

  test('an error that quotes too little, or not us, is not about us', () => {
    const elsewhere = family === 4 ? '198.51.100.200' : '2001:db8:1::200';
    const wrong: Script[] = [
      (request) => [icmpError(request, unreachable, 0, { quoted: 7 })],
      (request) => [
        icmpError(request, unreachable, 0, {
          change: (quote) => quote.setUint16(OFFSET.identifier, 1),
        }),
      ],
      (request) => [
        icmpError(request, unreachable, 0, {
          change: (quote) => quote.setUint16(OFFSET.sequence, 1),
        }),
      ],
      (request) => [
        icmpError(request, unreachable, 0, {
          change: (quote) => quote.setUint32(OFFSET.token, 1),
        }),
      ],
      (request) => [
        icmpError(request, unreachable, 0, { change: (quote) => quote.setUint8(OFFSET.type, 0) }),
      ],
      (request) => [icmpError(request, unreachable, 0, { destination: elsewhere })],
      (request) => [icmpError(request, 5, 0), icmpError(request, family === 4 ? 4 : 137, 0)],
    ];
    for (const script of wrong) {
      const { host: row } = probe(network(script), block(host));
      assert.equal(row(host).reason, 'no-response', String(script));
    }
  });

  test('whatever is changed about a reply, it makes no host up', () => {
    const fields = fc.constantFrom(
      OFFSET.identifier,
      OFFSET.sequence,
      OFFSET.token,
      OFFSET.token + 4,
      OFFSET.block,
      OFFSET.host,
    );
    fc.assert(
      fc.property(fields, fc.integer({ min: 1, max: 0xffff }), (offset, flip) => {
        const change = (view: DataView): void =>
          view.setUint16(offset, view.getUint16(offset) ^ flip);
        const { host: row, counts } = probe(
          network((request) => [reply(request, { change })]),
          block(host),
          { retries: 0 },
        );
        assert.equal(row(host).status, 'down');
        assert.equal(counts.received, 0);
      }),
      { numRuns: 200 },
    );
  });

  test('a reply cut short counts as rejected', () => {
    const { host: row, counts } = probe(
      network((request) => [reply(request, { length: 31 })]),
      block(host),
    );
    assert.equal(row(host).status, 'down');
    assert.equal(counts.rejected, 3);
  });
});

test('an ICMPv6 error that quotes another protocol is not about us, whatever follows', () => {
  const address = '2001:db8:1::7';
  const NEXT_HEADER_AT = 8 + 6;
  const UDP = 17;
  const net = new ScriptedNetwork(6, (request) => {
    const error = icmpError(request, 1, 0);
    error.message[NEXT_HEADER_AT] = UDP;
    return [error];
  });
  assert.equal(probe(net, block(address)).host(address).reason, 'no-response');
});

test('a wrong checksum makes an IPv4 reply or error worth nothing', () => {
  const net = new ScriptedNetwork(4, (request) => [
    reply(request, { spoil: true }),
    icmpError(request, 3, 1, { spoil: true }),
  ]);
  const { host, counts } = probe(net, block(HOST[4]), { retries: 0 });
  assert.equal(host(HOST[4]).status, 'down');
  assert.equal(counts.rejected, 2);
});
