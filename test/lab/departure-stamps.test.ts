/** Send times by the kernel's word: where few packets are due, of every socket that has its error queue for itself. */

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { addressOctets, type Family, parseAddress } from '../../src/address.ts';
import {
  CLOCK_MONOTONIC,
  CLOCK_REALTIME,
  MSG_DONTWAIT,
  MSG_ERRQUEUE,
} from '../../src/native/linux/constants.ts';
import { close as closeDescriptor, recv } from '../../src/native/linux/libc.ts';
import { FORM } from '../../src/transport/contract.ts';
import { LinuxClock } from '../../src/transport/linux/clock.ts';
import { LinuxIcmpSocket } from '../../src/transport/linux/linux-icmp-socket.ts';
import { closeEchoRing } from '../../src/transport/linux/open-echo-ring.ts';
import { openIcmpSocket } from '../../src/transport/linux/open-icmp-socket.ts';
import { foldSum } from '../../src/wire/checksum.ts';
import { ECHO_REQUEST, ICMP_AT } from '../../src/wire/icmp.ts';
import { LAB, LAB_INTERFACES } from './address-plan.ts';
import { labTest } from './lab-test.ts';
import { hostIn } from './sweep-report.ts';

const PAYLOAD_OCTETS = 56;
const LOOPBACK = { 4: '127.0.0.1', 6: '::1' } as const;

/** Behind a router. */
const FAR = { 4: hostIn(LAB.live4), 6: hostIn(LAB.live6) } as const;

/** Opens a socket whose slots are requests to an address. @param heardOn name of the interface that a ring listens to */
function openPinger(
  family: Family,
  clock: LinuxClock,
  { address = LOOPBACK[family] as string, heardOn = undefined as string | undefined } = {},
) {
  const options = { payloadBytes: PAYLOAD_OCTETS, longestTimeoutMs: 1000, dontFragment: false };
  const handle = openIcmpSocket('raw', family, options, heardOn);
  const socket = new LinuxIcmpSocket(handle, PAYLOAD_OCTETS, clock);
  const { tx } = socket;
  const target = addressOctets(family, parseAddress(address)!.value);
  for (let slot = 0; slot < tx.capacity; slot++) {
    tx.view.setUint8(slot * tx.stride, ECHO_REQUEST[family]);
    tx.view.setUint16(slot * tx.stride + ICMP_AT.identifier, socket.identifier);
    tx.view.setUint16(slot * tx.stride + ICMP_AT.sequence, slot);
    const sum = (ECHO_REQUEST[family] << 8) + socket.identifier + slot;
    // The kernel fills in ICMPv6's.
    if (family === 4) tx.view.setUint16(slot * tx.stride + ICMP_AT.checksum, ~foldSum(sum));
    const at = tx.addressOffset + slot * tx.addressStride;
    for (const [i, octet] of target.entries()) tx.addressView.setUint8(at + i, octet);
  }
  const close = (): void => {
    socket.free();
    closeDescriptor(handle.fd);
    if (handle.ring !== undefined) closeEchoRing(handle.ring);
  };
  return { handle, socket, tx, close };
}

for (const family of [4, 6] as const) {
  labTest(`IPv${family}: a packet sent alone is stamped on its way out, not before it`, () => {
    const { handle, socket, tx, close } = openPinger(family, new LinuxClock());
    try {
      let stamped = 0;
      for (let i = 0; i < 100; i++) {
        assert.equal(socket.send(0, 1), 1);
        socket.receive();
        assert.ok(tx.sentAtNs[0]! >= tx.notBeforeNs[0]!);
        assert.ok(tx.sentAtNs[0]! <= tx.leftByNs[0]!);
        if (tx.sentAtNs[0]! > tx.notBeforeNs[0]!) stamped++;
      }
      assert.ok(stamped >= 90, `${stamped} of 100`);
      // Many at once are worth no call each, and leave nothing behind to be read.
      assert.equal(socket.send(0, 64), 64);
      assert.equal(tx.sentAtNs[0], tx.notBeforeNs[0]);
      assert.ok(recv(handle.fd, new Uint8Array(64), 64, MSG_ERRQUEUE | MSG_DONTWAIT) < 0);
    } finally {
      close();
    }
  });
}

/** Until then, the system holds packets back. */
async function untilRouterIsResolved(socket: LinuxIcmpSocket): Promise<void> {
  do {
    socket.send(0, 1);
    await sleep(5);
    while (socket.receive() > 0);
  } while (socket.tx.leftByNs[0] === Number.POSITIVE_INFINITY);
}

for (const family of [4, 6] as const) {
  labTest(
    `IPv${family}: a ring shows when each of many packets left and each reply arrived`,
    async () => {
      const heard = { address: FAR[family], heardOn: LAB_INTERFACES.router };
      const { socket, tx, close } = openPinger(family, new LinuxClock(), heard);
      try {
        await untilRouterIsResolved(socket);
        assert.equal(socket.send(0, tx.capacity), tx.capacity);
        assert.ok(tx.capacity > 64);
        for (let slot = 1; slot < tx.capacity; slot++) {
          assert.ok(tx.sentAtNs[slot]! > tx.sentAtNs[slot - 1]!, `slot ${slot}`);
          assert.equal(tx.leftByNs[slot], tx.sentAtNs[slot]);
        }
        const { rx } = socket;
        let received = 0;
        for (let tries = 0; received < tx.capacity && tries < 1000; tries++) {
          const count = socket.receive();
          for (let slot = 0; slot < count; slot++) {
            const header = family === 4 ? 20 : 0;
            const sequence = rx.view.getUint16(slot * rx.stride + header + ICMP_AT.sequence);
            assert.ok(rx.receivedAtNs[slot]! > tx.sentAtNs[sequence]!, `sequence ${sequence}`);
            assert.deepEqual([rx.isKernelTime[slot], rx.length[slot]], [1, header + 64]);
          }
          received += count;
        }
        assert.equal(received, tx.capacity);
        assert.equal(socket.receive(), 0, 'the raw socket leaves these replies to the ring');
      } finally {
        close();
      }
    },
  );
}

labTest('replies that a full ring had no room for are counted once it is empty', async () => {
  const heard = { address: FAR[4], heardOn: LAB_INTERFACES.router };
  const { socket, tx, close } = openPinger(4, new LinuxClock(), heard);
  try {
    await untilRouterIsResolved(socket);
    assert.equal(socket.droppedPackets, 0);
    let sent = 0;
    while (sent < 10_000) sent += socket.send(0, tx.capacity);
    await sleep(50);
    let received = 0;
    for (let count = socket.receive(); count > 0; count = socket.receive())
      for (let slot = 0; slot < count; slot++)
        if (socket.rx.form[slot] !== FORM.departure) received++;
    assert.ok(received < sent, 'the ring was never full');
    // Frames of requests alone are read without a look at the count.
    assert.equal(socket.receive(), 0);
    assert.ok(socket.droppedPackets >= sent - received, `${socket.droppedPackets} dropped`);
  } finally {
    close();
  }
});

labTest(
  'a reply that waited while the clock stepped is not dated by it, whichever socket notices',
  async () => {
    const real = new LinuxClock();
    let stepNs = 0;
    const clock = new LinuxClock((which) =>
      which === CLOCK_MONOTONIC ? real.nowNs() : real.nowNs() + real.wallClockOffsetNs() + stepNs,
    );
    const pingers = [openPinger(4, clock), openPinger(4, clock)];
    try {
      for (const { socket } of pingers) while (socket.receive() > 0);
      for (const { socket } of pingers) assert.equal(socket.send(0, 1), 1);
      await sleep(50);
      stepNs = 1e9;
      for (const { socket, tx } of pingers) {
        assert.ok(socket.receive() > 0);
        assert.equal(socket.rx.isKernelTime[0], 0);
        assert.ok(socket.rx.receivedAtNs[0]! >= tx.sentAtNs[0]!);
      }
      assert.equal(clock.steps, 1);
    } finally {
      for (const { close } of pingers) close();
    }
  },
);

labTest('a stamp of a clock that has stepped is not believed', () => {
  const real = new LinuxClock();
  let stepNs = 0;
  const clock = new LinuxClock((which) =>
    which === CLOCK_MONOTONIC
      ? real.nowNs()
      : real.nowNs() + real.wallClockOffsetNs() + (which === CLOCK_REALTIME ? stepNs : 0),
  );
  stepNs = 1e9;
  clock.resample();
  const { socket, tx, close } = openPinger(4, clock);
  try {
    for (let i = 0; i < 100; i++) {
      assert.equal(socket.send(0, 1), 1);
      assert.equal(tx.sentAtNs[0], tx.notBeforeNs[0]);
    }
  } finally {
    close();
  }
});
