/** A network made of a script and a clock that only tests move: it takes echo requests and answers by the script. */

import {
  addressOctets,
  type Family,
  formatAddressBytes,
  parseAddress,
} from '../../../src/address.ts';
import { OFFSET } from '../../../src/probe/echo-request.ts';
import {
  FORM,
  type LinkEnd,
  type NeighbourSocket,
  type PacketSocket,
  type ReceiveBatch,
  type SendBatch,
  type SendFailure,
  type Transport,
} from '../../../src/transport/contract.ts';
import { internetChecksum } from '../../../src/wire/checksum.ts';
import { ECHO_REPLY } from '../../../src/wire/icmp.ts';

/** An echo request as it arrived. */
export interface Request {
  readonly address: string;
  /** Which of the requests to this address it is, from 0. */
  readonly nth: number;
  /** ICMP message, a copy. */
  readonly message: Uint8Array;
  readonly sentAtNs: number;
  /** The MAC address that it went to; empty if the system routes. */
  readonly mac: readonly number[];
}

/** A packet on its way to the prober. */
export interface Arrival {
  /** After the request left. */
  readonly afterMs: number;
  readonly message: Uint8Array;
  readonly from: string;
  /** How long after its arrival it can be read: it is still on its way through the system. */
  readonly hiddenMs?: number;
  /** It is no packet, but what the system itself reports about the request in `message`. */
  readonly notice?: Notice;
}

/** An ICMP error in the system's words, or that the request could not be sent. */
export type Notice =
  | { readonly type: number; readonly code: number; readonly isVague: boolean }
  | { readonly errno: string }
  | { readonly departure: true };

/** What the system reports about a request. @param from the offender of an error */
export function notice(request: Request, said: Notice, from = request.address): Arrival {
  return { afterMs: 5, message: request.message, from, notice: said };
}

/** What a request meets. */
export type Script = (request: Request) => readonly Arrival[];

const PAYLOAD_OCTETS = 56;
const PACKET_LENGTH = 8 + PAYLOAD_OCTETS;
const SLOTS = 16;
const STRIDE = 2048;
const TTL = 61;
const IP_HEADER_OCTETS: Readonly<Record<Family, number>> = { 4: 20, 6: 40 };

/** The echo reply to a request, or what `change` makes of it; its checksum is right unless `spoil`. */
export function reply(
  request: Request,
  options: {
    readonly afterMs?: number;
    readonly from?: string;
    readonly change?: (view: DataView) => void;
    readonly length?: number;
    readonly spoil?: boolean;
  } = {},
): Arrival {
  const message = request.message.slice(0, options.length);
  const view = new DataView(message.buffer);
  const family = familyOf(request.address);
  view.setUint8(0, ECHO_REPLY[family]);
  options.change?.(view);
  writeChecksum(view, options.spoil ?? false);
  return { afterMs: options.afterMs ?? 5, message, from: options.from ?? request.address };
}

/** An ICMP error about a request, quoting `quoted` octets of its ICMP message. */
export function icmpError(
  request: Request,
  type: number,
  code: number,
  options: {
    readonly afterMs?: number;
    readonly from?: string;
    readonly quoted?: number;
    readonly change?: (quote: DataView) => void;
    readonly spoil?: boolean;
    /** Of the quoted IP header. */
    readonly destination?: string;
  } = {},
): Arrival {
  const family = familyOf(request.address);
  const inner = request.message.slice(0, options.quoted ?? request.message.length);
  options.change?.(new DataView(inner.buffer));
  const header = ipHeader(family, '::', options.destination ?? request.address, inner.length);
  const message = Uint8Array.from([type, code, 0, 0, 0, 0, 0, 0, ...header, ...inner]);
  writeChecksum(new DataView(message.buffer), options.spoil ?? false);
  const router = family === 4 ? '192.0.2.254' : '2001:db8::fe';
  return { afterMs: options.afterMs ?? 5, message, from: options.from ?? router };
}

/** One socket on a network whose every packet is in the test's hand. */
export class ScriptedNetwork implements Transport {
  readonly sockets: readonly ScriptedSocket[];
  neighbourSockets: readonly ScriptedLink[] = [];
  /** Every request that left, in order. */
  readonly requests: Request[] = [];
  script: Script;
  /** The monotonic clock. */
  clockNs = 1e12;

  constructor(family: Family, script: Script, identifier = 0x4711) {
    this.script = script;
    this.sockets = [new ScriptedSocket(this, family, identifier)];
  }

  get socket(): ScriptedSocket {
    return this.sockets[0]!;
  }

  /** As in the contract; undefined if everything can be received at once. */
  receivedUntilNs?: number;

  /** Whether arrivals are stamped when they arrive, or when they are read. */
  stampsArrivals = true;

  nowNs(): number {
    return this.clockNs;
  }

  wallClockOffsetNs(): number {
    return 1.7e18 - 1e12;
  }

  /** Moves the clock on, no further than to the next arrival. */
  wait(maxMs: number): void {
    const target = this.clockNs + maxMs * 1e6;
    const arrivals = [this.socket, ...this.neighbourSockets].map((from) => from.nextArrivalNs());
    this.clockNs = Math.max(this.clockNs + 1, Math.min(target, ...arrivals));
  }

  close(): void {}

  requestsTo(address: string): Request[] {
    return this.requests.filter((request) => request.address === address);
  }
}

interface Pending {
  readonly atNs: number;
  /** When it can be read. */
  readonly fromNs: number;
  /** That the request went to. */
  readonly address: string;
  readonly arrival: Arrival;
}

export class ScriptedSocket implements PacketSocket {
  readonly family: Family;
  readonly identifier: number;
  readonly tx: SendBatch;
  readonly rx: ReceiveBatch;
  readonly clockSteps = 0;
  failure: SendFailure = 'refused';
  errno = '';
  droppedPackets = 0;
  /** Why sending to an address fails; undefined if it does not. */
  refuses: (address: string) => { failure: SendFailure; errno: string } | undefined = () =>
    undefined;
  /** How long the thread is held up before a request leaves, and after it has left. */
  holdsUp: (request: { readonly address: string }) => {
    readonly beforeMs?: number;
    readonly afterMs?: number;
  } = () => ({});
  /** How long a request waits at the interface, which then shows that it leaves; undefined if nothing is shown. */
  queuesMs?: (address: string, nth: number) => number;
  /** Whether requests to an address leave elsewhere, where that is not shown. */
  hidesDepartures: (address: string) => boolean = () => false;
  /** Set by a test whose hosts are on a link. */
  link?: LinkEnd;
  private readonly slotMacs: (readonly number[])[] = [];
  private readonly network: ScriptedNetwork;
  private readonly sources = new DataView(new ArrayBuffer(SLOTS * 16));
  private readonly destinations = new DataView(new ArrayBuffer(SLOTS * 16));
  private readonly errnos: string[] = [];
  private readonly bytes = new Uint8Array(SLOTS * STRIDE);
  private readonly tried: string[] = [];
  private pending: Pending[] = [];
  /** How many packets it takes at once; undefined for any number. */
  room?: number;

  constructor(network: ScriptedNetwork, family: Family, identifier: number) {
    this.network = network;
    this.family = family;
    this.identifier = identifier;
    this.tx = {
      capacity: SLOTS,
      view: new DataView(new ArrayBuffer(SLOTS * PACKET_LENGTH)),
      stride: PACKET_LENGTH,
      packetLength: PACKET_LENGTH,
      addressView: new DataView(new ArrayBuffer(SLOTS * 16)),
      addressOffset: 0,
      addressStride: 16,
      setScope: () => {},
      sentAtNs: new Float64Array(SLOTS),
      leftByNs: new Float64Array(SLOTS),
      notBeforeNs: new Float64Array(SLOTS),
    };
    this.rx = {
      view: new DataView(this.bytes.buffer),
      stride: STRIDE,
      length: new Uint32Array(SLOTS),
      form: new Uint8Array(SLOTS).fill(family === 4 ? FORM.ipv4Datagram : FORM.icmpMessage),
      ttl: new Uint8Array(SLOTS).fill(TTL),
      receivedAtNs: new Float64Array(SLOTS),
      isKernelTime: new Uint8Array(SLOTS),
      sourceView: this.sources,
      sourceOffset: 0,
      sourceStride: 16,
      errorType: new Uint8Array(SLOTS),
      errorCode: new Uint8Array(SLOTS),
      isCodeVague: new Uint8Array(SLOTS),
      errnos: this.errnos,
      destinationView: this.destinations,
      destinationOffset: 0,
      destinationStride: 16,
    };
  }

  /** From now on it is a link's. */
  tieTo(index: number): void {
    const setMac: LinkEnd['setMac'] = (slot, macs, at) => {
      this.slotMacs[slot] = [...macs.subarray(at, at + 6)];
    };
    this.link = { index, setMac };
  }

  send(first: number, count: number): number {
    const { tx, network } = this;
    for (let slot = first; slot < first + count; slot++) {
      const address = formatAddressBytes(this.family, tx.addressView, slot * tx.addressStride);
      const refusal = this.refuses(address);
      if (refusal !== undefined) {
        this.failure = refusal.failure;
        this.errno = refusal.errno;
        return slot - first;
      }
      const { beforeMs = 0, afterMs = 0 } = this.holdsUp({ address });
      tx.sentAtNs[slot] = network.clockNs;
      tx.notBeforeNs[slot] = network.clockNs;
      network.clockNs += beforeMs * 1e6;
      const sentAtNs = network.clockNs;
      network.clockNs += afterMs * 1e6;
      tx.leftByNs[slot] = network.clockNs;
      const message = new Uint8Array(
        tx.view.buffer.slice(slot * tx.stride, slot * tx.stride + tx.packetLength),
      );
      const nth = this.tried.filter((other) => other === address).length;
      this.tried.push(address);
      const queuedMs = this.queue(slot, address, nth, message);
      if (queuedMs === Number.POSITIVE_INFINITY) continue;
      const leftAtNs = sentAtNs + queuedMs * 1e6;
      const mac = this.slotMacs[slot] ?? [];
      const request = { address, nth, message, sentAtNs: leftAtNs, mac };
      network.requests.push(request);
      for (const arrival of network.script(request)) {
        const atNs = leftAtNs + arrival.afterMs * 1e6;
        const fromNs = atNs + (arrival.hiddenMs ?? 0) * 1e6;
        this.pending.push({ atNs, fromNs, address, arrival });
      }
    }
    return count;
  }

  /** @returns how long the request waits before it leaves */
  private queue(slot: number, address: string, nth: number, message: Uint8Array): number {
    const { tx, network, queuesMs } = this;
    if (this.hidesDepartures(address)) tx.leftByNs[slot] = Number.POSITIVE_INFINITY;
    if (queuesMs === undefined || this.hidesDepartures(address)) return 0;
    const ms = queuesMs(address, nth);
    tx.leftByNs[slot] = ms === 0 ? network.clockNs : Number.POSITIVE_INFINITY;
    if (ms === 0 || ms === Number.POSITIVE_INFINITY) return ms;
    const atNs = network.clockNs + ms * 1e6;
    const arrival = { afterMs: ms, message, from: address, notice: { departure: true } } as const;
    this.pending.push({ atNs, fromNs: atNs, address, arrival });
    return ms;
  }

  receive(): number {
    const arrived = this.pending
      .filter(({ fromNs }) => fromNs <= this.network.clockNs)
      .sort((a, b) => a.atNs - b.atNs);
    const taken = arrived.slice(0, SLOTS);
    this.pending = this.pending.filter((one) => !taken.includes(one));
    taken.forEach(({ atNs, address, arrival }, slot) => {
      this.place(slot, arrival, address);
      const { stampsArrivals, clockNs } = this.network;
      this.rx.receivedAtNs[slot] = stampsArrivals ? atNs : clockNs;
      this.rx.isKernelTime[slot] = stampsArrivals ? 1 : 0;
    });
    return taken.length;
  }

  nextArrivalNs(): number {
    return this.pending.reduce(
      (least, { fromNs }) => Math.min(least, fromNs),
      Number.POSITIVE_INFINITY,
    );
  }

  private place(slot: number, { message, from, notice: said }: Arrival, address: string): void {
    const isDatagram = this.family === 4 && said === undefined;
    const header = isDatagram ? ipHeader(4, from, '192.0.2.1', message.length) : [];
    this.bytes.set([...header, ...message], slot * STRIDE);
    this.rx.length[slot] = header.length + message.length;
    this.rx.form[slot] = formOf(said, isDatagram);
    for (const [i, octet] of octetsOf(from).entries()) this.sources.setUint8(slot * 16 + i, octet);
    if (said === undefined) return;
    for (const [i, octet] of octetsOf(address).entries())
      this.destinations.setUint8(slot * 16 + i, octet);
    if ('errno' in said) this.errnos[slot] = said.errno;
    else if ('type' in said) {
      this.rx.errorType[slot] = said.type;
      this.rx.errorCode[slot] = said.code;
      this.rx.isCodeVague![slot] = said.isVague ? 1 : 0;
    }
  }
}

/** The one link of a scripted network. */
export const LAN = 3;

/** Who answers the n-th request (from 0) for an address: MAC addresses of 6 octets, each after a while. */
export type LinkScript = (
  address: string,
  nth: number,
) => readonly { readonly mac: readonly number[]; readonly afterMs: number }[];

/** A link whose neighbours are in the test's hand. */
export class ScriptedLink implements NeighbourSocket {
  readonly family: Family;
  readonly linkIndex = LAN;
  readonly tx: SendBatch;
  readonly answers = { view: new DataView(new ArrayBuffer(SLOTS * 24)), stride: 24, macOffset: 16 };
  /** Addresses in the order of the requests. */
  readonly requests: { readonly address: string; readonly sentAtNs: number }[] = [];
  failure: SendFailure = 'refused';
  errno = '';
  droppedPackets = 0;
  refuses: (address: string) => string | undefined = () => undefined;
  private readonly network: ScriptedNetwork;
  private readonly script: LinkScript;
  private pending: { atNs: number; address: string; mac: readonly number[] }[] = [];

  constructor(network: ScriptedNetwork, script: LinkScript) {
    this.network = network;
    this.script = script;
    this.family = network.socket.family;
    this.tx = {
      ...network.socket.tx,
      addressView: new DataView(new ArrayBuffer(SLOTS * 16)),
      sentAtNs: new Float64Array(SLOTS),
      notBeforeNs: new Float64Array(SLOTS),
    };
  }

  /** An answer that needs no request. */
  answer(address: string, mac: readonly number[], afterMs = 0): void {
    this.pending.push({ atNs: this.network.clockNs + afterMs * 1e6, address, mac });
  }

  send(first: number, count: number): number {
    for (let slot = first; slot < first + count; slot++) {
      const address = formatAddressBytes(this.family, this.tx.addressView, slot * 16);
      const refusal = this.refuses(address);
      if (refusal !== undefined) {
        this.errno = refusal;
        return slot - first;
      }
      const nth = this.requests.filter((request) => request.address === address).length;
      this.tx.sentAtNs[slot] = this.network.clockNs;
      this.requests.push({ address, sentAtNs: this.network.clockNs });
      for (const { mac, afterMs } of this.script(address, nth)) this.answer(address, mac, afterMs);
    }
    return count;
  }

  receive(): number {
    const arrived = this.pending
      .filter(({ atNs }) => atNs <= this.network.clockNs)
      .sort((a, b) => a.atNs - b.atNs)
      .slice(0, SLOTS);
    this.pending = this.pending.filter((one) => !arrived.includes(one));
    arrived.forEach(({ address, mac }, slot) => {
      for (const [i, octet] of octetsOf(address).entries())
        this.answers.view.setUint8(slot * 24 + i, octet);
      for (const [i, octet] of mac.entries()) this.answers.view.setUint8(slot * 24 + 16 + i, octet);
    });
    return arrived.length;
  }

  nextArrivalNs(): number {
    return Math.min(Number.POSITIVE_INFINITY, ...this.pending.map(({ atNs }) => atNs));
  }
}

function formOf(said: Notice | undefined, isDatagram: boolean): number {
  if (said === undefined) return isDatagram ? FORM.ipv4Datagram : FORM.icmpMessage;
  if ('departure' in said) return FORM.departure;
  return 'errno' in said ? FORM.localFailure : FORM.queuedError;
}

function familyOf(address: string): Family {
  return parseAddress(address)!.family;
}

function octetsOf(text: string): number[] {
  const { family, value } = parseAddress(text)!;
  return [...addressOctets(family, value)];
}

/** As much of RFC 791 and RFC 8200 as anybody looks at. */
function ipHeader(family: Family, source: string, destination: string, payload: number): number[] {
  const header = new Array<number>(IP_HEADER_OCTETS[family]).fill(0);
  if (family === 4) {
    header[0] = 0x45;
    header[3] = 20 + payload;
    header[8] = TTL;
    header[9] = 1;
    if (!source.includes(':')) header.splice(12, 4, ...octetsOf(source));
    header.splice(16, 4, ...octetsOf(destination));
  } else {
    header[0] = 0x60;
    header[6] = 58;
    header.splice(24, 16, ...octetsOf(destination));
  }
  return header;
}

function writeChecksum(view: DataView, spoil: boolean): void {
  view.setUint16(OFFSET.checksum, 0);
  const sum = internetChecksum(view, 0, view.byteLength);
  view.setUint16(OFFSET.checksum, spoil ? sum ^ 0x5555 : sum);
}
