/** What the kernel adds to a message: an array of struct cmsghdr (cmsg(3)). */

import type { ControlReader } from '../control-reader.ts';
import type { LinuxClock } from './clock.ts';
import type { MessageBatch } from './message-batch.ts';

/*
 *   octet 0                8            12           16
 *        +----------------+------------+------------+----------------------------------
 *        |  length u64    | level i32  |  type i32  |  data, padded to 8 octets
 *        +----------------+------------+------------+----------------------------------
 */
const AT = { length: 0, level: 8, type: 12, data: 16 } as const;
/** None that is read here has less data than a number. */
const LEAST_OCTETS = AT.data + 4;
/** Room for all that a packet comes with. */
export const CONTROL_OCTETS = 192;
/** struct timespec: seconds i64, nanoseconds i64. */
export const TIMESPEC_OCTETS = 16;

/** Shows a slot's control messages, and none that does not fit into what the kernel wrote. */
export function readControlMessages(batch: MessageBatch, slot: number, read: ControlReader): void {
  const { view } = batch.control;
  let at = slot * batch.layout.controlOctets;
  const end = at + batch.controlLengthOf(slot);
  while (at + AT.data <= end) {
    const length = view.getUint32(at + AT.length, true);
    if (length < LEAST_OCTETS || length > end - at) return;
    const level = view.getUint32(at + AT.level, true);
    const type = view.getUint32(at + AT.type, true);
    read(slot, level, type, at + AT.data, length - AT.data);
    at += (length + 7) & ~7;
  }
}

/** The monotonic clock's time at that of the struct timespec at `at`, which is the wall clock's. */
export function stampNs(view: DataView, at: number, clock: LinuxClock): number {
  return clock.monotonicNs(view.getUint32(at, true), view.getUint32(at + 8, true));
}
