/** What is due on one socket: taken from the blocks in turn, paced, sent, and put back while the system is out of buffers. */

import { writeAddress } from '../results/block-targets.ts';
import { isRouteErrno } from '../results/outcome.ts';
import type { SendingSocket } from '../transport/contract.ts';
import { NONE_DUE } from './due-probes.ts';
import type { Evidence } from './evidence.ts';
import type { HostBlock } from './host-block.ts';
import { UNKNOWN_RTT_NS } from './probe-level.ts';
import type { RatePacer } from './rate-pacer.ts';
import type { Counter, SharedState } from './shared-state.ts';

/** How long to wait for a system that is out of buffers, doubling each time, and when to give up. */
const BUSY_PAUSE_NS = { first: 500_000, longest: 20_000_000 } as const;
const BUSY_GIVES_UP_NS = 30_000_000_000;

/** How soon to look whether a socket that is full has room again, unless a reply ends the pause. */
const FULL_PAUSE_NS = 1_000_000;

/** Two readings of the clock around a send that are further apart do not show when the packet left. */
const UNSURE_NS = 1_000_000;

/** Probes of one kind for the hosts of a block, and what is learned about them. */
export interface Probing {
  readonly block: HostBlock;
  readonly evidence: Evidence;
}

/** What a queue sends. */
export interface QueueRules {
  /** Where packets that left are counted. */
  readonly counter: Counter;
  readonly pacer: RatePacer;
  /** Whether hosts not probed yet get half of the rate; else retries leave first, so that they leave in time. */
  readonly takesTurns: boolean;
}

/** Puts packets into the socket's slots; the queue writes the address of each. */
export interface PacketWriter {
  /** Called before the first packet of a batch. */
  beginBatch(nowNs: number): void;
  writePacket(slot: number, probing: Probing, host: number, sequence: number): void;
}

export class SendQueue {
  private readonly socket: SendingSocket;
  private readonly rules: QueueRules;
  private readonly shared: SharedState;
  private readonly writer: PacketWriter;
  /** By send slot: the block and the host of its probe. */
  private readonly slotBlocks: Probing[] = [];
  private readonly slotHosts: Uint32Array;
  private filled = 0;
  /** 0 or 1. */
  private turn = 0;
  /** Whether any packet has left. */
  private hasSent = false;
  private busySinceNs = Number.NaN;
  private busyPauseNs = 0;
  /** Up to when waiting for the system has been counted; NaN while we do not wait. */
  private waitedToNs = Number.NaN;

  constructor(socket: SendingSocket, rules: QueueRules, shared: SharedState, writer: PacketWriter) {
    this.socket = socket;
    this.rules = rules;
    this.shared = shared;
    this.writer = writer;
    this.slotHosts = new Uint32Array(socket.tx.capacity);
  }

  /**
   * Sends what is due, as far as the rate allows.
   * @returns nanoseconds until there may be something to send: 0 for now, Infinity for never
   */
  sendDue(blocks: readonly Probing[], nowNs: number): number {
    const { pacer } = this.rules;
    const dueNs = blocks.reduce(
      (least, { block }) => Math.min(least, block.due.nextNs(nowNs)),
      Number.POSITIVE_INFINITY,
    );
    if (dueNs > nowNs) {
      pacer.rest();
      return dueNs - nowNs;
    }
    const { room = Number.POSITIVE_INFINITY, tx } = this.socket;
    if (room <= 0) return FULL_PAUSE_NS;
    const granted = pacer.take(nowNs, Math.min(tx.capacity, room));
    if (granted === 0) return pacer.nextNs() - nowNs;
    const filled = this.fill(blocks, granted, nowNs);
    this.filled = filled;
    pacer.giveBack(granted - filled);
    return this.send(filled, nowNs);
  }

  /** The earliest time at which the last batch's probe of this host can have left; NaN if the batch had none. */
  notBeforeNs(block: HostBlock, host: number): number {
    for (let slot = 0; slot < this.filled; slot++) {
      if (this.slotHosts[slot] === host && this.slotBlocks[slot]!.block === block)
        return this.socket.tx.notBeforeNs[slot]!;
    }
    return Number.NaN;
  }

  /** Notes why no packet to a host can be sent: after one has left, the system must have lost its route. */
  noteErrno({ block, evidence }: Probing, host: number, errno: string): void {
    evidence.noteErrno(host, errno);
    if (isRouteErrno(errno) && block.noteNoRoute(host)) this.shared.add('routesLost', 1);
  }

  private fill(blocks: readonly Probing[], granted: number, nowNs: number): number {
    this.writer.beginBatch(nowNs);
    // Rounded up every other time, so that one packet at a time is a turn as well.
    if (this.rules.takesTurns) this.turn = 1 - this.turn;
    const forUnprobed = this.rules.takesTurns ? (granted + this.turn) >> 1 : 0;
    let filled = 0;
    for (const probing of blocks) {
      while (filled < forUnprobed) {
        const host = probing.block.due.takeUnprobed(nowNs);
        if (host === NONE_DUE) break;
        this.fillSlot(filled++, probing, host);
      }
    }
    for (const probing of blocks) {
      while (filled < granted) {
        const host = probing.block.due.take(nowNs);
        if (host === NONE_DUE) break;
        this.fillSlot(filled++, probing, host);
      }
      if (filled === granted) break;
    }
    return filled;
  }

  private fillSlot(slot: number, probing: Probing, host: number): void {
    const { block } = probing;
    const { addressView, addressOffset, addressStride } = this.socket.tx;
    this.slotBlocks[slot] = probing;
    this.slotHosts[slot] = host;
    const sequence = block.sequenceOf(host, block.hosts.attempts[host]!);
    this.writer.writePacket(slot, probing, host, sequence);
    writeAddress(block.setup.targets, host, addressView, addressOffset + slot * addressStride);
  }

  private send(filled: number, nowNs: number): number {
    const { socket, shared } = this;
    if (filled > 0) this.countWaiting(nowNs);
    let next = 0;
    while (next < filled) {
      const sent = socket.send(next, filled - next);
      if (sent > 0) {
        this.busySinceNs = Number.NaN;
        this.hasSent = true;
      }
      for (const end = next + sent; next < end; next++) this.recordSent(next);
      shared.add(this.rules.counter, sent);
      if (next === filled) break;
      if (socket.failure === 'busy' && !this.hasGivenUpWaiting(nowNs))
        return this.putBack(next, filled, nowNs);
      this.recordRefusal(next, nowNs);
      next++;
    }
    return 0;
  }

  private recordSent(slot: number): void {
    const { block } = this.slotBlocks[slot]!;
    const host = this.slotHosts[slot]!;
    const { sentAtNs, leftByNs } = this.socket.tx;
    const round = block.recordSent(host, sentAtNs[slot]!);
    const heldUpNs = leftByNs[slot]! - sentAtNs[slot]!;
    if (heldUpNs === Number.POSITIVE_INFINITY) {
      block.levels[round]!.noteLeftBy(host, heldUpNs);
      return;
    }
    block.departures.noteShown();
    if (heldUpNs <= UNSURE_NS) return;
    // Its timeout counts from the earlier moment, and may be over too early.
    block.hosts.noteUnsure(host);
    if (heldUpNs > UNKNOWN_RTT_NS) block.levels[round]!.noteLeftBy(host, leftByNs[slot]!);
    this.shared.add('unsureSends', 1);
  }

  /** Adds up how long probes have waited for the system to have buffers again. */
  private countWaiting(nowNs: number): void {
    if (this.waitedToNs < nowNs) this.shared.add('sendWaitNs', Math.round(nowNs - this.waitedToNs));
    this.waitedToNs = Number.NaN;
  }

  /** The system is out of buffers: what has not left is due again after a pause. */
  private putBack(first: number, end: number, nowNs: number): number {
    for (let slot = end - 1; slot >= first; slot--)
      this.slotBlocks[slot]!.block.due.sendAgain(this.slotHosts[slot]!);
    this.rules.pacer.giveBack(end - first);
    this.shared.add('sendWaits', 1);
    this.waitedToNs = nowNs;
    this.busyPauseNs = Math.min(
      BUSY_PAUSE_NS.longest,
      Math.max(BUSY_PAUSE_NS.first, this.busyPauseNs * 2),
    );
    return this.busyPauseNs;
  }

  private hasGivenUpWaiting(nowNs: number): boolean {
    if (Number.isNaN(this.busySinceNs)) {
      this.busySinceNs = nowNs;
      this.busyPauseNs = 0;
    }
    return nowNs - this.busySinceNs > BUSY_GIVES_UP_NS;
  }

  private recordRefusal(slot: number, nowNs: number): void {
    const probing = this.slotBlocks[slot]!;
    const { block, evidence } = probing;
    const host = this.slotHosts[slot]!;
    const { failure, errno } = this.socket;
    if (failure === 'unresolved') {
      block.recordUnsent(host, nowNs);
      block.giveUp(host);
      return;
    }
    if (failure !== 'hopeless') {
      evidence.noteErrno(host, errno);
      block.recordRefused(host, nowNs);
      return;
    }
    this.noteErrno(probing, host, errno);
    block.recordHopeless(host, nowNs);
    // Once something has left, an interface may have gone down with its routes, and may come back.
    const isToStay = !this.hasSent || block.setup.reach === 'refused';
    if (isToStay) block.concludeUnsent(host);
    // A first probe keeps its place in the rate then, so that a short outage does not meet all hosts.
    const isRetry = block.hosts.attempts[host]! > 1;
    if (isRetry || isToStay) this.rules.pacer.giveBack(1);
  }
}
