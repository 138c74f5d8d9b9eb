/** Tries TCP connections to hosts that did not reply (`--tcp`): at the sweep's rate, and a bounded number at a time. */

import { interfaceNameOfZone } from '../host-network/interfaces.ts';
import { mix32, SendOrder } from '../probe/send-order.ts';
import type { SharedState } from '../probe/shared-state.ts';
import type { BlockResults } from '../results/block-results.ts';
import { addressText } from '../results/block-targets.ts';
import type { TcpRecord } from '../results/run-record.ts';
import type { SweepSettings } from '../settings.ts';
import { loadRefusalCheck } from '../transport/load-refusal-check.ts';
import { monotonicNs } from '../transport/monotonic-clock.ts';
import { spareDescriptors } from '../transport/open-files.ts';
import {
  type TcpConnectionRequest,
  type TcpResult,
  tryTcpConnection,
} from '../transport/tcp-connection.ts';
import { inOrder } from './in-order.ts';
import { type SameAnswer, SameAnswers } from './same-answers.ts';
import { type HostPort, isWorthATry, TcpBlock } from './tcp-block.ts';

/** As many as leave within a second at the usual rate; each half-open one is an entry in firewalls on the path. */
const MOST_AT_ONCE = 1024;
/** Of the descriptors that are left: others need some too. */
const SHARE_OF_DESCRIPTORS = 0.5;
/** While the last connections of one block time out, those of the next are tried. */
const BLOCKS_AT_ONCE = 4;
const MOST_IN_A_TURN = 64;
/** While the rate or the system lets nothing leave. */
const LONGEST_PAUSE_MS = 20;
/** Without a connection that could be tried for so long, those that cannot are given up. */
const BUSY_GIVEN_UP_MS = 5000;

/** Tries one connection. @returns a function that gives it up @param onEnd as for `tryTcpConnection` */
export type Connect = (
  request: TcpConnectionRequest,
  onEnd: (result: TcpResult) => void,
) => () => void;

interface Waiting {
  readonly block: TcpBlock;
  readonly done: () => void;
}

export class TcpCheck {
  private readonly ports: readonly number[];
  private readonly settings: SweepSettings;
  private readonly shared: SharedState;
  private readonly connect: Connect;
  private readonly most: number;
  private readonly same = new SameAnswers();
  /** In the order of the sweep; only the first that has something left to try begins new connections. */
  private readonly waiting = new Set<Waiting>();
  private readonly underWay = new Set<() => void>();
  private readonly failures = new Map<string, number>();
  private timer: NodeJS.Timeout | undefined;
  /** As `most`, or less while the system is busy. */
  private room: number;
  private busySinceMs: number | undefined;
  private hosts = 0;
  private connections = 0;

  /** @param most connections at a time */
  constructor(
    ports: readonly number[],
    settings: SweepSettings,
    shared: SharedState,
    connect: Connect,
    most: number,
  ) {
    this.ports = ports;
    this.settings = settings;
    this.shared = shared;
    this.connect = connect;
    this.most = Math.max(1, most);
    this.room = this.most;
  }

  /** One that makes real connections, as many at a time as this process may. */
  static async load(
    ports: readonly number[],
    settings: SweepSettings,
    shared: SharedState,
  ): Promise<TcpCheck> {
    const wasRefusedByHost = await loadRefusalCheck();
    const connect: Connect = (request, onEnd) => tryTcpConnection(request, wasRefusedByHost, onEnd);
    const spare = Math.floor(spareDescriptors() * SHARE_OF_DESCRIPTORS);
    return new TcpCheck(ports, settings, shared, connect, Math.min(MOST_AT_ONCE, spare));
  }

  get record(): TcpRecord {
    const { ports, hosts, connections } = this;
    let failed = 0;
    for (const count of this.failures.values()) failed += count;
    return { ports, hosts, connections, failed };
  }

  /** Connections that this system could not try, by its name for why. */
  get failed(): ReadonlyMap<string, number> {
    return this.failures;
  }

  /** Subnets in which nearly all hosts answered alike. */
  get sameAnswers(): readonly SameAnswer[] {
    return this.same.found;
  }

  /** Whether a connection may still change the row of this host. */
  mayTry(results: BlockResults, host: number): boolean {
    return isWorthATry(results, host);
  }

  /** As `check`, for all blocks of a sweep in order. @param liveCells of all its hosts, if they are watched */
  checkAll(
    blocks: AsyncIterable<BlockResults>,
    liveCells: Uint8Array | undefined,
  ): AsyncGenerator<BlockResults> {
    let first = 0;
    const check = (results: BlockResults): Promise<BlockResults> => {
      const end = first + results.targets.count;
      const cells = liveCells?.subarray(first, end);
      first = end;
      return this.check(results, cells);
    };
    return inOrder(blocks, check, BLOCKS_AT_ONCE);
  }

  /**
   * Tries the hosts of a block that may be there, and calls those up that answer. If the sweep is stopped meanwhile, hosts
   * that are not final have no row. Changes `results`, and never rejects.
   */
  async check(results: BlockResults, liveCells?: Uint8Array): Promise<BlockResults> {
    const { targets } = results;
    const order = new SendOrder(targets.count, mix32(this.settings.seed ^ targets.firsts.at(-1)!));
    const isRandom = this.settings.order === 'random';
    const hostAt = (position: number): number => (isRandom ? order.at(position) : position);
    const block = new TcpBlock(results, this.ports, hostAt, liveCells);
    if (block.tried === 0) return results;
    this.hosts += block.tried;
    // They are not final yet.
    this.shared.add('hostsDone', -block.tried);
    await new Promise<void>((resolve) => {
      this.waiting.add({ block, done: resolve });
      this.pump();
    });
    if (!this.shared.stopped) this.same.note(targets, block.answers);
    return results;
  }

  /** Begins what the rate, the room and the order allow, and comes back while something is waiting. */
  private pump(): void {
    clearTimeout(this.timer);
    if (this.shared.stopped) this.stop();
    let pauseMs = LONGEST_PAUSE_MS;
    for (;;) {
      const wanted = Math.min(MOST_IN_A_TURN, this.room - this.underWay.size);
      const next = wanted > 0 ? this.next() : undefined;
      if (next === undefined) break;
      const granted = this.shared.pacer.take(monotonicNs(), wanted);
      if (granted === 0) {
        next[0].block.keep(next[1]);
        const waitMs = (this.shared.pacer.nextNs() - monotonicNs()) / 1e6;
        pauseMs = Math.max(1, Math.min(LONGEST_PAUSE_MS, waitMs));
        break;
      }
      let begun = 0;
      for (let each = next as typeof next | undefined; each !== undefined; each = this.next()) {
        this.begin(...each);
        if (++begun === granted) break;
      }
      this.shared.pacer.giveBack(granted - begun);
    }
    if (this.waiting.size > 0) this.timer = setTimeout(() => this.pump(), pauseMs);
  }

  private next(): readonly [Waiting, HostPort] | undefined {
    for (const waiting of this.waiting) {
      const connection = waiting.block.next();
      if (connection !== undefined) return [waiting, connection];
    }
    return undefined;
  }

  private begin(waiting: Waiting, connection: HostPort): void {
    const { targets } = waiting.block.results;
    const { source4, source6, timeoutMs } = this.settings;
    const zone = targets.zone === '' ? '' : interfaceNameOfZone(targets.zone);
    const cancel = this.connect(
      {
        address: addressText({ ...targets, zone }, connection.host),
        family: targets.family,
        port: connection.port,
        source: targets.family === 4 ? source4 : source6,
        timeoutMs,
      },
      (result) => {
        this.underWay.delete(cancel);
        // What the system has no room for is tried again when the pause is over.
        if (this.note(waiting, connection, result)) this.pump();
      },
    );
    this.underWay.add(cancel);
    this.connections++;
  }

  /** @returns false if the connection is still to be tried */
  private note(waiting: Waiting, connection: HostPort, result: TcpResult): boolean {
    const { block } = waiting;
    if (result.answer === 'cancelled') return true;
    const isNeeded = !block.hasAnswered(connection.host);
    if (result.answer === 'busy' && isNeeded && this.isWorthWaiting()) {
      block.keep(connection);
      this.connections--;
      this.room = Math.max(1, this.underWay.size);
      return false;
    }
    if (result.answer === 'busy' || result.answer === 'failed') {
      this.failures.set(result.errno, (this.failures.get(result.errno) ?? 0) + 1);
    } else {
      this.busySinceMs = undefined;
      this.room = Math.min(this.most, this.room + 1);
    }
    const { answer } = result;
    const isAnswer = answer === 'open' || answer === 'refused';
    if (block.end(connection, isAnswer ? answer : undefined)) {
      this.shared.add('hostsDone', 1);
      if (block.hasAnswered(connection.host)) this.shared.add('hostsUp', 1);
    }
    if (block.isDone) this.end(waiting);
    return true;
  }

  private isWorthWaiting(): boolean {
    this.busySinceMs ??= performance.now();
    return performance.now() - this.busySinceMs < BUSY_GIVEN_UP_MS;
  }

  private stop(): void {
    for (const waiting of this.waiting) {
      waiting.block.stop();
      this.end(waiting);
    }
    for (const cancel of this.underWay) cancel();
  }

  private end(waiting: Waiting): void {
    if (this.waiting.delete(waiting)) waiting.done();
  }
}
