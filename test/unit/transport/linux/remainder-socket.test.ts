/** What a ring leaves, as it gets into the slots of its socket. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FORM } from '../../../../src/transport/contract.ts';
import { LinuxClock } from '../../../../src/transport/linux/clock.ts';
import { RemainderSocket } from '../../../../src/transport/linux/remainder-socket.ts';
import { prepareHeader, sealPacket } from '../../../../src/wire/ip-header.ts';
import { receiveBatch } from './receive-batch.ts';

const MMSG = { octets: 64, length: 56 } as const;
const MESSAGE_OCTETS = 16;

for (const family of [4, 6] as const)
  test(`packets of IPv${family} come with their times, and invalid ones without octets`, () => {
    const socket = new RemainderSocket(-1, family, 8, new LinuxClock(() => 0));
    const { batch, receiver } = socket as unknown as {
      batch: { stride: number; packets: { view: DataView }; headers: { view: DataView } };
      receiver: RemainderSocket['receiver'];
    };
    const header = family === 4 ? 20 : 40;
    const source = new Uint8Array(family === 4 ? 4 : 16).fill(0x22);
    const fields = { family, source, hopLimit: 61, trafficClass: 0, dontFragment: false };
    for (let slot = 0; slot < 3; slot++) {
      const at = slot * batch.stride;
      prepareHeader(batch.packets.view, at, MESSAGE_OCTETS, fields);
      batch.packets.view.setUint16(at + header + 6, slot);
      sealPacket(family, batch.packets.view, at, MESSAGE_OCTETS);
      // The last one has lost its end.
      const octets = header + MESSAGE_OCTETS - (slot === 2 ? 1 : 0);
      batch.headers.view.setUint32(slot * MMSG.octets + MMSG.length, octets, true);
    }
    receiver.receive = (queue) => {
      assert.equal(queue, 0);
      receiver.receivedAtNs.set([100, 200, 300]);
      receiver.isKernelTime.set([1, 0, 1]);
      return 3;
    };
    const rx = receiveBatch(4);
    assert.equal(socket.receive(rx), 3);
    const form = family === 4 ? FORM.ipv4Datagram : FORM.icmpMessage;
    const octets = MESSAGE_OCTETS + (family === 4 ? header : 0);
    assert.deepEqual([...rx.form], [form, form, form, 0]);
    assert.deepEqual([...rx.length], [octets, octets, 0, 0]);
    assert.deepEqual([...rx.receivedAtNs], [100, 200, 300, 0]);
    assert.deepEqual([...rx.isKernelTime], [1, 0, 1, 0]);
    assert.equal(rx.view.getUint16(rx.stride + octets - MESSAGE_OCTETS + 6), 1);
    receiver.droppedPackets = 7;
    assert.equal(socket.droppedPackets, 7);
    socket.free();
  });
