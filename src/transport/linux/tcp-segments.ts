/** Whether a TCP socket has received anything, by its statistics (tcp(7), TCP_INFO). */

import { SOL_TCP, TCP_INFO } from '../../native/linux/constants.ts';
import { getsockopt } from '../../native/linux/libc.ts';

/** `tcpi_segs_in` of struct tcp_info (linux/tcp.h, since Linux 4.2): segments received, 32 bits. */
const SEGMENTS_IN = 140;
const INFO_OCTETS = SEGMENTS_IN + 4;

const info = new Uint32Array(INFO_OCTETS / 4);
const length = new Uint32Array(1);

/** @returns false also if the system does not say */
export function hasReceivedSegment(fd: number): boolean {
  length[0] = INFO_OCTETS;
  const isKnown = getsockopt(fd, SOL_TCP, TCP_INFO, info, length) === 0;
  return isKnown && length[0] === INFO_OCTETS && info[SEGMENTS_IN / 4]! > 0;
}
