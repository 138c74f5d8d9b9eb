/** Sends prepared messages in small groups, and tells of each when it left. */

import * as c from '../../native/linux/constants.ts';
import { errnoName, getsockopt, lastErrno, sendmmsg, sendmsg } from '../../native/linux/libc.ts';
import type { SendFailure } from '../contract.ts';
import type { LinuxClock } from './clock.ts';
import type { DepartureStamps } from './departure-stamps.ts';
import type { MessageBatch } from './message-batch.ts';

/** From this many on, packets are sent in groups of a call each, which costs a tenth less time. */
const MANY_TO_SEND = 32;
const GROUP = 8;
/** Up to this many the kernel is asked when each left; at a thousand a second there is one. */
const FEW_TO_SEND = 4;
/** So often in a row few have to be due first, for the question has to be switched on and off. */
const FEW_IN_A_ROW = 4;
/** What becomes of the usual pace after a faster and after a slower group: it follows the fastest tenth of them. */
const PACE = { falls: 0.91, rises: 1.01 } as const;
/** Slower than any group, so that the first one sets the pace. */
const FIRST_PACE_NS = 1e6;
/** A socket that is told of errors reports an earlier probe's ICMP error from the next call; it is asked again this often before the error is taken for the packet's own. */
const STALE_ERROR_TRIES = 8;
/** The system is out of room for the moment (send(2), and ENOBUFS for a full neighbour table). */
const BUSY_ERRNOS: ReadonlySet<number> = new Set([c.EAGAIN, c.ENOBUFS, c.ENOMEM]);

export class MessageSender {
  /** As `SendBatch` has them. */
  readonly sentAtNs: Float64Array;
  readonly notBeforeNs: Float64Array;
  readonly leftByNs: Float64Array;
  /** As `SendingSocket` has them. */
  failure: SendFailure = 'refused';
  errno = '';

  /** Time that a packet of a group usually takes to leave. */
  private usualPaceNs = FIRST_PACE_NS;
  private fewInARow = 0;
  private readonly departures: DepartureStamps | undefined;
  private readonly fd: number;
  private readonly batch: MessageBatch;
  private readonly clock: LinuxClock;
  private readonly errorValue = new Uint8Array(4);
  private readonly errorLength = new Uint8Array([4, 0, 0, 0]);

  /** @param departures undefined for sockets whose error queue is for others to read */
  constructor(
    fd: number,
    batch: MessageBatch,
    clock: LinuxClock,
    departures: DepartureStamps | undefined,
  ) {
    this.departures = departures;
    this.fd = fd;
    this.batch = batch;
    this.clock = clock;
    this.sentAtNs = new Float64Array(batch.layout.slots);
    this.notBeforeNs = new Float64Array(batch.layout.slots);
    this.leftByNs = new Float64Array(batch.layout.slots);
  }

  /** As `SendingSocket.send`. */
  send(first: number, count: number): number {
    // Whoever has few to send can afford a call for each, and has the truest stamps for it.
    const atOnce = count < MANY_TO_SEND ? 1 : GROUP;
    this.fewInARow = count <= FEW_TO_SEND ? this.fewInARow + 1 : 0;
    const isTold = this.departures?.turn(this.fewInARow >= FEW_IN_A_ROW) === true;
    let sent = 0;
    let staleErrors = 0;
    let nowNs = this.clock.nowNs();
    while (sent < count) {
      const left = this.sendGroup(first + sent, Math.min(atOnce, count - sent));
      if (left > 0) {
        const beganAtNs = nowNs;
        nowNs = this.clock.nowNs();
        this.stampGroup(first + sent, left, beganAtNs, nowNs);
        if (isTold) {
          this.sentAtNs[first + sent] = this.departures!.of(beganAtNs, nowNs);
          nowNs = this.clock.nowNs();
        }
        sent += left;
        staleErrors = 0;
        continue;
      }
      const errno = lastErrno();
      if (errno === c.EINTR) continue;
      if (!BUSY_ERRNOS.has(errno) && staleErrors++ < STALE_ERROR_TRIES) {
        this.clearError();
        nowNs = this.clock.nowNs();
        continue;
      }
      this.failure = BUSY_ERRNOS.has(errno) ? 'busy' : 'refused';
      this.errno = errnoName(errno);
      break;
    }
    return sent;
  }

  /** @returns how many left; 0 or less where the first failed */
  private sendGroup(first: number, count: number): number {
    const address = this.batch.headerAddress[first]!;
    if (count > 1) return sendmmsg(this.fd, address, count, c.MSG_DONTWAIT);
    return sendmsg(this.fd, address, c.MSG_DONTWAIT) >= 0 ? 1 : -1;
  }

  /**
   * Of packets sent by one call it is known only that they left one after another between its beginning and its end.
   * A call that took longer than most was held up somewhere: its packets are stamped at the usual pace, so that an RTT
   * may come out longer by what the call was held up, as it would for a packet sent alone, and hardly ever shorter.
   */
  private stampGroup(first: number, count: number, beganAtNs: number, endedAtNs: number): void {
    const { sentAtNs, notBeforeNs, leftByNs } = this;
    notBeforeNs.fill(beganAtNs, first, first + count);
    leftByNs.fill(endedAtNs, first, first + count);
    if (count === 1) {
      sentAtNs[first] = beganAtNs;
      return;
    }
    const paceNs = (endedAtNs - beganAtNs) / count;
    this.usualPaceNs =
      paceNs < this.usualPaceNs
        ? Math.max(paceNs, this.usualPaceNs * PACE.falls)
        : this.usualPaceNs * PACE.rises;
    const usedNs = Math.min(paceNs, this.usualPaceNs);
    for (let i = 0; i < count; i++) sentAtNs[first + i] = beganAtNs + i * usedNs;
  }

  /** Fetches, and so clears, the socket's pending error. */
  private clearError(): void {
    getsockopt(this.fd, c.SOL_SOCKET, c.SO_ERROR, this.errorValue, this.errorLength);
  }
}
