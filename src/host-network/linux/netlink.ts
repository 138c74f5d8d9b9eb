/** Requests a table from the kernel, and walks through the reply (netlink(7), rtnetlink(7)). */

import type { Family } from '../../address.ts';
import {
  AF_INET,
  AF_INET6,
  MSG_DONTWAIT,
  SOCK_CLOEXEC,
  SOCK_RAW,
} from '../../native/linux/constants.ts';
import { close, recv, send, socket } from '../../native/linux/libc.ts';

/** linux/socket.h, linux/netlink.h */
const AF_UNSPEC = 0;
export const AF: Readonly<Record<Family, number>> = { 4: AF_INET, 6: AF_INET6 };
const AF_NETLINK = 16;
const NETLINK_ROUTE = 0;
const NLM_F_REQUEST = 0x1;
const NLM_F_REQUEST_DUMP = 0x301;
/** Set in messages of a table that changed while it was read. */
const NLM_F_DUMP_INTR = 0x10;
/** The system refuses; the data begins with the errno as a negative i32. */
const NLMSG_ERROR = 2;
/** The last message of a table; its data begins with an i32 that is negative if the kernel had to give up. */
export const NLMSG_DONE = 3;
const STATUS_OCTETS = 4;
/** struct nlmsghdr: length u32, type u16 at 4, flags u16 at 6, sequence u32 at 8, port u32 at 12. */
const HEADER_OCTETS = 16;
/** struct rtattr: length u16, type u16, then data, padded to 4 octets. */
export const ATTRIBUTE_OCTETS = 4;
/** Without the bits that mark nested attributes and network order (NLA_TYPE_MASK). */
const ATTRIBUTE_TYPE = 0x3fff;
/** The kernel fills up to this much at a time (netlink's NLMSG_GOODSIZE and what it grows to). */
const BUFFER_OCTETS = 32_768;

/** A table may change each time that it is read, but hardly so often. */
const MOST_TRIES = 3;

const buffer = new Uint8Array(BUFFER_OCTETS);

/** A table as the kernel sends it. */
export interface Dump {
  /** To be read with `messagesIn`; none if the kernel does not answer. */
  readonly parts: readonly DataView[];
  /** Whether this is all of the table, as it was at one moment. */
  readonly isWhole: boolean;
}

/**
 * A family's table, requested again if it changed while it was read. The socket is closed before the call returns:
 * descriptors that a worker opened are leaked when it is terminated.
 * @param request type of the request @param reply type of each entry
 * @param octets of the fixed part of an entry: a longer request has the kernel log a complaint
 * @param family undefined for all
 * @param protocol whose tables, linux/netlink.h
 */
export function netlinkDump(
  request: number,
  reply: number,
  octets: number,
  family: Family | undefined,
  protocol: number = NETLINK_ROUTE,
): Dump {
  return dumpOf(() => partsOf(dumpRequest(request, octets, family), reply, protocol));
}

/** What reading a table gives, read again as long as it changes meanwhile. */
export function dumpOf(read: () => readonly DataView[]): Dump {
  for (let tries = 1; ; tries++) {
    const parts = read();
    const isWhole = isWholeTable(parts);
    if (isWhole || parts.length === 0 || tries === MOST_TRIES) return { parts, isWhole };
  }
}

/**
 * The one entry that a request is about, to be read with `messagesIn`; undefined if the kernel refuses.
 * @param request type of the request @param reply type of the entry @param body fixed part and attributes
 */
export function netlinkEntry(
  request: number,
  reply: number,
  body: Uint8Array,
): DataView | undefined {
  const [part] = partsOf(requestOf(request, NLM_F_REQUEST, body), reply, NETLINK_ROUTE);
  return part;
}

/** Whether parts end as a table does, and are of one moment. */
export function isWholeTable(parts: readonly DataView[]): boolean {
  for (const part of parts) {
    let at = 0;
    while (at + HEADER_OCTETS <= part.byteLength) {
      const length = part.getUint32(at, true);
      if (length < HEADER_OCTETS || length > part.byteLength - at) return false;
      if ((part.getUint16(at + 6, true) & NLM_F_DUMP_INTR) !== 0) return false;
      if (part.getUint16(at + 4, true) === NLMSG_DONE)
        return (
          length >= HEADER_OCTETS + STATUS_OCTETS && part.getInt32(at + HEADER_OCTETS, true) >= 0
        );
      at += (length + 3) & ~3;
    }
  }
  return false;
}

/** The errno with which the kernel refused a table; 0 if it did not. */
export function errorOf({ parts: [part] }: Dump): number {
  const isError =
    part !== undefined &&
    part.byteLength >= HEADER_OCTETS + STATUS_OCTETS &&
    part.getUint16(4, true) === NLMSG_ERROR;
  return isError ? -part.getInt32(HEADER_OCTETS, true) : 0;
}

function partsOf(request: Uint8Array, reply: number, protocol: number): DataView[] {
  const fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
  if (fd < 0) return [];
  const parts: DataView[] = [];
  try {
    if (send(fd, request, request.length, 0) !== request.length) return [];
    for (;;) {
      // The kernel has each part ready when it is read, and marks the last one.
      const length = recv(fd, buffer, BUFFER_OCTETS, MSG_DONTWAIT);
      if (length < HEADER_OCTETS) return parts;
      const part = new DataView(buffer.slice(0, length).buffer);
      parts.push(part);
      if (part.getUint16(4, true) !== reply) return parts;
    }
  } finally {
    close(fd);
  }
}

/** The messages of a part, each from behind its header; truncated ones are left out. @param octets of its fixed part */
export function* messagesIn(
  part: DataView,
  type: number,
  octets: number,
): Generator<{ readonly at: number; readonly end: number }> {
  let at = 0;
  while (at + HEADER_OCTETS <= part.byteLength) {
    const length = part.getUint32(at, true);
    const isWhole = length >= HEADER_OCTETS + octets && length <= part.byteLength - at;
    if (!isWhole || part.getUint16(at + 4, true) !== type) return;
    yield { at: at + HEADER_OCTETS, end: at + length };
    at += (length + 3) & ~3;
  }
}

/** Where an attribute's data of `octets` octets begins; -1 if there is none. */
export function attributeAt(
  part: DataView,
  start: number,
  end: number,
  type: number,
  octets: number,
): number {
  let at = start;
  while (at + ATTRIBUTE_OCTETS <= end) {
    const length = part.getUint16(at, true);
    if (length < ATTRIBUTE_OCTETS) return -1;
    const isWhole = length === ATTRIBUTE_OCTETS + octets && at + length <= end;
    if (part.getUint16(at + 2, true) === type && isWhole) return at + ATTRIBUTE_OCTETS;
    at += (length + 3) & ~3;
  }
  return -1;
}

/** The attributes between two places, each with where its data begins and ends; truncated ones are left out. */
export function* attributesIn(
  part: DataView,
  start: number,
  end: number,
): Generator<{ readonly type: number; readonly at: number; readonly end: number }> {
  let at = start;
  while (at + ATTRIBUTE_OCTETS <= end) {
    const length = part.getUint16(at, true);
    if (length < ATTRIBUTE_OCTETS || at + length > end) return;
    const type = part.getUint16(at + 2, true) & ATTRIBUTE_TYPE;
    yield { type, at: at + ATTRIBUTE_OCTETS, end: at + length };
    at += (length + 3) & ~3;
  }
}

/** The fixed part of an entry begins with the family, and the rest of it may stay 0. */
function dumpRequest(type: number, octets: number, family: Family | undefined): Uint8Array {
  const fixed = new Uint8Array(octets);
  fixed[0] = family === undefined ? AF_UNSPEC : AF[family];
  return requestOf(type, NLM_F_REQUEST_DUMP, fixed);
}

function requestOf(type: number, flags: number, body: Uint8Array): Uint8Array {
  const request = new Uint8Array(HEADER_OCTETS + body.length);
  const view = new DataView(request.buffer);
  view.setUint32(0, request.length, true);
  view.setUint16(4, type, true);
  view.setUint16(6, flags, true);
  request.set(body, HEADER_OCTETS);
  return request;
}
