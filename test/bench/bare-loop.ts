/**
 * The yardstick: how fast the kernel and Node are when nothing is stored. `node bare-loop.js RANGE [WORKERS]` probes every
 * address once, in batches, from workers with a filtered raw socket each, and prints the number of replies: no times, no
 * retries, no order, no report.
 */

import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import * as c from '../../src/native/linux/constants.ts';
import { ppoll, recvmmsg, sendmmsg, setsockopt, socket } from '../../src/native/linux/libc.ts';
import { allocate } from '../../src/native/native-memory.ts';
import { MessageBatch } from '../../src/transport/linux/message-batch.ts';
import { foldSum } from '../../src/wire/checksum.ts';
import { ECHO_REQUEST } from '../../src/wire/icmp.ts';
import { ICMP_PROTOCOL } from '../../src/wire/ip-header.ts';
import { socketFilter } from '../../src/wire/packet-filters.ts';
import { rangeOf } from './range.ts';

interface Share {
  readonly fd: number;
  readonly identifier: number;
  readonly first: number;
  readonly hosts: number;
}

const SLOTS = 256;
/** ICMP header and 8 octets of payload, of which 4 are used. */
const PACKET_OCTETS = 16;
const RECEIVE_OCTETS = 128;
const NAME_OCTETS = 16;
const RECEIVE_BUFFER_OCTETS = 32 << 20;
/** How long it waits for the last replies. */
const GRACE_MS = 500;
const POLL_MS = 50;

if (isMainThread) await main();
else sweepShare(workerData as Share);

async function main(): Promise<void> {
  const range = rangeOf(process.argv[2]!);
  const workers = Number(process.argv[3] ?? 2);
  // All are open before the first packet leaves: until it has its filter, a socket receives other packets too.
  const shares = Array.from({ length: workers }, (_, i): Share => {
    const from = Math.floor((range.hosts * i) / workers);
    const to = Math.floor((range.hosts * (i + 1)) / workers);
    const identifier = (process.pid * workers + i) & 0xffff;
    const fd = openFilteredSocket(identifier);
    return { fd, identifier, first: range.first + from, hosts: to - from };
  });
  const received = await Promise.all(shares.map(runWorker));
  process.stdout.write(`${received.reduce((sum, each) => sum + each, 0)}\n`);
}

function runWorker(share: Share): Promise<number> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(fileURLToPath(import.meta.url), { workerData: share });
    worker.on('message', resolve);
    worker.on('error', reject);
  });
}

function sweepShare({ fd, identifier, first, hosts }: Share): void {
  const sends = new MessageBatch({
    slots: SLOTS,
    packetOctets: PACKET_OCTETS,
    nameOctets: NAME_OCTETS,
  });
  const receives = new MessageBatch({ slots: SLOTS, packetOctets: RECEIVE_OCTETS });
  for (let slot = 0; slot < SLOTS; slot++) {
    sends.names.view.setUint16(slot * NAME_OCTETS, c.AF_INET, true);
    sends.packets.view.setUint8(slot * PACKET_OCTETS, ECHO_REQUEST[4]);
    sends.packets.view.setUint16(slot * PACKET_OCTETS + 4, identifier);
  }

  let received = 0;
  const receiveAll = (): void => {
    for (let count = SLOTS; count === SLOTS; ) {
      count = recvmmsg(fd, receives.headerAddress[0]!, SLOTS, c.MSG_DONTWAIT, null);
      received += Math.max(0, count);
    }
  };
  for (let host = 0; host < hosts; host += SLOTS) {
    const count = Math.min(SLOTS, hosts - host);
    for (let slot = 0; slot < count; slot++) prepare(sends, slot, first + host + slot, host + slot);
    for (let sent = 0; sent < count; ) {
      sent += Math.max(0, sendmmsg(fd, sends.headerAddress[sent]!, count - sent, 0));
    }
    receiveAll();
  }

  const poll = Buffer.alloc(8);
  poll.writeInt32LE(fd);
  poll.writeInt16LE(c.POLLIN, 4);
  const timeout = Buffer.alloc(16);
  timeout.writeBigInt64LE(BigInt(POLL_MS * 1e6), 8);
  const end = performance.now() + GRACE_MS;
  while (received < hosts && performance.now() < end) {
    ppoll(poll, 1, timeout, null);
    receiveAll();
  }
  parentPort!.postMessage(received);
}

function prepare(sends: MessageBatch, slot: number, address: number, host: number): void {
  sends.names.view.setUint32(slot * NAME_OCTETS + 4, address);
  const { view } = sends.packets;
  const at = slot * PACKET_OCTETS;
  view.setUint16(at + 6, host & 0xffff);
  view.setUint32(at + 8, host);
  const identifier = view.getUint16(at + 4);
  const sum = (ECHO_REQUEST[4] << 8) + identifier + 2 * (host & 0xffff) + (host >>> 16);
  view.setUint16(at + 2, ~foldSum(sum) & 0xffff);
}

function openFilteredSocket(identifier: number): number {
  const fd = socket(c.AF_INET, c.SOCK_RAW | c.SOCK_CLOEXEC, ICMP_PROTOCOL[4]);
  if (fd < 0) throw new Error('no raw socket: run it in the lab');
  const size = Buffer.alloc(4);
  size.writeInt32LE(RECEIVE_BUFFER_OCTETS);
  if (setsockopt(fd, c.SOL_SOCKET, c.SO_RCVBUFFORCE, size, 4) !== 0)
    setsockopt(fd, c.SOL_SOCKET, c.SO_RCVBUF, size, 4);
  const program = socketFilter(4, identifier);
  const code = allocate(program.length);
  code.bytes.set(program);
  // struct sock_fprog: u16 instructions, pointer at 8.
  const fprog = Buffer.alloc(16);
  fprog.writeUInt16LE(program.length / 8);
  fprog.writeBigUInt64LE(code.address, 8);
  if (setsockopt(fd, c.SOL_SOCKET, c.SO_ATTACH_FILTER, fprog, fprog.length) !== 0)
    throw new Error('the system refused the packet filter');
  return fd;
}
