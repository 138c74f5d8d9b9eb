/**
 * The portable packet engine: the optional package raw-socket, on the thread that loads it. It cannot live in a worker
 * (its addon polls on the main thread's event loop and registers once per process), so it serves the coordinator.
 */

import { setImmediate } from 'node:timers/promises';
import type { RawSocket } from 'raw-socket';
import { type Family, formatAddressBytes, parseAddress } from '../address.ts';
import { EchosweepError, messageOf } from '../errors.ts';
import type { LinkTables } from '../host-network/host-network.ts';
import { errnoOfWords } from '../results/errno-words.ts';
import { ICMP_HEADER_OCTETS } from '../wire/icmp.ts';
import {
  FORM,
  type PacketSocket,
  type ReceiveBatch,
  type SendBatch,
  type SendFailure,
  type SocketOptions,
  type Transport,
} from './contract.ts';
import { monotonicNs } from './monotonic-clock.ts';
import { restoreQuotedLength } from './quoted-length.ts';
import { randomIdentifier } from './random-identifier.ts';
import { sendFailureOf } from './send-failure.ts';
import { RECEIVE_SLOTS, receiveSlotOctets, SEND_SLOTS } from './slot-sizes.ts';

type Package = typeof import('raw-socket');

/** Whether the kernel changes the ICMP errors that it passes to raw sockets. */
const CHANGES_QUOTES = process.platform === 'darwin';

const RECEIVE_BUFFER_OCTETS = 4 << 20;
/** Most packets kept between two reads; more are dropped and counted. */
const LONGEST_QUEUE = 65_536;
/** The package hands over one packet per turn of the event loop; a wait takes so many turns before the prober goes on. */
const MOST_TURNS = 256;

/** @throws EchosweepError `NO_ENGINE` if the package is missing or cannot be loaded */
async function loadRawSocketPackage(): Promise<Package> {
  try {
    const loaded: Package & { readonly default?: Package } = await import('raw-socket');
    return loaded.default ?? loaded;
  } catch (error) {
    throw new EchosweepError(
      'NO_ENGINE',
      'the optional package raw-socket is not here',
      'with a C++ compiler and Python, run `npm install raw-socket`',
      { cause: error },
    );
  }
}

const ON_UNIX = [
  'sudo echosweep --engine raw-socket …',
  'npm install raw-socket   (if it is missing; needs Python and a C++ compiler)',
] as const;

/** By system: lines any one of which may make the engine work. */
export const RAW_SOCKET_REMEDIES: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  linux: ON_UNIX,
  darwin: ON_UNIX,
  freebsd: ON_UNIX,
  openbsd: ON_UNIX,
  win32: [
    'Start-Process powershell -Verb RunAs   (and run echosweep in the Administrator’s console)',
    'npm install raw-socket   (if it is missing; needs Python and the C++ tools of Visual Studio)',
  ],
};

/**
 * Opens one socket per family. @param tables of the system, if they can be read
 * @throws EchosweepError `NO_ENGINE` if the system does not allow it, `OPTION_INVALID` for what the package cannot do
 */
export async function openRawSocketTransport(
  families: readonly Family[],
  options: SocketOptions,
  tables: LinkTables | undefined,
): Promise<Transport> {
  if (options.source4 !== undefined || options.source6 !== undefined) throw unsupported('--source');
  if (options.dontFragment) throw unsupported('--dont-fragment');
  const raw = await loadRawSocketPackage();
  const sockets: RawPacketSocket[] = [];
  try {
    for (const family of families) sockets.push(new RawPacketSocket(raw, family, options));
  } catch (error) {
    for (const socket of sockets) socket.close();
    throw error;
  }
  return new RawSocketTransport(sockets, tables);
}

function unsupported(option: string): EchosweepError {
  return new EchosweepError(
    'OPTION_INVALID',
    `${option}: the raw-socket engine cannot do this`,
    'use another engine (echosweep doctor lists them)',
  );
}

class RawSocketTransport implements Transport {
  readonly sockets: readonly RawPacketSocket[];
  readonly visitNeighbours?: LinkTables['visitNeighbours'];
  receivedUntilNs = monotonicNs();

  constructor(sockets: readonly RawPacketSocket[], tables: LinkTables | undefined) {
    this.sockets = sockets;
    if (tables !== undefined) this.visitNeighbours = tables.visitNeighbours;
  }

  get endReason(): string | undefined {
    return this.sockets.find(({ endReason }) => endReason !== undefined)?.endReason;
  }

  nowNs(): number {
    return monotonicNs();
  }

  wallClockOffsetNs(): number {
    return Date.now() * 1e6 - monotonicNs();
  }

  /** Packets arrive through the event loop, so waiting means yielding to it. */
  async wait(maxMs: number): Promise<void> {
    if (maxMs > 0) await this.firstArrival(maxMs);
    for (let turns = 0; turns < MOST_TURNS; turns++) {
      const fromNs = monotonicNs();
      const before = this.arrivals;
      await oneTurn();
      if (this.arrivals > before) continue;
      // The event loop has looked at the sockets since then, and nothing was there.
      this.receivedUntilNs = fromNs;
      return;
    }
  }

  private get arrivals(): number {
    return this.sockets.reduce((sum, socket) => sum + socket.arrivals, 0);
  }

  private firstArrival(maxMs: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        for (const socket of this.sockets) socket.onArrival = undefined;
        resolve();
      };
      const timer = setTimeout(wake, maxMs);
      for (const socket of this.sockets) socket.onArrival = wake;
    });
  }

  close(): void {
    for (const socket of this.sockets) socket.close();
  }
}

/** Ends once the event loop has looked at every socket: what is called in the first pass comes before that, in the second after. */
async function oneTurn(): Promise<void> {
  await setImmediate();
  await setImmediate();
}

interface Arrival {
  readonly packet: Uint8Array;
  readonly source: string;
  readonly atNs: number;
}

class RawPacketSocket implements PacketSocket {
  readonly family: Family;
  readonly identifier = randomIdentifier();
  readonly tx: SendBatch;
  readonly rx: ReceiveBatch;
  readonly clockSteps = 0;
  failure: SendFailure = 'refused';
  errno = '';
  droppedPackets = 0;
  onArrival: (() => void) | undefined;
  /** Packets that the package has handed over so far. */
  arrivals = 0;

  private readonly socket: RawSocket;
  private readonly sendBytes: Uint8Array;
  private readonly receiveBytes: Uint8Array;
  private readonly sources = new DataView(new ArrayBuffer(RECEIVE_SLOTS * 16));
  private queue: Arrival[] = [];
  private closed = false;
  /** Why the system ended the socket; undefined if it did not. */
  endReason: string | undefined;

  constructor(raw: Package, family: Family, options: SocketOptions) {
    const packetLength = ICMP_HEADER_OCTETS + options.payloadBytes;
    const stride = receiveSlotOctets(options.payloadBytes);
    this.family = family;
    this.sendBytes = new Uint8Array(SEND_SLOTS * packetLength);
    this.receiveBytes = new Uint8Array(RECEIVE_SLOTS * stride);
    this.tx = makeSendBatch(this.sendBytes, packetLength);
    this.rx = makeReceiveBatch(this.receiveBytes, stride, this.sources);
    this.socket = open(raw, family, options, stride);
    this.socket.on('message', (packet, source) => this.take(packet, source));
    // The package closes a socket after its error.
    this.socket.on('error', ({ message }) => {
      this.endReason ??= errnoOfWords(message) ?? message;
      this.closed = true;
    });
  }

  send(first: number, count: number): number {
    const { tx } = this;
    for (let slot = first; slot < first + count; slot++) {
      const address = formatAddressBytes(this.family, tx.addressView, slot * tx.addressStride);
      tx.notBeforeNs[slot] = tx.sentAtNs[slot] = monotonicNs();
      try {
        // The package's own queue would send one packet per turn of the event loop.
        this.socket.wrap.send(this.sendBytes, slot * tx.stride, tx.packetLength, address, () => {});
        tx.leftByNs[slot] = monotonicNs();
      } catch (error) {
        this.noteFailure(error);
        return slot - first;
      }
    }
    return count;
  }

  receive(): number {
    const arrivals = this.queue.splice(0, RECEIVE_SLOTS);
    arrivals.forEach(({ packet, source, atNs }, slot) => {
      this.receiveBytes.set(packet, slot * this.rx.stride);
      this.rx.length[slot] = packet.length;
      this.rx.receivedAtNs[slot] = atNs;
      this.writeSource(slot, source);
      if (CHANGES_QUOTES && this.family === 4)
        restoreQuotedLength(this.rx.view, slot * this.rx.stride, packet.length);
    });
    this.rx.form.fill(this.family === 4 ? FORM.ipv4Datagram : FORM.icmpMessage, 0, arrivals.length);
    return arrivals.length;
  }

  close(): void {
    if (!this.closed) this.socket.close();
    this.closed = true;
  }

  /** The package reuses its one buffer, so the packet is copied. */
  private take(packet: Buffer, source: string): void {
    this.arrivals++;
    if (this.queue.length >= LONGEST_QUEUE) this.droppedPackets++;
    else {
      const kept = Uint8Array.prototype.slice.call(packet, 0, this.rx.stride);
      this.queue.push({ packet: kept, source, atNs: monotonicNs() });
    }
    this.onArrival?.();
  }

  private writeSource(slot: number, source: string): void {
    const address = parseAddress(source.split('%')[0]!);
    for (let word = 0; word < 4; word++) {
      const shift = this.family === 4 ? 0n : BigInt(96 - 32 * word);
      this.sources.setUint32(
        slot * 16 + word * 4,
        Number(((address?.value ?? 0n) >> shift) & 0xffffffffn),
      );
    }
  }

  private noteFailure(error: unknown): void {
    const words = messageOf(error);
    // The package gives words, and no number.
    this.errno = this.endReason ?? errnoOfWords(words) ?? words;
    this.failure = sendFailureOf(this.errno);
  }
}

function open(raw: Package, family: Family, options: SocketOptions, bufferSize: number): RawSocket {
  const { AddressFamily, Protocol } = raw;
  let socket: RawSocket;
  try {
    socket = raw.createSocket({
      addressFamily: family === 4 ? AddressFamily.IPv4 : AddressFamily.IPv6,
      protocol: family === 4 ? Protocol.ICMP : Protocol.ICMPv6,
      bufferSize,
    });
  } catch (error) {
    const words = messageOf(error);
    const advice = process.platform === 'win32' ? 'run as Administrator' : 'run as root';
    throw new EchosweepError(
      'NO_ENGINE',
      `the raw-socket engine cannot open a socket (${words})`,
      advice,
      { cause: error },
    );
  }
  try {
    setUp(socket, raw, family, options);
  } catch (error) {
    // It would keep the process from ending.
    socket.close();
    throw error;
  }
  return socket;
}

function setUp(socket: RawSocket, raw: Package, family: Family, options: SocketOptions): void {
  const { SocketLevel, SocketOption } = raw;
  const level = family === 4 ? SocketLevel.IPPROTO_IP : SocketLevel.IPPROTO_IPV6;
  socket.setOption(SocketLevel.SOL_SOCKET, SocketOption['SO_RCVBUF']!, RECEIVE_BUFFER_OCTETS);
  if (options.ttl !== undefined) {
    socket.setOption(
      level,
      SocketOption[family === 4 ? 'IP_TTL' : 'IPV6_UNICAST_HOPS']!,
      options.ttl,
    );
  }
  if (options.tos !== undefined) {
    if (family === 6) throw unsupported('--tos with IPv6');
    socket.setOption(level, SocketOption['IP_TOS']!, options.tos);
  }
  if (options.interface !== undefined) bindToInterface(socket, raw, options.interface);
}

function bindToInterface(socket: RawSocket, raw: Package, name: string): void {
  const option = raw.SocketOption['SO_BINDTODEVICE'];
  if (option === undefined) throw unsupported('--interface');
  const text = Buffer.from(`${name}\0`);
  try {
    socket.setOption(raw.SocketLevel.SOL_SOCKET, option, text, text.length);
  } catch (error) {
    throw new EchosweepError(
      'OPTION_INVALID',
      `--interface: cannot send from "${name}"`,
      'give the name of an interface of this host',
      { cause: error },
    );
  }
}

function makeSendBatch(bytes: Uint8Array, packetLength: number): SendBatch {
  return {
    capacity: SEND_SLOTS,
    view: new DataView(bytes.buffer),
    stride: packetLength,
    packetLength,
    addressView: new DataView(new ArrayBuffer(SEND_SLOTS * 16)),
    addressOffset: 0,
    addressStride: 16,
    // The package takes addresses as text without a zone; link-local targets need --interface.
    setScope: () => {},
    sentAtNs: new Float64Array(SEND_SLOTS),
    leftByNs: new Float64Array(SEND_SLOTS),
    notBeforeNs: new Float64Array(SEND_SLOTS),
  };
}

function makeReceiveBatch(bytes: Uint8Array, stride: number, sources: DataView): ReceiveBatch {
  return {
    view: new DataView(bytes.buffer),
    stride,
    length: new Uint32Array(RECEIVE_SLOTS),
    form: new Uint8Array(RECEIVE_SLOTS),
    ttl: new Uint8Array(RECEIVE_SLOTS),
    receivedAtNs: new Float64Array(RECEIVE_SLOTS),
    isKernelTime: new Uint8Array(RECEIVE_SLOTS),
    sourceView: sources,
    sourceOffset: 0,
    sourceStride: 16,
    errorType: new Uint8Array(RECEIVE_SLOTS),
    errorCode: new Uint8Array(RECEIVE_SLOTS),
    destinationView: sources,
    destinationOffset: 0,
    destinationStride: 16,
  };
}
