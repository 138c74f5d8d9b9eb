/** Whether a TCP socket has received anything, by its statistics (tcp(7), TCP_INFO). */

import { SOL_TCP, TCP_INFO } from '../../native/linux/constants.ts';
import { readOption } from './socket-options.ts';

/** `tcpi_segs_in` of struct tcp_info (linux/tcp.h, since Linux 4.2): segments received, 32 bits. */
const SEGMENTS_IN = 140;

/** @returns false also if the system does not say */
export function hasReceivedSegment(fd: number): boolean {
  return readOption(fd, SOL_TCP, TCP_INFO, SEGMENTS_IN + 4).getUint32(SEGMENTS_IN, true) > 0;
}
