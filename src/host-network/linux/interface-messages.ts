/** The kernel's messages about interfaces (rtnetlink(7), RTM_GETLINK). */

import { messagesIn, netlinkDump } from './netlink.ts';

/** linux/rtnetlink.h */
const RTM_NEWLINK = 16;
const RTM_GETLINK = 18;
/** struct ifinfomsg: family u8, type u16 at 2, index i32 at 4, flags u32 at 8, change u32; attributes follow. */
const HEADER_OCTETS = 16;
export const INTERFACE_AT = { type: 2, index: 4, flags: 8 } as const;

/** A message: where its header begins, and where its attributes begin and end. */
export interface InterfaceMessage {
  readonly at: number;
  readonly attributes: number;
  readonly end: number;
}

/** The parts of the table of interfaces; none if the kernel does not answer. */
export function interfaceParts(): readonly DataView[] {
  return netlinkDump(RTM_GETLINK, RTM_NEWLINK, HEADER_OCTETS, 4).parts;
}

/** The messages of a part. */
export function* interfacesIn(part: DataView): Generator<InterfaceMessage> {
  for (const { at, end } of messagesIn(part, RTM_NEWLINK, HEADER_OCTETS))
    yield { at, attributes: at + HEADER_OCTETS, end };
}
