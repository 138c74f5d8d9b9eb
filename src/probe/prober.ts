/** The probing itself: blocks in, echo requests out, replies matched, results back. It has no I/O and no clock of its own. */

import { FAMILIES, type Family } from '../address.ts';
import type { BlockResults } from '../results/block-results.ts';
import type { NeighbourSocket, Transport } from '../transport/contract.ts';
import { ActiveBlock, type ProberSetup } from './active-block.ts';
import type { BlockSetup } from './block-setup.ts';
import { DeliveredBlocks } from './delivered-blocks.ts';
import { Evidence } from './evidence.ts';
import { type FinalHostOutlet, FinalHostQueue } from './final-host-queue.ts';
import { type BlockRules, HostBlock } from './host-block.ts';
import { LossWatch } from './loss-watch.ts';
import { CappedPlaces, type NeighbourCap, NO_PLACES } from './neighbour-places.ts';
import { NeighbourProber } from './neighbour-prober.ts';
import { NeighbourSearch } from './neighbour-search.ts';
import { NeighbourWatch } from './neighbour-watch.ts';
import { linkOf } from './reach.ts';
import { RetryPace } from './retry-pace.ts';
import { type Schedule, singleProbe } from './schedule.ts';
import { mix32, SendOrder } from './send-order.ts';
import { noteHostCounts, type SharedState } from './shared-state.ts';
import { SocketProber } from './socket-prober.ts';
import { SpareMemory } from './spare-memory.ts';
import { AllHosts, FoundHosts } from './unprobed-hosts.ts';

/** How long a finished block waits for duplicates of its last replies, and for those that the system shows late. */
const LINGER_NS = 20_000_000;
/** Once every host has replied, only duplicates can come: so many times the slowest recent RTT is enough, and this at least. */
const LINGER_RTTS = 4;
const LEAST_LINGER_NS = 1_000_000;
/** Longest pause: new blocks and the stop flag are noticed after this at the latest. */
const LONGEST_PAUSE_NS = 20_000_000;

/** What is due waits this long for packets that have arrived and cannot be received yet. */
const LONGEST_BACKLOG_NS = 5_000_000_000;

/** What the system would say of a packet that it drops from the queue of an interface (send(2)). */
const QUEUE_DROP = 'ENOBUFS';

/** Which blocks a socket is for: those of a family, and of one link unless the system routes. */
interface SocketScope {
  readonly family: Family;
  readonly linkIndex: number | undefined;
}

interface QueuedBlock {
  readonly setup: BlockSetup;
  readonly done: (results: BlockResults | undefined) => void;
  /** Takes hosts as they become final; undefined if they are wanted with their block only. */
  readonly outlet: FinalHostOutlet | undefined;
  readonly finals: FinalHostQueue | undefined;
  active: ActiveBlock | undefined;
  /** When the last host became final; NaN before. */
  finishedAtNs: number;
  /** Hosts already added to the shared counters. */
  countedDone: number;
  countedUp: number;
  countedRetriedUp: number;
}

/**
 * Probes any number of blocks at once over the sockets of one thread. Call `step` again and again, each time after
 * the pause that it returns, until it is no longer `busy`.
 */
export class Prober {
  private readonly transport: Transport;
  private readonly shared: SharedState;
  private readonly setup: ProberSetup;
  private readonly cap: NeighbourCap;
  private readonly rules: BlockRules;
  private readonly canaryRules: BlockRules;
  private readonly sockets: readonly SocketProber[];
  private readonly links: readonly NeighbourProber[];
  private readonly neighbours: NeighbourWatch;
  private readonly retryPace: RetryPace;
  private readonly loss: LossWatch;
  private readonly memory = new SpareMemory();
  private readonly delivered = new DeliveredBlocks();
  private queue: QueuedBlock[] = [];
  /** Delivered blocks whose hosts still hold places among the unresolved neighbours. */
  private resting: HostBlock[] = [];
  /** When `step` wants to be called next; Infinity if there was nothing to do. */
  private dueNs = Number.POSITIVE_INFINITY;
  /** When the last step began. */
  private nowNs = 0;

  constructor(transport: Transport, shared: SharedState, setup: ProberSetup) {
    this.transport = transport;
    this.shared = shared;
    this.setup = setup;
    this.retryPace = new RetryPace(setup.schedule);
    this.loss = new LossWatch(shared);
    this.rules = this.rulesOf(setup.schedule, this.loss);
    this.canaryRules = this.rulesOf(singleProbe(setup.schedule), undefined);
    this.cap = {
      take: () => shared.takeNeighbour(setup.worker),
      give: () => shared.giveNeighbour(setup.worker),
    };
    this.sockets = transport.sockets.map(
      (socket) =>
        new SocketProber(socket, transport, shared, setup, this.retryPace, this.delivered),
    );
    this.links = (transport.neighbourSockets ?? []).map(
      (socket) => new NeighbourProber(socket, shared),
    );
    this.neighbours = new NeighbourWatch(transport, setup.schedule);
  }

  get busy(): boolean {
    return this.queue.length > 0 || this.resting.length > 0;
  }

  /** @param done called with the results once every host is final; with undefined if the sweep was stopped before the block began @param outlet takes hosts before that, once they are final */
  addBlock(
    setup: BlockSetup,
    done: (results: BlockResults | undefined) => void,
    outlet?: FinalHostOutlet,
  ): void {
    const entry = {
      setup,
      done,
      outlet,
      finals: outlet && new FinalHostQueue(setup.targets.count),
      active: undefined,
      finishedAtNs: Number.NaN,
      countedDone: 0,
      countedUp: 0,
      countedRetriedUp: 0,
    };
    if (setup.isCanary === true) this.queue.unshift(entry);
    else this.queue.push(entry);
  }

  /** Takes memory of results that are no longer read, for blocks to come. */
  reuse(buffers: readonly ArrayBuffer[]): void {
    for (const buffer of buffers) this.memory.give(buffer);
  }

  /** One turn: reads everything, times out what is over, sends what is due. @returns nanoseconds until there is something to do, 0 for now, 20 ms at most */
  step(): number {
    // Taken before reading: what arrived by now is read before anything that was due by now is timed out.
    const nowNs = this.transport.nowNs();
    this.nowNs = nowNs;
    this.noteDelay(nowNs);
    for (const socket of this.sockets) socket.receiveAll(this.blocksOf(socket), nowNs);
    for (const link of this.links) link.receiveAll(this.searchesOn(link.socket), nowNs);
    if (this.shared.stopped) {
      this.abandonAll(nowNs);
      this.dueNs = Number.POSITIVE_INFINITY;
      return 0;
    }
    if (this.neighbours.isDue(nowNs)) {
      this.neighbours.look(
        nowNs,
        this.queue.flatMap(({ active }) => active ?? []),
      );
    }
    const receivedUntilNs = this.receivedUntilNs(nowNs);
    this.retryPace.isProbingOthers = this.queue.some(hasUnprobedHosts);
    for (const socket of this.sockets) {
      for (const { block } of this.blocksOf(socket))
        block.expire(receivedUntilNs, socket.droppedAtNs);
    }
    for (const family of FAMILIES) this.startBlocks(family);
    let waitNs = Number.POSITIVE_INFINITY;
    // Hosts that discovery has found are pinged before it goes on to others, so few have to wait in between.
    for (const socket of this.sockets)
      waitNs = Math.min(waitNs, socket.sendDue(this.blocksOf(socket), nowNs));
    for (const link of this.links) {
      const searches = this.searchesOn(link.socket);
      for (const { block } of searches) block.expire(nowNs, link.droppedAtNs);
      waitNs = Math.min(waitNs, link.sendDue(searches, nowNs));
    }
    this.countHosts();
    this.passOnFinalHosts(nowNs);
    this.finishBlocks(nowNs);
    this.endRests(nowNs);
    const pauseNs = Math.max(
      0,
      Math.min(LONGEST_PAUSE_NS, waitNs, this.nextEndNs() - receivedUntilNs),
    );
    this.dueNs = this.busy ? nowNs + pauseNs : Number.POSITIVE_INFINITY;
    return pauseNs;
  }

  /** A backlog that never ends must not keep a sweep from its end. */
  private receivedUntilNs(nowNs: number): number {
    const untilNs = this.transport.receivedUntilNs ?? nowNs;
    return Math.max(Math.min(untilNs, nowNs), nowNs - LONGEST_BACKLOG_NS);
  }

  /** The last step's own work counts too: while it lasted, nothing else could be done. */
  private noteDelay(nowNs: number): void {
    if (nowNs > this.dueNs) this.shared.noteDelay(nowNs - this.dueNs);
  }

  /** Blocks begin one after another: memory goes only to those that have hosts to probe or to wait for. */
  private startBlocks(family: Family): void {
    for (const entry of this.queue) {
      if (entry.setup.targets.family !== family) continue;
      if (entry.active === undefined) {
        entry.active = this.start(entry.setup);
        if (entry.finals !== undefined) this.queueFinalHosts(entry.active, entry.finals);
        this.neighbours.useKnown(entry.active);
        return;
      }
      const { block, search } = entry.active;
      const isCapped = entry.setup.reach === 'system';
      if ((search?.block ?? block).due.hasUnprobed && !isCapped) return;
    }
  }

  /** A host that is pinged while it is searched is final when both have ended. */
  private queueFinalHosts({ block, evidence, search }: ActiveBlock, finals: FinalHostQueue): void {
    block.finalHosts = {
      noteFinal: (host) => {
        evidence.noteFinal(host);
        if (search === undefined || search.block.hosts.isFinal(host)) finals.add(host, this.nowNs);
      },
    };
    if (search === undefined) return;
    search.block.finalHosts = {
      noteFinal: (host) => {
        const isPinged = block.hosts.isFinal(host);
        search.noteFinal(host);
        if (isPinged) finals.add(host, this.nowNs);
      },
    };
  }

  private start(setup: BlockSetup): ActiveBlock {
    const { orderSeed } = this.setup;
    const { targets, reach } = setup;
    const seeded =
      orderSeed === undefined
        ? undefined
        : new SendOrder(targets.count, mix32(orderSeed ^ targets.firsts.at(-1)!));
    const all = new AllHosts(targets.count, setup.order ?? seeded);
    const rules = setup.isCanary === true ? this.canaryRules : this.rules;
    if (typeof reach === 'object') return searchedBlock(setup, rules, all);
    const places = reach === 'system' ? new CappedPlaces(targets.count, this.cap) : NO_PLACES;
    const block = new HostBlock(setup, rules, all, places);
    const evidence = new Evidence(block);
    block.departures.onLeft = (host, hasLeft) => {
      if (!hasLeft) {
        evidence.noteErrno(host, QUEUE_DROP);
        for (const socket of this.sockets)
          if (socket.family === targets.family) socket.noteMissingDeparture();
      }
      this.shared.add('sent', hasLeft ? 1 : -1);
    };
    return new ActiveBlock(block, evidence);
  }

  private rulesOf(schedule: Schedule, loss: LossWatch | undefined): BlockRules {
    const { retryPace, memory } = this;
    return { schedule, retryPace, sequenceKey: this.setup.key[2], loss, memory };
  }

  /** The blocks that are probed through a socket: those on its link, or those that the system routes. */
  private blocksOf({ family, linkIndex }: SocketScope): ActiveBlock[] {
    const blocks: ActiveBlock[] = [];
    for (const { active, setup } of this.queue) {
      if (active === undefined || setup.targets.family !== family) continue;
      if (linkOf(setup.reach) === linkIndex) blocks.push(active);
    }
    return blocks;
  }

  private searchesOn(socket: NeighbourSocket): NeighbourSearch[] {
    return this.blocksOf(socket).flatMap(({ search }) => search ?? []);
  }

  private finishBlocks(nowNs: number): void {
    let finished = false;
    for (const entry of this.queue) {
      if (entry.active === undefined || isOpen(entry.active)) continue;
      if (Number.isNaN(entry.finishedAtNs)) entry.finishedAtNs = nowNs;
      if (nowNs < this.deliveredAtNs(entry)) continue;
      finished = true;
      this.deliver(entry, nowNs);
    }
    if (finished) this.queue = this.queue.filter((entry) => !(nowNs >= this.deliveredAtNs(entry)));
  }

  private passOnFinalHosts(nowNs: number): void {
    for (const { active, outlet, finals } of this.queue) {
      if (active === undefined || finals?.isRipe(nowNs) !== true || !outlet!.isReady) continue;
      this.neighbours.lookAgain(active, nowNs);
      const hosts = finals.take(nowNs);
      const results = active.evidence.resultsOf(hosts, this.transport.wallClockOffsetNs());
      for (const host of hosts) active.block.hosts.freeze(host);
      outlet!.take({ hosts, results });
    }
  }

  private countHosts(): void {
    for (const entry of this.queue) if (entry.active !== undefined) this.count(entry, entry.active);
  }

  private count(entry: QueuedBlock, { block }: ActiveBlock): void {
    const { open, up, retriedUp } = block.hosts;
    const done = entry.setup.targets.count - open;
    const { hostCounts } = entry.setup;
    if (hostCounts !== undefined) {
      noteHostCounts(hostCounts, done, up, retriedUp);
      return;
    }
    this.shared.add('hostsDone', done - entry.countedDone);
    this.shared.add('hostsUp', up - entry.countedUp);
    this.shared.add('retriedUp', retriedUp - entry.countedRetriedUp);
    entry.countedDone = done;
    entry.countedUp = up;
    entry.countedRetriedUp = retriedUp;
  }

  private endRests(nowNs: number): void {
    this.resting = this.resting.filter((block) => {
      block.releaseOldNeighbours(nowNs);
      if (block.holdsNeighbours) return true;
      block.release();
      return false;
    });
  }

  private abandonAll(nowNs: number): void {
    for (const entry of this.queue) this.deliver(entry, nowNs);
    for (const block of this.resting) block.releaseAllNeighbours();
    this.queue = [];
    this.resting = [];
  }

  private deliver(entry: QueuedBlock, nowNs: number): void {
    if (entry.active === undefined) {
      entry.done(undefined);
      return;
    }
    const { block, evidence, search } = entry.active;
    this.resting.push(block);
    // The canary's silence is reported by itself.
    if (entry.setup.isCanary !== true) this.delivered.add(block);
    this.shared.add('doubtful', block.hosts.doubtful + (search?.block.hosts.doubtful ?? 0));
    this.shared.add('partlyRefused', block.hosts.partlyRefused);
    this.neighbours.lookAgain(entry.active, nowNs);
    this.count(entry, entry.active);
    entry.done(evidence.results(this.transport.wallClockOffsetNs()));
    evidence.release();
    search?.block.release();
  }

  /** When a probe times out or a finished block has waited long enough. */
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
        : this.deliveredAtNs(entry);
      dueNs = Math.min(dueNs, endNs);
    }
    return dueNs;
  }

  /** NaN while hosts are open. */
  private deliveredAtNs({ setup, finishedAtNs, active }: QueuedBlock): number {
    if (setup.isCanary === true) return finishedAtNs;
    const isAllUp = active?.block.hosts.up === setup.targets.count;
    if (!isAllUp || !this.setup.schedule.stopsWhenAnswered) return finishedAtNs + LINGER_NS;
    const duplicatesNs = Math.max(LEAST_LINGER_NS, LINGER_RTTS * this.retryPace.slowestNs);
    return finishedAtNs + Math.min(LINGER_NS, duplicatesNs);
  }
}

/** A block whose hosts are pinged only once a search on their link has found them. */
function searchedBlock(setup: BlockSetup, rules: BlockRules, all: AllHosts): ActiveBlock {
  const found = new FoundHosts(setup.targets.count);
  const block = new HostBlock(setup, rules, found, NO_PLACES);
  const evidence = new Evidence(block);
  return new ActiveBlock(block, evidence, new NeighbourSearch(block, found, evidence, rules, all));
}

function hasUnprobedHosts({ active }: QueuedBlock): boolean {
  if (active === undefined) return true;
  return (active.search?.block ?? active.block).due.hasUnprobed;
}

/** Whether something may still be learned about a host: its pings may be over before its search is. */
function isOpen({ block, search }: ActiveBlock): boolean {
  return block.hosts.open > 0 || (search !== undefined && search.block.hosts.open > 0);
}
