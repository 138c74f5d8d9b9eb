/** The socket of a scripted network: it sends and receives when the test wants it to. */

import { type Family, formatAddressBytes } from '../../../src/address.ts';
import {
  FORM,
  type LinkEnd,
  type PacketSocket,
  type ReceiveBatch,
  type SendBatch,
  type SendFailure,
} from '../../../src/transport/contract.ts';
import type { ScriptedNetwork } from './scripted-network.ts';
import { type Arrival, ipHeader, type Notice, octetsOf, TTL } from './scripted-packets.ts';

const PAYLOAD_OCTETS = 56;
const PACKET_LENGTH = 8 + PAYLOAD_OCTETS;
/** Packets in a batch. */
export const SLOTS = 16;
const STRIDE = 2048;

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

function formOf(said: Notice | undefined, isDatagram: boolean): number {
  if (said === undefined) return isDatagram ? FORM.ipv4Datagram : FORM.icmpMessage;
  if ('departure' in said) return FORM.departure;
  return 'errno' in said ? FORM.localFailure : FORM.queuedError;
}
