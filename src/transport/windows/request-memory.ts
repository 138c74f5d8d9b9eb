/**
 * The memory of a handle's echo requests. The system writes replies into it for as long as a request is under way, also
 * when the thread that made the request has died. So it belongs to the thread that opened the handle, and notes what is
 * under way.
 */

import type { Family } from '../../address.ts';
import type { NativeMemory } from '../../native/native-memory.ts';
import type { EchoApi } from '../../native/windows/echo-api.ts';
import { ICMP_HEADER_OCTETS } from '../../wire/icmp.ts';
import type { RequestMemory } from '../handles.ts';
import { OPTIONS, replyOctets, SOCKADDR6 } from './echo-layout.ts';

/** Most requests under way on one handle: at 1,000 a second, those of more than three seconds. */
const MOST_REQUESTS = 4096;
/** Long payloads leave room for fewer, but for a batch at least. */
const MOST_OCTETS = 16 << 20;
const LEAST_REQUESTS = 64;

/** What all requests share comes first: the options and, for IPv6, the source. */
const SHARED_OCTETS = OPTIONS.octets + SOCKADDR6.octets;
const UNDER_WAY = 1;

/** Where a request has what, from its beginning; all at multiples of 8. */
interface RequestLayout {
  readonly state: number;
  readonly destination: number;
  readonly packet: number;
  readonly reply: number;
  readonly octets: number;
}

function layoutOf(family: Family, payloadOctets: number): RequestLayout {
  const destination = 8;
  const packet = destination + SOCKADDR6.octets;
  const reply = packet + roundedUp(ICMP_HEADER_OCTETS + payloadOctets);
  const octets = reply + roundedUp(replyOctets(family, payloadOctets));
  return { state: 0, destination, packet, reply, octets };
}

/** Allocates the memory of a handle that is about to be opened. */
export function allocateRequests(
  api: Pick<EchoApi, 'allocate'>,
  family: Family,
  payloadOctets: number,
): RequestMemory {
  const { octets } = layoutOf(family, payloadOctets);
  const room = Math.max(LEAST_REQUESTS, Math.min(MOST_REQUESTS, Math.floor(MOST_OCTETS / octets)));
  const total = SHARED_OCTETS + room * octets;
  return { address: api.allocate(total).address, octets: total, room };
}

/** The requests of a handle as the thread that uses it sees them. */
export class EchoRequests {
  readonly room: number;
  readonly memory: NativeMemory;
  private readonly base: number;
  private readonly layout: RequestLayout;
  /** Requests that can be used; the first `freeCount` count. */
  private readonly free: Uint16Array;
  private freeCount = 0;

  constructor(
    api: Pick<EchoApi, 'memoryAt'>,
    family: Family,
    payloadOctets: number,
    { address, octets, room }: RequestMemory,
  ) {
    this.room = room;
    this.memory = api.memoryAt(address, octets);
    this.base = Number(address);
    this.layout = layoutOf(family, payloadOctets);
    this.free = new Uint16Array(room);
    this.releaseAll((request) => !this.isUnderWay(request));
  }

  /** How many can be taken now. */
  get left(): number {
    return this.freeCount;
  }

  get underWay(): number {
    return this.room - this.freeCount;
  }

  /** Takes a request, which is under way from now on. To be called only while some are left. */
  take(): number {
    const request = this.free[--this.freeCount]!;
    this.setState(request, UNDER_WAY);
    return request;
  }

  /** The system has ended the request, or never begun it. */
  release(request: number): void {
    this.setState(request, 0);
    this.free[this.freeCount++] = request;
  }

  isUnderWay(request: number): boolean {
    return request < this.room && this.memory.view.getUint32(this.at(request), true) === UNDER_WAY;
  }

  /** Takes back what a thread that has died left under way; to be called once the system has ended all of it. */
  releaseLost(lost: ReadonlySet<number>): void {
    this.releaseAll((request) => lost.has(request));
  }

  /** Those that were under way when this thread began. */
  lost(): ReadonlySet<number> {
    const all = Array.from({ length: this.room }, (_, request) => request);
    return new Set(all.filter((request) => this.isUnderWay(request)));
  }

  /** Offsets in `memory`, by request. */
  destinationAt(request: number): number {
    return this.at(request) + this.layout.destination;
  }

  packetAt(request: number): number {
    return this.at(request) + this.layout.packet;
  }

  replyAt(request: number): number {
    return this.at(request) + this.layout.reply;
  }

  /** Octets of the reply buffer. */
  get replyRoom(): number {
    return this.layout.octets - this.layout.reply;
  }

  /** What the system takes for an offset. */
  addressOf(offset: number): number {
    return this.base + offset;
  }

  readonly optionsAt = 0;
  readonly sourceAt = OPTIONS.octets;

  private at(request: number): number {
    return SHARED_OCTETS + request * this.layout.octets;
  }

  private setState(request: number, state: number): void {
    this.memory.view.setUint32(this.at(request) + this.layout.state, state, true);
  }

  /** In descending order, so that the first one is taken first. */
  private releaseAll(isWanted: (request: number) => boolean): void {
    for (let request = this.room - 1; request >= 0; request--)
      if (isWanted(request)) this.release(request);
  }
}

function roundedUp(octets: number): number {
  return (octets + 7) & ~7;
}
