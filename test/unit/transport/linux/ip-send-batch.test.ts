/** Requests behind an IP header of our own, octet by octet as the kernel gets them. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Family } from '../../../../src/address.ts';
import type { SendBatch } from '../../../../src/transport/contract.ts';
import { LinuxClock } from '../../../../src/transport/linux/clock.ts';
import {
  gatewaySendBatch,
  linkSendBatch,
  routedSendBatch,
  routePackets,
  sealPackets,
} from '../../../../src/transport/linux/ip-send-batch.ts';
import { MessageChannel } from '../../../../src/transport/linux/message-channel.ts';
import { checksumHolds } from '../../../../src/wire/checksum.ts';
import { packetLength } from '../../../../src/wire/ip-header.ts';

const SLOTS = 4;
const MESSAGE_OCTETS = 16;
const SEQUENCE = 0x1234;
const HEADER_OCTETS = { 4: 20, 6: 40 } as const;
const NAME_OCTETS = { link: 20, internet: 16 } as const;

const header = (family: Family) => ({
  family,
  source:
    family === 4
      ? Uint8Array.of(192, 0, 2, 1)
      : Uint8Array.of(0x20, 1, 0xd, 0xb8, ...Array(11).fill(0), 1),
  hopLimit: 17,
  trafficClass: 0x28,
  dontFragment: true,
});

function channelOf(family: Family, nameOctets: number): MessageChannel {
  const packetOctets = HEADER_OCTETS[family] + MESSAGE_OCTETS;
  return new MessageChannel({
    fd: -1,
    clock: new LinuxClock(() => 0),
    sends: { slots: SLOTS, packetOctets, nameOctets },
    receives: { slots: 1, packetOctets },
    stampsDepartures: false,
  });
}

/** Writes requests as the prober does. */
function writeRequests(
  { capacity, view, stride, addressView, addressOffset, addressStride }: SendBatch,
  family: Family,
): void {
  for (let slot = 0; slot < capacity; slot++) {
    view.setUint8(slot * stride, family === 4 ? 8 : 128);
    view.setUint16(slot * stride + 6, SEQUENCE + slot);
    const at = addressOffset + slot * addressStride;
    if (family === 6) addressView.setUint32(at, 0x20010db8);
    addressView.setUint8(at + (family === 4 ? 0 : 12), 198);
    addressView.setUint8(at + (family === 4 ? 3 : 15), slot + 1);
  }
}

const nameOf = ({ sendBatch }: MessageChannel, slot: number, octets: number): number[] => [
  ...sendBatch.names.bytes.subarray(slot * octets, (slot + 1) * octets),
];

describe('a request', () => {
  for (const [family, first, protocol] of [
    [4, [0x45, 0x28, 0, 36, 0, 0, 0x40, 0, 17, 1, 0, 0, 192, 0, 2, 1, 198, 0, 0], [8, 0]],
    [6, [0x62, 0x80, 0, 0, 0, 16, 58, 17, 0x20, 1, 0xd, 0xb8], [0x86, 0xdd]],
  ] as const)
    test(`of IPv${family} past the system is whole once it is sealed, and goes to the MAC address`, () => {
      const channel = channelOf(family, NAME_OCTETS.link);
      const mac = Uint8Array.of(2, 3, 4, 5, 6, 7);
      const source = '192.0.2.1';
      const past = { family, interface: 'eth0', interfaceIndex: 0x0203, mac, source };
      const batch = gatewaySendBatch(header(family), past, channel, MESSAGE_OCTETS);
      assert.deepEqual([batch.capacity, batch.packetLength], [SLOTS, MESSAGE_OCTETS]);
      writeRequests(batch, family);
      const { bytes, view } = channel.sendBatch.packets;
      const whole = (slot: number): number =>
        packetLength(family, view, slot * batch.stride, HEADER_OCTETS[family] + MESSAGE_OCTETS);
      for (let slot = 0; slot < SLOTS; slot++) {
        const at = slot * batch.stride;
        assert.deepEqual([...bytes.subarray(at, at + first.length)], [...first], `slot ${slot}`);
        assert.equal(bytes[at + (family === 4 ? 19 : 39)], slot + 1);
      }
      sealPackets(family, batch, 1, 2);
      assert.deepEqual([0, 1, 2, 3].map(whole), [
        0,
        36 + (family === 6 ? 20 : 0),
        36 + (family === 6 ? 20 : 0),
        0,
      ]);
      for (const slot of [0, SLOTS - 1])
        assert.deepEqual(nameOf(channel, slot, NAME_OCTETS.link), [
          ...[17, 0, ...protocol, 3, 2, 0, 0, 0, 0, 0, 6],
          ...mac,
          ...[0, 0],
        ]);
      channel.free();
    });

  test('on a link has no MAC address yet', () => {
    const channel = channelOf(4, NAME_OCTETS.link);
    linkSendBatch(header(4), 9, channel, MESSAGE_OCTETS);
    assert.deepEqual(
      nameOf(channel, SLOTS - 1, 20).slice(2, 14),
      [8, 0, 9, 0, 0, 0, 0, 0, 0, 6, 0, 0],
    );
    channel.free();
  });

  test('that the system routes has its destination as its name, and no checksum yet', () => {
    const channel = channelOf(4, NAME_OCTETS.internet);
    const batch = routedSendBatch(header(4), channel, MESSAGE_OCTETS);
    writeRequests(batch, 4);
    routePackets(batch, channel, 1, 2);
    const names = [0, 1, 2, 3].map((slot) =>
      nameOf(channel, slot, NAME_OCTETS.internet).slice(0, 8),
    );
    assert.deepEqual(names, [
      [2, 0, 0, 0, 0, 0, 0, 0],
      [2, 0, 0, 0, 198, 0, 0, 2],
      [2, 0, 0, 0, 198, 0, 0, 3],
      [2, 0, 0, 0, 0, 0, 0, 0],
    ]);
    const { view } = channel.sendBatch.packets;
    const identifications = [0, 1, 2, 3].map((slot) => view.getUint16(slot * batch.stride + 4));
    assert.deepEqual(identifications, [0, SEQUENCE + 1, SEQUENCE + 2, 0]);
    assert.ok(!checksumHolds(view, batch.stride, 20));
    channel.free();
  });
});
