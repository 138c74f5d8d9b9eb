/** Our own echo requests and their replies, as they pass the interface: when each left, and what came back. */

import type { Family } from '../../address.ts';
import { ICMP_AT } from '../../wire/icmp.ts';
import {
  FRAGMENT_HEADER,
  IP_HEADER_OCTETS,
  IPV4_AT,
  IPV4_FRAGMENT,
  PROTOCOL_AT,
} from '../../wire/ip-header.ts';
import { FORM, type ReceiveBatch, type SendBatch } from '../contract.ts';
import type { RingHandle } from '../handles.ts';
import { copyArrival, copyPacket } from './arrival.ts';
import type { LinuxClock } from './clock.ts';
import type { MessageBatch } from './message-batch.ts';
import { PacketRing } from './packet-ring.ts';

/** After this many packets in a row of which the ring did not show at once that they left, others are sent as without it. */
const MOST_MISSES = 256;
/** How far off the wall clock's offset may be for a stamp to count as correct. */
const TOLERANCE_NS = 20_000;
/** A request is recognised by its identifier and sequence number, and by the token after them. */
const MARK_AT = ICMP_AT.identifier;
const MARK_WORDS = 3;

/** What a ring is set up for. */
export interface EchoRingSetup {
  readonly family: Family;
  readonly handle: RingHandle;
  /** Octets of the IP header in a packet that is sent, 0 if the system adds it. */
  readonly requestAt: number;
  /** Called when a request is seen to leave as it was sent: only then does its reply look like ours at the interface. */
  readonly onFit: () => void;
  /** Called when the ring cannot take all replies: one comes in fragments. */
  readonly onUnfit: () => void;
}

/** Where the sender keeps its stamps. */
type Stamps = Pick<SendBatch, 'sentAtNs' | 'notBeforeNs' | 'leftByNs'>;

export class EchoRing {
  private readonly family: Family;
  private readonly clock: LinuxClock;
  private readonly onUnfit: () => void;
  private readonly onFit: () => void;
  private readonly ring: PacketRing;
  /** The packets that are sent, and the distance of two. */
  private readonly requests: Uint32Array;
  private readonly requestWords: number;
  private readonly requestMark: number;
  /** The next frame to receive from, once it is known. */
  private frame = 0;
  private hasBegun = false;
  /** From there on, frames that were searched for departures. */
  private searched = 0;
  private misses = 0;
  /** Whether a packet was seen to leave. */
  private isFit = false;
  /** Whether frames were read since the ring was last seen empty. */
  private wasRead = false;
  /** Steps of the wall clock when the ring was last seen empty: what has come since may be stamped before a later one. */
  private stepsWhenEmpty: number;

  constructor(
    { family, handle, requestAt, onFit, onUnfit }: EchoRingSetup,
    requests: MessageBatch,
    clock: LinuxClock,
  ) {
    this.family = family;
    this.clock = clock;
    this.onUnfit = onUnfit;
    this.onFit = onFit;
    this.ring = new PacketRing(handle, clock);
    this.requests = new Uint32Array(requests.packets.view.buffer);
    this.requestWords = requests.stride / 4;
    this.requestMark = (requestAt + MARK_AT) / 4;
    this.stepsWhenEmpty = clock.steps;
  }

  /** Whether it will soon be known if the ring shows what leaves. */
  get isOnTrial(): boolean {
    return !this.isFit && this.misses < MOST_MISSES;
  }

  /** Whether the ring shows at once that a packet has left. */
  get showsDepartures(): boolean {
    return this.isFit && this.misses < MOST_MISSES;
  }

  get droppedPackets(): number {
    return this.ring.droppedPackets;
  }

  /** Replaces the stamps of packets that were just sent by those of their departures, as far as these have come. */
  stamp({ sentAtNs, notBeforeNs, leftByNs }: Stamps, first: number, count: number): void {
    const { ring } = this;
    const end = first + count;
    const beganAtNs = sentAtNs[first]!;
    const endedAtNs = leftByNs[first]!;
    leftByNs.fill(Number.POSITIVE_INFINITY, first, end);
    this.misses += count;
    if (!this.hasBegun) this.begin();
    let expected = first;
    for (let frame = this.firstUnsearched(); this.canSearch(frame); frame = ring.next(frame)) {
      this.searched++;
      if (!ring.isOutgoing(frame)) continue;
      this.noteDeparture();
      const slot = this.slotOf(frame, expected, first, end);
      if (slot < 0) continue;
      this.misses = 0;
      expected = slot + 1;
      const leftAtNs = ring.passedAtNs(frame);
      ring.clear(frame);
      const isKnown = leftAtNs > beganAtNs - TOLERANCE_NS && leftAtNs < endedAtNs + TOLERANCE_NS;
      if (isKnown) sentAtNs[slot] = leftAtNs;
      if (isKnown) notBeforeNs[slot] = leftAtNs;
      leftByNs[slot] = isKnown ? leftAtNs : endedAtNs;
    }
    while (this.searched > 0 && ring.isCleared(this.frame)) this.advance();
    // What went elsewhere left after the packet before it: a call sends its packets one after another.
    for (let slot = first + 1; slot < end; slot++)
      if (leftByNs[slot] === Number.POSITIVE_INFINITY) sentAtNs[slot] = sentAtNs[slot - 1]!;
  }

  /** Fills slots with replies and late departures. @returns how many, 0 for none */
  receive(rx: ReceiveBatch): number {
    const { family, ring, clock } = this;
    if (!this.hasBegun) this.begin();
    if (!ring.isFilled(this.frame)) {
      this.noteEmpty();
      return 0;
    }
    let nowNs = clock.nowNs();
    const isTrusted = clock.resample() && clock.steps === this.stepsWhenEmpty;
    const slots = rx.form.length;
    let slot = 0;
    for (; slot < slots && ring.isFilled(this.frame); this.advance()) {
      const { frame } = this;
      if (ring.isCleared(frame)) continue;
      if (this.isFragment(frame)) {
        this.onUnfit();
        continue;
      }
      const passedAtNs = ring.passedAtNs(frame);
      // The thread may have been held up since it read the clock.
      if (passedAtNs > nowNs) nowNs = clock.nowNs();
      rx.receivedAtNs[slot] = isTrusted ? Math.min(nowNs, passedAtNs) : nowNs;
      rx.isKernelTime[slot] = isTrusted ? 1 : 0;
      if (ring.isOutgoing(frame)) this.copyDeparture(frame, rx, slot);
      else copyArrival(family, ring.view, ring.packetAt(frame), ring.packetOctets(frame), rx, slot);
      slot++;
    }
    return slot;
  }

  /** Finds where the kernel is in the ring, by the first packet there: a worker that died may have read some before. */
  private begin(): void {
    const first = this.ring.firstFilled();
    if (first < 0) return;
    this.frame = first;
    this.hasBegun = true;
  }

  /** A ring that was full has dropped packets; it has room again only now. */
  private noteEmpty(): void {
    this.stepsWhenEmpty = this.clock.steps;
    if (!this.wasRead) {
      this.ring.clearError();
      return;
    }
    this.wasRead = false;
    this.ring.countDrops();
  }

  private noteDeparture(): void {
    if (this.isFit) return;
    this.isFit = true;
    this.onFit();
  }

  private advance(): void {
    this.ring.release(this.frame);
    this.wasRead = true;
    this.frame = this.ring.next(this.frame);
    if (this.searched > 0) this.searched--;
  }

  private firstUnsearched(): number {
    return (this.frame + this.searched) % this.ring.frames;
  }

  private canSearch(frame: number): boolean {
    return this.searched < this.ring.frames && this.ring.isFilled(frame);
  }

  /** The slot that a departed packet was sent from, -1 if it is of an earlier call. Packets mostly leave in order. */
  private slotOf(frame: number, expected: number, first: number, end: number): number {
    const at = (this.ring.packetAt(frame) + IP_HEADER_OCTETS[this.family] + MARK_AT) >> 2;
    for (let slot = expected; slot < end; slot++) if (this.isRequest(slot, at)) return slot;
    for (let slot = first; slot < expected; slot++) if (this.isRequest(slot, at)) return slot;
    return -1;
  }

  private isRequest(slot: number, at: number): boolean {
    const from = slot * this.requestWords + this.requestMark;
    for (let i = 0; i < MARK_WORDS; i++)
      if (this.requests[from + i] !== this.ring.words[at + i]) return false;
    return true;
  }

  /** The filter passes a reply's first fragment. */
  private isFragment(frame: number): boolean {
    const at = this.ring.packetAt(frame);
    return this.family === 4
      ? (this.ring.view.getUint16(at + IPV4_AT.fragment) & IPV4_FRAGMENT.more) !== 0
      : this.ring.view.getUint8(at + PROTOCOL_AT[6]) === FRAGMENT_HEADER.protocol;
  }

  private copyDeparture(frame: number, rx: ReceiveBatch, slot: number): void {
    const { ring } = this;
    const header = IP_HEADER_OCTETS[this.family];
    this.noteDeparture();
    rx.form[slot] = FORM.departure;
    const at = ring.packetAt(frame) + header;
    rx.length[slot] = copyPacket(ring.view, at, ring.packetOctets(frame) - header, rx, slot);
  }
}
