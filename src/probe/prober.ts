/** The probing itself: blocks in, echo requests out, replies matched, results back. It has no I/O and no clock of its own. */

import type { Family } from '../address.ts';
import type { BlockResults } from '../results/block-results.ts';
import type { NeighbourSocket, Transport } from '../transport/contract.ts';
import type { ActiveBlock, ProberSetup } from './active-block.ts';
import { Evidence } from './evidence.ts';
import { type BlockSetup, HostBlock } from './host-block.ts';
import type { NeighbourCap } from './neighbour-places.ts';
import { NeighbourProber } from './neighbour-prober.ts';
import { NeighbourSearch } from './neighbour-search.ts';
import { NeighbourWatch } from './neighbour-watch.ts';
import { RetryPace } from './retry-pace.ts';
import { type Schedule, singleProbe } from './schedule.ts';
import { mix32, SendOrder } from './send-order.ts';
import type { SharedState } from './shared-state.ts';
import { SocketProber } from './socket-prober.ts';

/** A finished block waits this long for further replies to its last probes, so that duplicates are seen. */
const LINGER_NS = 20_000_000;
/** Longest pause: new blocks and the stop flag are noticed after this at the latest. */
const LONGEST_PAUSE_NS = 20_000_000;

const FAMILIES: readonly Family[] = [4, 6];

/** Which blocks a socket is for: of a family, and routed by the system or on one link. */
interface Way {
  readonly family: Family;
  readonly linkIndex: number | undefined;
}

interface QueuedBlock {
  readonly setup: BlockSetup;
  readonly done: (results: BlockResults | undefined) => void;
  active: ActiveBlock | undefined;
  /** When the last host became final; NaN before. */
  finishedAtNs: number;
  /** Hosts already added to the shared counters. */
  countedDone: number;
  countedUp: number;
}

/**
 * Probes any number of blocks at once over the sockets of one thread. Call `step` again and again, each time after
 * the pause that it asks for, until it is no longer `busy`.
 */
export class Prober {
  private readonly transport: Transport;
  private readonly shared: SharedState;
  private readonly setup: ProberSetup;
  private readonly cap: NeighbourCap;
  private readonly asideSchedule: Schedule;
  private readonly sockets: readonly SocketProber[];
  private readonly links: readonly NeighbourProber[];
  private readonly neighbours: NeighbourWatch;
  private readonly retryPace: RetryPace;
  private queue: QueuedBlock[] = [];
  /** Delivered blocks whose hosts still hold places among the unresolved neighbours. */
  private resting: HostBlock[] = [];
  /** When `step` wants to be called next; Infinity where there was nothing to do. */
  private dueNs = Number.POSITIVE_INFINITY;
  private worstDelayNs = 0;

  constructor(transport: Transport, shared: SharedState, setup: ProberSetup) {
    this.transport = transport;
    this.shared = shared;
    this.setup = setup;
    this.retryPace = new RetryPace(setup.schedule);
    this.asideSchedule = singleProbe(setup.schedule);
    this.cap = {
      take: () => shared.takeNeighbour(setup.worker),
      give: () => shared.giveNeighbour(setup.worker),
    };
    this.sockets = transport.sockets.map(
      (socket) => new SocketProber(socket, transport, shared, setup, this.retryPace),
    );
    this.links = (transport.neighbourSockets ?? []).map(
      (socket) => new NeighbourProber(socket, shared),
    );
    this.neighbours = new NeighbourWatch(transport, setup.schedule);
  }

  get busy(): boolean {
    return this.queue.length > 0 || this.resting.length > 0;
  }

  /** @param done called with the results once every host is final; with undefined where the sweep was stopped before the block began */
  addBlock(setup: BlockSetup, done: (results: BlockResults | undefined) => void): void {
    const entry = {
      setup,
      done,
      active: undefined,
      finishedAtNs: Number.NaN,
      countedDone: 0,
      countedUp: 0,
    };
    if (setup.isAside === true) this.queue.unshift(entry);
    else this.queue.push(entry);
  }

  /** One round: read everything, time out what is over, send what is due. @returns nanoseconds until there is something to do, 0 for now, 20 ms at most */
  step(): number {
    // Taken before reading: what arrived by now is read before anything that was due by now is timed out.
    const nowNs = this.transport.nowNs();
    this.noteDelay(nowNs);
    for (const socket of this.sockets) socket.receiveAll(this.blocksOf(socket), nowNs);
    for (const link of this.links) link.receiveAll(this.searchesOn(link.socket), nowNs);
    if (this.shared.stopped) {
      this.abandonAll();
      this.dueNs = Number.POSITIVE_INFINITY;
      return 0;
    }
    if (this.neighbours.isDue(nowNs)) {
      this.neighbours.look(
        nowNs,
        this.queue.flatMap(({ active }) => active ?? []),
      );
    }
    for (const socket of this.sockets) {
      for (const { block } of this.blocksOf(socket)) block.expire(nowNs, socket.droppedAtNs);
    }
    for (const family of FAMILIES) this.startBlocks(family);
    let waitNs = Number.POSITIVE_INFINITY;
    // Who has been found is asked before others are looked for, so that few wait in between.
    for (const socket of this.sockets)
      waitNs = Math.min(waitNs, socket.sendDue(this.blocksOf(socket), nowNs));
    for (const link of this.links) {
      const searches = this.searchesOn(link.socket);
      for (const { block } of searches) block.expire(nowNs, link.droppedAtNs);
      waitNs = Math.min(waitNs, link.sendDue(searches, nowNs));
    }
    this.countHosts();
    this.finishBlocks(nowNs);
    this.resting = this.resting.filter((block) => {
      block.releaseOldNeighbours(nowNs);
      return block.holdsNeighbours;
    });
    const pauseNs = Math.max(0, Math.min(LONGEST_PAUSE_NS, waitNs, this.nextEndNs() - nowNs));
    this.dueNs = this.busy ? nowNs + pauseNs : Number.POSITIVE_INFINITY;
    return pauseNs;
  }

  /** The last step's own work counts too: while it lasted, nothing else could be done. */
  private noteDelay(nowNs: number): void {
    const delayNs = nowNs - this.dueNs;
    if (delayNs <= this.worstDelayNs) return;
    this.worstDelayNs = delayNs;
    this.shared.noteDelay(delayNs);
  }

  /** Blocks begin one after another, so that memory goes only to those that have someone to ask or to wait for. */
  private startBlocks(family: Family): void {
    for (const entry of this.queue) {
      if (entry.setup.targets.family !== family) continue;
      if (entry.active === undefined) {
        entry.active = this.start(entry.setup);
        return;
      }
      const { block, search } = entry.active;
      const isCapped = entry.setup.onLink && search === undefined;
      if ((search?.block ?? block).hasUnasked && !isCapped) return;
    }
  }

  private start(setup: BlockSetup): ActiveBlock {
    const { orderSeed, key } = this.setup;
    const order =
      orderSeed === undefined
        ? undefined
        : new SendOrder(setup.targets.count, mix32(orderSeed ^ setup.targets.firsts.at(-1)!));
    const salt = mix32(key[2] ^ mix32(setup.number));
    const { cap, retryPace } = this;
    const schedule = setup.isAside === true ? this.asideSchedule : this.setup.schedule;
    const rules = { schedule, retryPace, order, sequenceSalt: salt, cap };
    const block = new HostBlock(setup, rules);
    const evidence = new Evidence(block);
    if (setup.searchedOn === undefined) return { block, evidence };
    return { block, evidence, search: new NeighbourSearch(block, evidence, rules) };
  }

  /** The blocks that are probed through a socket: those searched on its link, or those that the system routes to. */
  private blocksOf({ family, linkIndex }: Way): ActiveBlock[] {
    const blocks: ActiveBlock[] = [];
    for (const { active, setup } of this.queue) {
      if (active === undefined || setup.targets.family !== family) continue;
      if (setup.searchedOn === linkIndex) blocks.push(active);
    }
    return blocks;
  }

  private searchesOn(socket: NeighbourSocket): NeighbourSearch[] {
    return this.blocksOf(socket).flatMap(({ search }) => search ?? []);
  }

  private finishBlocks(nowNs: number): void {
    let finished = false;
    for (const entry of this.queue) {
      if (entry.active === undefined || entry.active.block.open > 0) continue;
      if (Number.isNaN(entry.finishedAtNs)) entry.finishedAtNs = nowNs;
      if (nowNs < givenBackAtNs(entry)) continue;
      finished = true;
      this.deliver(entry);
    }
    if (finished) this.queue = this.queue.filter((entry) => !(nowNs >= givenBackAtNs(entry)));
  }

  private countHosts(): void {
    for (const entry of this.queue) {
      if (entry.active === undefined) continue;
      const { open, up, setup } = entry.active.block;
      this.shared.add('hostsDone', setup.targets.count - open - entry.countedDone);
      this.shared.add('hostsUp', up - entry.countedUp);
      entry.countedDone = setup.targets.count - open;
      entry.countedUp = up;
    }
  }

  private abandonAll(): void {
    for (const entry of this.queue) this.deliver(entry);
    for (const block of this.resting) block.releaseAllNeighbours();
    this.queue = [];
    this.resting = [];
  }

  private deliver(entry: QueuedBlock): void {
    if (entry.active === undefined) {
      entry.done(undefined);
      return;
    }
    const { block, evidence, search } = entry.active;
    this.resting.push(block);
    this.shared.add('doubtful', block.doubtful + (search?.block.doubtful ?? 0));
    this.neighbours.learnMacs(entry.active);
    entry.done(evidence.results(this.transport.wallClockOffsetNs()));
  }

  /** When a probe times out or a block's lingering ends. */
  private nextEndNs(): number {
    let dueNs = Number.POSITIVE_INFINITY;
    for (const entry of this.queue) {
      const { active } = entry;
      if (active === undefined) continue;
      const endNs = Number.isNaN(entry.finishedAtNs)
        ? Math.min(
            active.block.nextExpiryNs(),
            active.search?.block.nextExpiryNs() ?? Number.POSITIVE_INFINITY,
          )
        : givenBackAtNs(entry);
      dueNs = Math.min(dueNs, endNs);
    }
    return dueNs;
  }
}

/** NaN while hosts are open. */
function givenBackAtNs({ setup, finishedAtNs }: QueuedBlock): number {
  return setup.isAside === true ? finishedAtNs : finishedAtNs + LINGER_NS;
}
