/** Sends prepared messages in small groups, and stamps each with when it left. */

import * as c from '../../native/linux/constants.ts';
import { errnoName, getsockopt, lastErrno, sendmmsg, sendmsg } from '../../native/linux/libc.ts';
import type { SendFailure } from '../contract.ts';
import { sendFailureOf } from '../send-failure.ts';
import type { LinuxClock } from './clock.ts';
import type { DepartureStamps } from './departure-stamps.ts';
import type { EchoRing } from './echo-ring.ts';
import type { MessageBatch } from './message-batch.ts';

/** From this many on, packets are sent in groups of a call each, which costs less time. */
const MANY_TO_SEND = 32;
const GROUP = 4;
/** Up to this many at a time, the kernel reports when each left; at a thousand per second there is one. */
const FEW_TO_SEND = 4;
/** Consecutive sends of so few before that is switched on, since switching costs a system call. */
const FEW_IN_A_ROW = 4;
/**
 * A socket that reports errors returns an earlier probe's ICMP error from the next call. An error is taken for the packet's
 * own once so many calls in a row fail and leave none pending: when the system gives up many absent hosts at once, further
 * errors may arrive between two calls.
 */
const FAILURES_OF_ITS_OWN = 8;
/** After this many it is the packet's own anyway. */
const MOST_FAILURES = 1000;

/** The system calls of a sender, as in libc.ts. */
export interface SendCalls {
  sendmsg(fd: number, message: bigint, flags: number): number;
  sendmmsg(fd: number, messages: bigint, count: number, flags: number): number;
  getsockopt(
    fd: number,
    level: number,
    name: number,
    value: Uint8Array,
    octets: Uint8Array,
  ): number;
  lastErrno(): number;
}

const SYSTEM: SendCalls = { sendmsg, sendmmsg, getsockopt, lastErrno };

export class MessageSender {
  /** As `SendBatch` has them. */
  readonly sentAtNs: Float64Array;
  readonly notBeforeNs: Float64Array;
  readonly leftByNs: Float64Array;
  /** As `SendingSocket` has them. */
  failure: SendFailure = 'refused';
  errno = '';

  private fewInARow = 0;
  private readonly departures: DepartureStamps | undefined;
  private readonly echoes: EchoRing | undefined;
  private readonly calls: SendCalls;
  private readonly fd: number;
  private readonly batch: MessageBatch;
  private readonly clock: LinuxClock;
  private readonly errorValue = new Uint8Array(4);
  private readonly errorLength = new Uint8Array([4, 0, 0, 0]);

  /**
   * @param departures undefined for sockets whose error queue is for others to read @param echoes shows when packets left
   * @param calls replace the system's
   */
  constructor(
    fd: number,
    batch: MessageBatch,
    clock: LinuxClock,
    departures: DepartureStamps | undefined,
    echoes: EchoRing | undefined,
    calls: SendCalls = SYSTEM,
  ) {
    this.calls = calls;
    this.departures = departures;
    this.echoes = echoes;
    this.fd = fd;
    this.batch = batch;
    this.clock = clock;
    this.sentAtNs = new Float64Array(batch.layout.slots);
    this.notBeforeNs = new Float64Array(batch.layout.slots);
    this.leftByNs = new Float64Array(batch.layout.slots);
  }

  /** As `SendingSocket.send`. */
  send(first: number, count: number): number {
    this.fewInARow = count <= FEW_TO_SEND ? this.fewInARow + 1 : 0;
    const isTold = this.departures?.turn(this.fewInARow >= FEW_IN_A_ROW) === true;
    let sent = 0;
    let failures = 0;
    let ownFailures = 0;
    let nowNs = this.clock.nowNs();
    while (sent < count) {
      const left = this.sendGroup(first + sent, Math.min(this.groupOf(count), count - sent));
      if (left > 0) {
        const beganAtNs = nowNs;
        nowNs = this.clock.nowNs();
        this.stampGroup(first + sent, left, beganAtNs, nowNs);
        this.echoes?.stamp(this, first + sent, left);
        if (isTold) {
          this.sentAtNs[first + sent] = this.departures!.of(beganAtNs, nowNs);
          nowNs = this.clock.nowNs();
        }
        sent += left;
        failures = 0;
        ownFailures = 0;
        continue;
      }
      const errno = this.calls.lastErrno();
      if (errno === c.EINTR) continue;
      this.errno = errnoName(errno);
      this.failure = sendFailureOf(this.errno);
      if (this.failure === 'busy') break;
      ownFailures = this.clearError() ? 0 : ownFailures + 1;
      if (ownFailures > FAILURES_OF_ITS_OWN || ++failures > MOST_FAILURES) break;
      nowNs = this.clock.nowNs();
    }
    return sent;
  }

  /** How many of so many packets to send by one call. */
  private groupOf(count: number): number {
    if (this.echoes?.showsDepartures === true) return count;
    if (this.echoes?.isOnTrial === true) return 1;
    // A sender with few packets can afford a call for each, which gives the most accurate stamps.
    return count < MANY_TO_SEND ? 1 : GROUP;
  }

  /** @returns how many left; 0 or less if the first failed */
  private sendGroup(first: number, count: number): number {
    const address = this.batch.headerAddress[first]!;
    if (count > 1) return this.calls.sendmmsg(this.fd, address, count, c.MSG_DONTWAIT);
    return this.calls.sendmsg(this.fd, address, c.MSG_DONTWAIT) >= 0 ? 1 : -1;
  }

  /**
   * Of packets sent by one call it is known only that they left between its beginning and its end: the call may have been
   * held up before any of them, for any time. Stamped with its beginning, an RTT may come out longer by as much as the
   * call took, and never shorter than it was.
   */
  private stampGroup(first: number, count: number, beganAtNs: number, endedAtNs: number): void {
    this.sentAtNs.fill(beganAtNs, first, first + count);
    this.notBeforeNs.fill(beganAtNs, first, first + count);
    this.leftByNs.fill(endedAtNs, first, first + count);
  }

  /** Fetches, and so clears, the socket's pending error. @returns whether there was one */
  private clearError(): boolean {
    const { fd, errorValue, errorLength } = this;
    errorValue[0] = 0;
    this.calls.getsockopt(fd, c.SOL_SOCKET, c.SO_ERROR, errorValue, errorLength);
    return errorValue[0] !== 0;
  }
}
