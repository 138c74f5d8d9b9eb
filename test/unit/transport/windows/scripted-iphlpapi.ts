/**
 * Windows' echo requests as a script, with the memory that they are given and a clock that only waiting moves. As on Windows,
 * nothing completes but inside an alertable wait, on the thread that asked; a reply is written when it arrives, and its
 * routine runs at the next such wait. Structures are laid out by hand, from Windows' headers.
 */

import {
  addressOctets,
  type Family,
  formatAddressBytes,
  parseAddress,
} from '../../../../src/address.ts';
import type { NativeMemory } from '../../../../src/native/native-memory.ts';
import type { CompletionRoutine, EchoApi } from '../../../../src/native/windows/echo-api.ts';

/** An echo request as Windows was given it. */
export interface EchoRequest {
  readonly family: Family;
  readonly handle: number;
  readonly address: string;
  readonly scopeId: number;
  /** `0.0.0.0` or `::` if it is left to the system. */
  readonly source: string;
  /** undefined if all options are left to the system. */
  readonly options: { readonly ttl: number; readonly flags: number } | undefined;
  readonly payload: Uint8Array;
  readonly replyOctets: number;
  readonly timeoutMs: number;
  /** Which of the requests to this address it is, from 0. */
  readonly nth: number;
}

/** What becomes of a request. */
export type Fate =
  /** It fails at once with this error. */
  | { readonly error: number }
  | {
      readonly afterMs: number;
      /** 0 for a reply. */
      readonly status: number;
      /** The target if it is left out. */
      readonly from?: string;
      readonly ttl?: number;
      readonly payload?: Uint8Array;
      /** Whole milliseconds, as the system measured it. */
      readonly roundTripMs?: number;
      /** Ends without a word in the reply's memory, as a request does that the system gives up. */
      readonly isUnwritten?: boolean;
    };

/** As a host that answers. */
export function answer(afterMs = 5): Fate {
  return { afterMs, status: 0 };
}

/** Nothing comes: Windows says so after the timeout that it was given, and a while. */
export const SILENCE = 'silence';

const IP_REQ_TIMED_OUT = 11_010;
const ERROR_IO_PENDING = 997;
const ERROR_INVALID_HANDLE = 6;
const WAIT_IO_COMPLETION = 192;
/** No call is free: what waits for no time at all comes on all the same. */
const CALL_NS = 2_000;
/** How late Windows is with a timeout. */
const LATE_MS = 15;
const REPLY_LAYOUT = {
  4: { octets: 40, address: 0, status: 4, roundTripMs: 8 },
  6: { octets: 36, address: 6, status: 28, roundTripMs: 32 },
} as const;

interface UnderWay {
  readonly request: EchoRequest;
  readonly fate: Exclude<Fate, { readonly error: number }>;
  readonly context: number;
  readonly routine: bigint;
  readonly reply: number;
  readonly completesAtNs: number;
}

export class ScriptedIphlpapi implements EchoApi {
  clockNs = 1e12;
  script: (request: EchoRequest) => Fate | typeof SILENCE;
  /** Every request, in order. */
  readonly requests: EchoRequest[] = [];
  /** How long each call takes. */
  callMs = 0;
  /** Whether there is ICMP for IPv6. */
  hasIPv6 = true;
  mostUnderWay = 0;
  private underWay: UnderWay[] = [];
  private readonly routines = new Map<bigint, CompletionRoutine>();
  private readonly memories = new Map<bigint, NativeMemory>();
  private readonly openHandles = new Set<number>();
  private nextAddress = 0x10_0000n;
  private nextHandle = 4;
  private lastError = 0;

  constructor(script: ScriptedIphlpapi['script']) {
    this.script = script;
  }

  readonly clock = (): number => this.clockNs;

  get underWayCount(): number {
    return this.underWay.length;
  }

  get memoryCount(): number {
    return this.memories.size;
  }

  get openCount(): number {
    return this.openHandles.size;
  }

  icmpCreateFile = (): number => {
    const handle = this.nextHandle;
    this.nextHandle += 4;
    this.openHandles.add(handle);
    return handle;
  };

  icmp6CreateFile = (): number => {
    if (this.hasIPv6) return this.icmpCreateFile();
    this.lastError = 120;
    return -1;
  };

  /** Its requests are cancelled: none of their routines runs, but the system may write for a moment longer. */
  icmpCloseHandle = (handle: number): number => {
    this.openHandles.delete(handle);
    return 1;
  };

  icmpSendEcho2Ex: EchoApi['icmpSendEcho2Ex'] = (handle, _event, routine, context, ...rest) => {
    const [source, destination, ...more] = rest;
    return this.send(4, handle, routine, context, dotted(source), dotted(destination), 0, ...more);
  };

  icmp6SendEcho2: EchoApi['icmp6SendEcho2'] = (handle, _event, routine, context, ...rest) => {
    const [source, destination, ...more] = rest;
    const from = this.socketAddress(source);
    const to = this.socketAddress(destination);
    return this.send(6, handle, routine, context, from.address, to.address, to.scopeId, ...more);
  };

  sleepEx = (ms: number, alertable: number): number => {
    const endNs = this.clockNs + ms * 1e6;
    if (alertable === 0) {
      this.clockNs = endNs;
      return 0;
    }
    const first = Math.min(...this.underWay.map(({ completesAtNs }) => completesAtNs));
    this.clockNs = Math.max(this.clockNs + CALL_NS, Math.min(endNs, first));
    const isDue = ({ completesAtNs }: UnderWay): boolean => completesAtNs <= this.clockNs;
    const due = this.underWay.filter(isDue).sort((a, b) => a.completesAtNs - b.completesAtNs);
    this.underWay = this.underWay.filter((one) => !isDue(one));
    for (const one of due) this.complete(one);
    return due.length > 0 ? WAIT_IO_COMPLETION : 0;
  };

  getLastError = (): number => this.lastError;

  registerRoutine(routine: CompletionRoutine): bigint {
    const pointer = 0x7000n + BigInt(this.routines.size);
    this.routines.set(pointer, routine);
    return pointer;
  }

  unregisterRoutine(routine: bigint): void {
    this.routines.delete(routine);
  }

  /** The routines of a thread that has died never run; what it asked for goes on. */
  killThread(): void {
    this.routines.clear();
  }

  allocate(octets: number): NativeMemory {
    const buffer = new ArrayBuffer(octets);
    const address = this.nextAddress;
    this.nextAddress += BigInt((octets + 0xffff) & ~0xfff);
    const free = (): void => {
      this.memories.delete(address);
    };
    const memory = { address, view: new DataView(buffer), bytes: new Uint8Array(buffer), free };
    this.memories.set(address, memory);
    return memory;
  }

  memoryAt(address: bigint): NativeMemory {
    return this.memories.get(address)!;
  }

  private send(
    family: Family,
    handle: number,
    routine: bigint,
    context: number,
    source: string,
    address: string,
    scopeId: number,
    data: number,
    dataOctets: number,
    options: number,
    reply: number,
    replyOctets: number,
    timeoutMs: number,
  ): number {
    this.clockNs += this.callMs * 1e6;
    if (!this.openHandles.has(handle)) return this.fail(ERROR_INVALID_HANDLE);
    const nth = this.requests.filter((earlier) => earlier.address === address).length;
    const request = {
      family,
      handle,
      address,
      scopeId,
      source,
      options: this.optionsAt(options),
      payload: this.bytesAt(data, dataOctets).slice(),
      replyOctets,
      timeoutMs,
      nth,
    };
    this.requests.push(request);
    const said = this.script(request);
    if (typeof said === 'object' && 'error' in said) return this.fail(said.error);
    const fate =
      said === SILENCE ? { afterMs: timeoutMs + LATE_MS, status: IP_REQ_TIMED_OUT } : said;
    const completesAtNs = this.clockNs + fate.afterMs * 1e6;
    this.underWay.push({ request, fate, context, routine, reply, completesAtNs });
    this.mostUnderWay = Math.max(this.mostUnderWay, this.underWay.length);
    return this.fail(ERROR_IO_PENDING);
  }

  private fail(error: number): number {
    this.lastError = error;
    return 0;
  }

  private complete(ended: UnderWay): void {
    const { request, fate, context, routine } = ended;
    if (fate.isUnwritten !== true) this.write(ended);
    if (this.openHandles.has(request.handle)) this.routines.get(routine)?.(context);
  }

  private write({ request, fate, reply }: UnderWay): void {
    const { family, payload } = request;
    const layout = REPLY_LAYOUT[family];
    const data = fate.status === 0 ? (fate.payload ?? payload) : new Uint8Array();
    const bytes = this.bytesAt(reply, request.replyOctets);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    bytes.fill(0);
    const unspecified = family === 4 ? '0.0.0.0' : '::';
    const from = fate.status === IP_REQ_TIMED_OUT ? unspecified : (fate.from ?? request.address);
    bytes.set(addressOctets(family, parseAddress(from)!.value), layout.address);
    view.setUint32(layout.status, fate.status, true);
    view.setUint32(layout.roundTripMs, fate.roundTripMs ?? Math.floor(fate.afterMs), true);
    if (family === 4) {
      view.setUint16(12, data.length, true);
      view.setUint16(14, 1, true);
      view.setBigUint64(16, BigInt(reply + layout.octets), true);
      view.setUint8(24, fate.ttl ?? 61);
    }
    bytes.set(data, layout.octets);
  }

  private optionsAt(address: number): EchoRequest['options'] {
    if (address === 0) return undefined;
    const bytes = this.bytesAt(address, 16);
    return { ttl: bytes[0]!, flags: bytes[2]! };
  }

  private socketAddress(address: number): { readonly address: string; readonly scopeId: number } {
    const bytes = this.bytesAt(address, 28);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (view.getUint16(0, true) !== 23) throw new Error('not an AF_INET6 of Windows');
    return { address: formatAddressBytes(6, view, 8), scopeId: view.getUint32(24, true) };
  }

  /** @throws Error for memory that is not allocated: on Windows it would be somebody else's by now */
  private bytesAt(address: number, octets: number): Uint8Array {
    for (const memory of this.memories.values()) {
      const at = address - Number(memory.address);
      if (at >= 0 && at + octets <= memory.bytes.length)
        return memory.bytes.subarray(at, at + octets);
    }
    throw new Error(`${octets} octets at ${address} are not allocated`);
  }
}

/** An IPv4 address in network order, read as a number of a little-endian system. */
function dotted(address: number): string {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, address, true);
  return formatAddressBytes(4, view, 0);
}
