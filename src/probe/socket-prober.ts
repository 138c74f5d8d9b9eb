/** One socket's share of the probing: writes echo requests, and reads and matches what comes back. */

import { type Family, formatAddressBytes } from '../address.ts';
import { MAC_OCTETS, UNKNOWN_ICMP_CODE } from '../results/block-results.ts';
import { indexOfAddress } from '../results/block-targets.ts';
import type { PacketSocket, Transport } from '../transport/contract.ts';
import { ADDRESS_UNREACHABLE_CODE, ERROR_TYPE } from '../wire/icmp.ts';
import type { ActiveBlock, ProberSetup } from './active-block.ts';
import type { DeliveredBlocks } from './delivered-blocks.ts';
import { DropWatch } from './drop-watch.ts';
import { EchoRequestWriter } from './echo-request.ts';
import type { HostBlock, ReplyVerdict } from './host-block.ts';
import { KIND, PacketParser } from './packet-parser.ts';
import type { RetryPace } from './retry-pace.ts';
import { type PacketWriter, type Probing, SendQueue } from './send-queue.ts';
import type { Counter, SharedState } from './shared-state.ts';
import { TokenMaker } from './token.ts';

/** No system sends a packet and receives its reply in less. */
const SHORTEST_RTT_NS = 1_000;

/** Counts the echo requests that left. */
const SENT: Counter = 'sent';

export class SocketProber implements PacketWriter {
  readonly family: Family;
  /** Index of the link that the socket is bound to; undefined if the system routes. */
  readonly linkIndex: number | undefined;

  private readonly socket: PacketSocket;
  private readonly transport: Transport;
  private readonly shared: SharedState;
  private readonly retryPace: RetryPace;
  private readonly delivered: DeliveredBlocks;
  private readonly token: TokenMaker;
  private readonly writer: EchoRequestWriter;
  private readonly queue: SendQueue;
  private readonly drops: DropWatch;
  private readonly parser: PacketParser;
  private readonly ownAddresses: ReadonlySet<string>;
  private clockSteps = 0;

  constructor(
    socket: PacketSocket,
    transport: Transport,
    shared: SharedState,
    setup: ProberSetup,
    retryPace: RetryPace,
    delivered: DeliveredBlocks,
  ) {
    this.retryPace = retryPace;
    this.delivered = delivered;
    this.socket = socket;
    this.family = socket.family;
    this.linkIndex = socket.link?.index;
    this.transport = transport;
    this.shared = shared;
    this.token = new TokenMaker(setup.key[0], setup.key[1]);
    this.writer = new EchoRequestWriter(socket.family, socket.identifier, this.token, socket.tx);
    this.parser = new PacketParser(socket.family, socket.identifier, socket.rx);
    this.ownAddresses = new Set(setup.ownAddresses);
    this.queue = new SendQueue(
      socket,
      { counter: SENT, pacer: shared.pacer, takesTurns: false },
      shared,
      this,
    );
    this.drops = new DropWatch(shared, shared.pacer);
  }

  /** Reads and matches everything that has arrived. */
  receiveAll(blocks: readonly ActiveBlock[], nowNs: number): void {
    const { socket } = this;
    let received = 0;
    for (let count = socket.receive(); count > 0; count = socket.receive()) {
      for (let slot = 0; slot < count; slot++) received += this.accept(slot, blocks);
    }
    this.shared.add('received', received);
    this.drops.look(socket.droppedPackets, nowNs);
    this.noteClockSteps();
  }

  /** As in `DropWatch`. */
  get droppedAtNs(): number {
    return this.drops.droppedAtNs;
  }

  /** A packet was not seen to leave: what looks like a drop may be one that left changed, whose reply looks different too. */
  noteMissingDeparture(): void {
    this.socket.leaveRepliesToSystem?.();
  }

  beginBatch(nowNs: number): void {
    this.writer.setTime(nowNs + this.transport.wallClockOffsetNs());
  }

  writePacket(
    slot: number,
    { block: { setup }, evidence }: Probing,
    host: number,
    sequence: number,
  ): void {
    const { tx, link } = this.socket;
    this.writer.write(slot * tx.stride, sequence, setup.number, host);
    if (this.family === 6) tx.setScope(slot, setup.scopeId);
    link?.setMac(slot, evidence.macs.octets, host * MAC_OCTETS);
  }

  /** As `SendQueue.sendDue`. */
  sendDue(blocks: readonly ActiveBlock[], nowNs: number): number {
    return this.queue.sendDue(blocks, nowNs);
  }

  /** @returns 1 if the packet is a probe's first valid reply, else 0 */
  private accept(slot: number, blocks: readonly ActiveBlock[]): number {
    switch (this.parser.parse(slot)) {
      case KIND.reply:
        return this.acceptReply(slot, blocks);
      case KIND.error:
        this.acceptError(blocks);
        return 0;
      case KIND.unsent:
        this.acceptLocalFailure(slot, blocks);
        return 0;
      case KIND.departed:
        this.acceptDeparture(slot, blocks);
        return 0;
      case KIND.rejected:
        this.shared.add('rejected', 1);
        return 0;
      default:
        return 0;
    }
  }

  private acceptReply(slot: number, blocks: readonly ActiveBlock[]): number {
    const { parser, shared } = this;
    const { host } = parser;
    if (!this.tokenHolds(parser.block, host)) {
      shared.add('rejected', 1);
      return 0;
    }
    const active = findBlock(blocks, parser.block);
    if (active === undefined) {
      this.noteLate(this.delivered.isSilent(parser.block, host));
      return 0;
    }
    const { block } = active;
    const round = block.roundOfSequence(host, parser.sequence);
    if (round >= 0 && !block.hosts.isFrozen(host)) this.correctSent(block, round, slot);
    switch (round < 0 ? 'unasked' : this.recordReply(block, round, slot)) {
      case 'first':
        this.noteReply(active, host, block.levels[round]!.rttNs[host]!);
        return 1;
      case 'duplicate':
        shared.add('duplicates', 1);
        return 0;
      case 'late':
        this.noteLate(block.hosts.isSilent(host));
        return 0;
      default:
        shared.add('rejected', 1);
        return 0;
    }
  }

  /** @param isHostSilent whether no other reply of the host is known */
  private noteLate(isHostSilent: boolean): void {
    this.shared.add('late', 1);
    if (isHostSilent) this.shared.add('lateToSilent', 1);
  }

  /** The stamp may be that of a whole group: if the reply came before it, or right after it, the probe left earlier. */
  private correctSent(block: HostBlock, round: number, slot: number): void {
    const { host } = this.parser;
    const sent = block.levels[round]!;
    if (this.socket.rx.receivedAtNs[slot]! - sent.sentAtNs[host]! >= SHORTEST_RTT_NS) return;
    sent.correctSent(host, this.queue.notBeforeNs(block, host));
  }

  private recordReply(block: HostBlock, round: number, slot: number): ReplyVerdict {
    const { rx } = this.socket;
    const { host } = this.parser;
    const isKernelTime = rx.isKernelTime[slot] === 1;
    const isOfOther =
      block.setup.liveProbes !== undefined && this.otherSource(block, host) !== undefined;
    const verdict = block.recordReply(host, round, rx.receivedAtNs[slot]!, isKernelTime, isOfOther);
    // What was read late may have come in time, unless the kernel says when it came.
    if (verdict === 'late' && !isKernelTime) block.hosts.noteUnsure(host);
    return verdict;
  }

  private noteReply({ block, evidence }: ActiveBlock, host: number, rttNs: number): void {
    const { sourceOffset, ttl } = this.parser;
    evidence.noteReply(host, rttNs, ttl, this.otherSource(block, host), sourceOffset);
    // The canary says nothing about the pace of the hosts swept.
    if (block.setup.isCanary !== true && !Number.isNaN(rttNs)) this.retryPace.note(rttNs);
  }

  /** What holds the packet's source address; undefined if that is the host's. */
  private otherSource(block: HostBlock, host: number): DataView | undefined {
    const { sourceView, sourceOffset } = this.parser;
    const isHost = indexOfAddress(block.setup.targets, sourceView, sourceOffset) === host;
    return isHost ? undefined : sourceView;
  }

  /** An error is matched by what every quote holds: destination, identifier and sequence; by the token too if the quote reaches that far. */
  private acceptError(blocks: readonly ActiveBlock[]): void {
    for (const active of blocks) {
      const host = this.quotedHost(active);
      if (host < 0) continue;
      const round = active.block.roundOfSequence(host, this.parser.sequence);
      if (active.block.recordError(host, round)) this.noteError(active, host);
      return;
    }
    if (!this.isAboutFinishedBlock(blocks)) this.shared.add('rejected', 1);
  }

  /** What became of a probe that was counted as sent: it never left. One of a block that is finished changes nothing. */
  private acceptLocalFailure(slot: number, blocks: readonly ActiveBlock[]): void {
    for (const active of blocks) {
      const host = this.quotedHost(active);
      if (host < 0) continue;
      const round = active.block.roundOfSequence(host, this.parser.sequence);
      if (active.block.retractSent(host, round)) {
        this.shared.add(SENT, -1);
        this.queue.noteErrno(active, host, this.socket.rx.errnos![slot]!);
      }
      return;
    }
  }

  /** A probe has left only now, such as from the queue of an interface. One of a block that is finished changes nothing. */
  private acceptDeparture(slot: number, blocks: readonly ActiveBlock[]): void {
    const { parser } = this;
    const { host } = parser;
    if (!parser.hasPayload || !this.tokenHolds(parser.block, host)) return;
    const block = findBlock(blocks, parser.block)?.block;
    const round = block?.roundOfSequence(host, parser.sequence) ?? -1;
    if (round < 0) return;
    const { receivedAtNs, isKernelTime } = this.socket.rx;
    // When we read of it is too late: the round-trip time would be too short.
    const leftAtNs = isKernelTime[slot] === 1 ? receivedAtNs[slot]! : Number.NaN;
    block!.departures.note(host, round, leftAtNs);
  }

  /** The host of a block whose probe is quoted, -1 if there is none. */
  private quotedHost({ block }: ActiveBlock): number {
    const { parser } = this;
    const { targets, number } = block.setup;
    const host = indexOfAddress(targets, parser.destinationView, parser.destinationOffset);
    if (host < 0 || block.roundOfSequence(host, parser.sequence) < 0) return -1;
    return parser.hasPayload && !this.tokenHolds(number, host) ? -1 : host;
  }

  /** Routers take seconds to report that a host is not there: by then its block may have been delivered. */
  private isAboutFinishedBlock(blocks: readonly ActiveBlock[]): boolean {
    const { parser } = this;
    if (!parser.hasPayload || findBlock(blocks, parser.block) !== undefined) return false;
    return this.tokenHolds(parser.block, parser.host);
  }

  private noteError({ block, evidence }: ActiveBlock, host: number): void {
    const { parser } = this;
    this.shared.add('errors', 1);
    if (this.isOwnNeighbourFailure(block)) {
      block.giveUp(host);
      return;
    }
    if (this.isAddressUnreachable()) this.retryPace.noteRouterError();
    evidence.noteError(
      host,
      parser.type,
      parser.isCodeExact ? parser.code : UNKNOWN_ICMP_CODE,
      parser.reason,
      this.otherSource(block, host),
      parser.sourceOffset,
    );
  }

  /** Whether this is our own kernel's report that nothing answered ARP or NDP for an address on a local network. */
  private isOwnNeighbourFailure(block: HostBlock): boolean {
    const { parser } = this;
    if (!this.isAddressUnreachable()) return false;
    // This host may have got another address since the sweep began.
    if (parser.isToItself) return true;
    const address = formatAddressBytes(
      block.setup.targets.family,
      parser.sourceView,
      parser.sourceOffset,
    );
    return this.ownAddresses.has(address);
  }

  private isAddressUnreachable(): boolean {
    const { parser, family } = this;
    const isUnreachable = parser.type === ERROR_TYPE[family].unreachable;
    return isUnreachable && parser.code === ADDRESS_UNREACHABLE_CODE[family];
  }

  private tokenHolds(block: number, host: number): boolean {
    const { parser, token } = this;
    token.tag(block, host, (this.socket.identifier << 16) | parser.sequence);
    return token.first === parser.tokenFirst && token.second === parser.tokenSecond;
  }

  private noteClockSteps(): void {
    const { clockSteps } = this.socket;
    if (clockSteps > this.clockSteps) this.shared.add('clockSteps', clockSteps - this.clockSteps);
    this.clockSteps = clockSteps;
  }
}

function findBlock(blocks: readonly ActiveBlock[], number: number): ActiveBlock | undefined {
  for (const active of blocks) if (active.block.setup.number === number) return active;
  return undefined;
}
