/** Packets for a scripted network: requests as they arrived, and replies, errors and notices about them. */

import { addressOctets, type Family, parseAddress } from '../../../src/address.ts';
import { OFFSET } from '../../../src/probe/echo-request.ts';
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

/** Nothing answers. */
export const silence: Script = () => [];

export const TTL = 61;
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

function familyOf(address: string): Family {
  return parseAddress(address)!.family;
}

/** The octets of an address, in network order. */
export function octetsOf(text: string): number[] {
  const { family, value } = parseAddress(text)!;
  return [...addressOctets(family, value)];
}

/** As much of RFC 791 and RFC 8200 as anybody looks at. */
export function ipHeader(
  family: Family,
  source: string,
  destination: string,
  payload: number,
): number[] {
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
