/** Which packets the filters of our sockets pass, by running them. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  advertisementFilter,
  arpReplyFilter,
  furtherHeadersFilter,
  linkFilter,
  remainderFilter,
  ringFilter,
  socketFilter,
} from '../../../src/wire/packet-filters.ts';
import { passes } from './packet-filter.ts';

test('the ARP filter passes replies to our address on the interface itself, and nothing else', () => {
  const own = [192, 0, 2, 1];
  const arp = (operation: number, target: readonly number[]): number[] => [
    ...[0, 1, 8, 0, 6, 4, 0, operation],
    ...[2, 0, 0, 0, 0, 7, 192, 0, 2, 7],
    ...[2, 0, 0, 0, 0, 1, ...target],
  ];
  const program = arpReplyFilter(5, Uint8Array.from(own));
  assert.ok(passes(program, arp(2, own), { interfaceIndex: 5 }));
  assert.ok(passes(program, arp(2, own), { interfaceIndex: 5, packetType: 1 }), 'by broadcast');
  assert.ok(!passes(program, arp(2, own), { interfaceIndex: 6 }), "from a VLAN's");
  assert.ok(!passes(program, arp(2, own), { interfaceIndex: 5, packetType: 3 }), 'overheard');
  assert.ok(!passes(program, arp(1, own), { interfaceIndex: 5 }), 'a request');
  assert.ok(!passes(program, arp(2, [192, 0, 2, 9]), { interfaceIndex: 5 }), 'to somebody else');
  assert.ok(!passes(program, arp(2, own).slice(0, 27), { interfaceIndex: 5 }), 'cut short');
});

const ID = 0x5a01;
const id = (value: number): number[] => [value >> 8, value & 0xff];
const header4 = (protocol = 1, words = 5, fragment = 0): number[] => {
  const header = new Array<number>(words * 4).fill(0);
  header[0] = 0x40 | words;
  header[6] = fragment >> 8;
  header[7] = fragment & 0xff;
  header[9] = protocol;
  return header;
};
const header6 = (next = 58): number[] => [
  0x60,
  0,
  0,
  0,
  0,
  8,
  next,
  64,
  ...new Array<number>(32).fill(0),
];
const echo = (type: number, identifier: number): number[] => [
  type,
  0,
  0,
  0,
  ...id(identifier),
  0,
  7,
];
const error = (type: number): number[] => [type, 1, 0, 0, 0, 0, 0, 0];

describe('the IPv4 filter', () => {
  const filter = socketFilter(4, ID);
  for (const words of [5, 8]) {
    test(`passes our replies and errors about us behind a header of ${words} words`, () => {
      assert.ok(passes(filter, [...header4(1, words), ...echo(0, ID)]));
      for (const type of [3, 11, 12]) {
        assert.ok(
          passes(filter, [
            ...header4(1, words),
            ...error(type),
            ...header4(1, words),
            ...echo(8, ID),
          ]),
        );
      }
    });
  }
  test("drops what is another's, no outcome, or too short to tell", () => {
    const wrong = [
      [...header4(), ...echo(0, ID + 1)],
      [...header4(), ...echo(8, ID)],
      [...header4(), ...error(3), ...header4(), ...echo(8, ID + 1)],
      [...header4(), ...error(3), ...header4(17), ...echo(8, ID)],
      [...header4(), ...error(3), ...header4(), ...echo(0, ID)],
      [...header4(), ...error(3), ...header4(1, 5, 100), ...echo(8, ID)],
      [...header4(), ...error(5), ...header4(), ...echo(8, ID)],
      [...header4(), ...error(4), ...header4(), ...echo(8, ID)],
      [...header4(), ...error(3), ...header4()],
      header4(),
      [],
    ];
    for (const packet of wrong) assert.ok(!passes(filter, packet), packet.join());
  });
});

describe('the IPv6 filter', () => {
  const filter = socketFilter(6, ID);
  test('passes our replies and errors about us', () => {
    assert.ok(passes(filter, echo(129, ID)));
    for (const type of [1, 2, 3, 4])
      assert.ok(passes(filter, [...error(type), ...header6(), ...echo(128, ID)]));
  });
  test("drops what is another's, no outcome, or too short to tell", () => {
    const wrong = [
      echo(129, ID + 1),
      echo(128, ID),
      [...error(1), ...header6(), ...echo(128, ID + 1)],
      [...error(1), ...header6(17), ...echo(128, ID)],
      [...error(137), ...header6(), ...echo(128, ID)],
      [...error(1), ...header6()],
      [],
    ];
    for (const packet of wrong) assert.ok(!passes(filter, packet), packet.join());
  });
});

describe('the filters of a link', () => {
  const OWN = { 4: [192, 0, 2, 1], 6: [...new Array<number>(15).fill(0), 9] } as const;
  const here = { interfaceIndex: 5 };
  const toUs4 = (fragment = 0, own: readonly number[] = OWN[4]): number[] => [
    ...header4(1, 5, fragment).slice(0, 16),
    ...own,
  ];
  const toUs6 = (own: readonly number[] = OWN[6]): number[] => [...header6().slice(0, 24), ...own];
  const filter4 = linkFilter(4, ID, 5, Uint8Array.from(OWN[4]));
  const filter6 = linkFilter(6, ID, 5, Uint8Array.from(OWN[6]));
  const solicited = advertisementFilter(5, Uint8Array.from(OWN[6]));
  const advertisement = [136, ...new Array<number>(23).fill(0)];

  test('pass replies and errors that are ours', () => {
    assert.ok(passes(filter4, [...toUs4(), ...echo(0, ID)], here));
    assert.ok(passes(filter4, [...toUs4(), ...error(3), ...header4(), ...echo(8, ID)], here));
    assert.ok(passes(filter6, [...toUs6(), ...echo(129, ID)], here));
    assert.ok(passes(filter6, [...toUs6(), ...error(1), ...header6(), ...echo(128, ID)], here));
    assert.ok(passes(solicited, [...toUs6(), ...advertisement], here));
  });

  test('drop what is to somebody else, from elsewhere, a fragment or of another kind', () => {
    const reply4 = [...toUs4(), ...echo(0, ID)];
    const reply6 = [...toUs6(), ...echo(129, ID)];
    for (const packetType of [1, 2, 3, 4]) {
      assert.ok(!passes(filter4, reply4, { ...here, packetType }), `type ${packetType}`);
      assert.ok(!passes(filter6, reply6, { ...here, packetType }), `type ${packetType}`);
    }
    assert.ok(!passes(filter4, reply4, { interfaceIndex: 6 }));
    assert.ok(!passes(filter4, [...toUs4(0, [192, 0, 2, 2]), ...echo(0, ID)], here));
    assert.ok(!passes(filter4, [...toUs4(0x2000), ...echo(0, ID)], here), 'the first of several');
    assert.ok(!passes(filter4, [...toUs4(8), ...echo(0, ID)], here), 'a later one');
    assert.ok(!passes(filter4, [...toUs4(), ...echo(0, ID + 1)], here));
    assert.ok(!passes(filter6, [...toUs6([...OWN[6]].reverse()), ...echo(129, ID)], here));
    assert.ok(!passes(filter6, [...toUs6(), ...advertisement], here));
    assert.ok(!passes(solicited, reply6, here));
    assert.ok(!passes(solicited, [...toUs6(), 135, ...advertisement.slice(1)], here));
  });
});

test('of an IPv6 raw socket: only packets with further headers', () => {
  const program = furtherHeadersFilter(ID);
  const on = (next: number) => ({ interfaceIndex: 5, header: header6(next) });
  assert.ok(passes(program, echo(129, ID), on(60)));
  assert.ok(!passes(program, echo(129, ID), on(58)));
  assert.ok(!passes(program, echo(129, ID + 1), on(60)));
});

for (const family of [4, 6] as const) {
  describe(`a ring beside an IPv${family} socket`, () => {
    const REQUEST = family === 4 ? 8 : 128;
    const REPLY = family === 4 ? 0 : 129;
    const message = (type: number, identifier = ID): number[] => [
      ...echo(type, identifier),
      ...new Array<number>(24).fill(7),
    ];
    const octets = message(REPLY).length;
    /** @param next protocol of what follows @param length of that */
    const header = (next: number = family === 4 ? 1 : 58, length = octets, fragment = 0) => {
      const made = family === 4 ? header4(next, 5, fragment) : header6(next);
      const [at, value] = family === 4 ? [2, 20 + length] : [4, length];
      made[at] = value >> 8;
      made[at + 1] = value & 0xff;
      return made;
    };
    const heard = { interfaceIndex: 5, packetOctets: header().length + octets };
    const ring = ringFilter(family, ID, heard);
    const remainder = remainderFilter(family, ID, heard);
    const OUTGOING = 4;
    const isHeard = (head: readonly number[], rest: readonly number[], beside = {}): boolean =>
      passes(ring, [...head, ...rest], { interfaceIndex: 5, ...beside });
    const isLeft = (
      head: readonly number[],
      rest: readonly number[],
      interfaceIndex = 5,
      packetType = 0,
    ) => passes(remainder, [...head, ...rest], { interfaceIndex, packetType });

    test('takes the usual reply, and the other socket does not', () => {
      assert.ok(isHeard(header(), message(REPLY)));
      assert.ok(!isLeft(header(), message(REPLY)));
    });

    test('leaves replies from another interface, of another length, with options and to a group', () => {
      assert.ok(isLeft(header(), message(REPLY), 6));
      assert.ok(!isHeard(header(), message(REPLY), { interfaceIndex: 6 }));
      const toGroup = { packetType: 2 };
      assert.ok(isLeft(header(), message(REPLY), 5, toGroup.packetType));
      assert.ok(!isHeard(header(), message(REPLY), toGroup));
      const longer = [...message(REPLY), 1, 2];
      assert.ok(isLeft(header(undefined, longer.length), longer));
      assert.ok(!isHeard(header(undefined, longer.length), longer));
      const unusual = family === 4 ? header4(1, 6) : header(60);
      assert.equal(isLeft(unusual, message(REPLY)), family === 4);
      assert.ok(!isHeard(unusual, message(REPLY)));
    });

    test('leaves errors', () => {
      const error = [family === 4 ? 3 : 1, 1, 0, 0, 0, 0, 0, 0, ...header(), ...message(REQUEST)];
      const head = header(undefined, error.length);
      assert.ok(isLeft(head, error));
      assert.ok(isLeft(head, error, 6));
      assert.ok(!isHeard(head, error));
    });

    test('leaves nothing that is overheard, on its way out, a fragment or of another identifier', () => {
      for (const packetType of [3, OUTGOING])
        assert.ok(!isLeft(header(), message(REPLY), 6, packetType), `type ${packetType}`);
      assert.ok(!isLeft(header(), message(REPLY, ID + 1), 6));
      assert.ok(!isLeft(header(), message(REQUEST), 6));
      assert.ok(!isLeft(header(17), message(REPLY), 6));
      if (family === 4) assert.ok(!isLeft(header(1, octets, 0x2000), message(REPLY), 6));
    });

    test('takes our requests as they leave, and nothing of another identifier', () => {
      const leaves = { packetType: OUTGOING };
      assert.ok(isHeard(header(), message(REQUEST), leaves));
      assert.ok(!isHeard(header(), message(REQUEST)));
      assert.ok(!isHeard(header(), message(REPLY), leaves));
      assert.ok(!isHeard(header(), message(REQUEST, ID + 1), leaves));
      assert.ok(!isHeard(header(), message(REPLY, ID + 1)));
      assert.ok(!isHeard(header(), message(REPLY), { packetType: 3 }), 'overheard');
    });

    test('takes the first fragment of a reply, and no other', () => {
      const fragment = (offset: number, more: boolean): number[] =>
        family === 4
          ? header(1, octets, (more ? 0x2000 : 0) | offset)
          : [...header(44), 58, 0, offset >> 5, ((offset << 3) & 0xff) | Number(more), 0, 0, 0, 1];
      assert.ok(isHeard(fragment(0, true), message(REPLY)));
      assert.ok(!isHeard(fragment(3, true), message(REPLY)));
      assert.ok(!isHeard(fragment(3, false), message(REPLY)));
      assert.ok(!isHeard(fragment(0, true), message(REPLY, ID + 1)));
    });

    test('leaves the replies of a VLAN on top of the interface', () => {
      assert.ok(!isHeard(header(), message(REPLY), { vlanTag: 0x2064 }));
      assert.ok(isHeard(header(), message(REPLY), { vlanTag: 0x2000 }), 'a priority alone');
    });

    test('can be told to take requests only', () => {
      const departures = ringFilter(family, ID, heard, 'requests');
      const beside = { interfaceIndex: 5, packetType: OUTGOING };
      assert.ok(passes(departures, [...header(), ...message(REQUEST)], beside));
      assert.ok(!passes(departures, [...header(), ...message(REPLY)], { interfaceIndex: 5 }));
    });
  });
}
