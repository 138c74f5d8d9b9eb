/** What is promised of what Linux puts beside a packet: right, spoilt, or cut short. */

import assert from 'node:assert/strict';
import { platform } from 'node:os';
import fc from 'fast-check';
import * as c from '../../src/native/linux/constants.ts';
import { mutations } from './octet-mutations.ts';
import { type FuzzProperty, family, oneOf, property, uint32 } from './property.ts';

const CONTROL_OCTETS = 192;
const CMSG_HEADER_OCTETS = 16;
const NOW_NS = 5e12;

/** struct cmsghdr and data, padded to 8 octets; `lie` stands for its length. */
interface ControlMessage {
  readonly level: number;
  readonly type: number;
  readonly data: Uint8Array;
  readonly lie: number | null;
}

const control = fc.array(
  fc.record({
    level: oneOf([c.SOL_SOCKET, c.SOL_IP, c.SOL_IPV6, 0xffff]),
    type: oneOf([
      ...[c.SO_TIMESTAMPNS, c.SO_RXQ_OVFL, c.IP_TTL, c.IP_RECVERR],
      ...[c.IPV6_HOPLIMIT, c.IPV6_RECVERR, 0],
    ]),
    data: fc.uint8Array({ maxLength: 48 }),
    lie: fc.option(
      fc.oneof(uint32, fc.constantFrom(0, 15, 16, 0x7fff_fff9, 0x8000_0000, 0xffff_fff9)),
      { freq: 3 },
    ),
  }),
  { maxLength: 5 },
);

function octetsOf(messages: readonly ControlMessage[]): Uint8Array {
  const parts = messages.map(({ level, type, data, lie }) => {
    const part = new Uint8Array(CMSG_HEADER_OCTETS + ((data.length + 7) & ~7));
    const view = new DataView(part.buffer);
    view.setUint32(0, lie ?? CMSG_HEADER_OCTETS + data.length, true);
    view.setUint32(8, level, true);
    view.setUint32(12, type, true);
    part.set(data, CMSG_HEADER_OCTETS);
    return part;
  });
  return Uint8Array.from(parts.flatMap((part) => [...part])).subarray(0, CONTROL_OCTETS);
}

/** The last slot of the native memory has nobody else's octets behind it. */
const LAST_SLOT = 255;

/** Native memory is made once: a million sockets would be a gigabyte. */
async function makeSockets() {
  const { LinuxIcmpSocket } = await import('../../src/transport/linux/linux-icmp-socket.ts');
  const { LinuxClock } = await import('../../src/transport/linux/clock.ts');
  const clock = new LinuxClock();
  const packet = (family: 4 | 6) =>
    new LinuxIcmpSocket({ fd: -1, kind: 'dgram', family, identifier: 1 }, 56, clock);
  return { 4: packet(4), 6: packet(6) };
}

let made: ReturnType<typeof makeSockets> | undefined;
const sockets = (): ReturnType<typeof makeSockets> => {
  made ??= makeSockets();
  return made;
};

/** struct msghdr: where the kernel says how much it wrote, in an array of struct mmsghdr. */
const MMSG = { octets: 64, controlLength: 40 } as const;

const LINUX_ONLY: readonly FuzzProperty[] = [
  property(
    'no control message, however long it says it is, leads out of its slot or round in a circle',
    1500,
    [family, control, mutations, fc.boolean()],
    async (family, messages, mutate, trusts) => {
      const { readControlMessages } = await import('../../src/transport/linux/control-messages.ts');
      const socket = (await sockets())[family];
      const { receiver, receiveBatch } = socket;
      const octets = mutate(octetsOf(messages)).subarray(0, CONTROL_OCTETS);
      const { control: memory, headers } = receiveBatch as unknown as {
        control: { bytes: Uint8Array };
        headers: { view: DataView };
      };
      const told = [0, 0xff].map((behind) => {
        const start = LAST_SLOT * CONTROL_OCTETS;
        memory.bytes.fill(behind, start, start + CONTROL_OCTETS);
        memory.bytes.set(octets, start);
        const at = LAST_SLOT * MMSG.octets + MMSG.controlLength;
        headers.view.setUint32(at, octets.length, true);
        const { rx } = socket;
        rx.receivedAtNs[LAST_SLOT] = NOW_NS;
        for (const column of [rx.ttl, rx.errorType, rx.errorCode]) column[LAST_SLOT] = 0;
        receiver.droppedPackets = 0;
        receiver['countedDrops'] = 0;
        receiver['readAtNs'] = NOW_NS;
        receiver['trustsKernelTime'] = trusts;
        readControlMessages(receiveBatch, LAST_SLOT, receiver['controlReader']);
        assert.ok(rx.receivedAtNs[LAST_SLOT]! <= NOW_NS, 'received after it was read');
        const { ttl, errorType, errorCode, receivedAtNs } = rx;
        return [ttl, errorType, errorCode, receivedAtNs]
          .map((column) => column[LAST_SLOT])
          .concat(socket.droppedPackets);
      });
      assert.deepEqual(told[0], told[1]);
    },
  ),
];

/** Native memory and its layouts are Linux'. */
export const LINUX_SOCKETS: readonly FuzzProperty[] = platform() === 'linux' ? LINUX_ONLY : [];
