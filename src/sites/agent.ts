/** An agent: takes chunks of its site, sweeps them, sends what it found, and only then lets them go. */

import { PACKAGE_VERSION } from '../package-version.ts';
import type { AgentBroker, ConnectionState, OfferedChunk } from './broker.ts';
import { type ChunkWatch, ChunkWork, type ChunkWorkTools } from './chunk-work.ts';
import { encodeStatus } from './contract/agent-status.ts';
import { type Control, decodeControl } from './contract/control.ts';
import { MessageRefused } from './contract/message.ts';
import type { AgentName } from './contract/names.ts';
import { CONTRACT, OLDEST_CONTRACT } from './contract/version.ts';

/** What an agent reports as it happens. */
export type AgentEvent =
  | { readonly type: 'connected' }
  | { readonly type: 'disconnected'; readonly why: string }
  | { readonly type: 'chunk-started'; readonly what: string }
  | { readonly type: 'chunk-ended'; readonly what: string; readonly how: string }
  | { readonly type: 'problem'; readonly message: string };

export interface AgentRules extends Pick<ChunkWorkTools, 'rules' | 'sweep' | 'clock'> {
  /** Chunks at once, at most. */
  readonly slots: number;
  readonly onEvent: (event: AgentEvent) => void;
}

const STATUS_EVERY_MS = 2_000;
/** An agent without work repeats its status less often. */
const TICKS_WITHOUT_WORK = 3;
const MOST_CANCELLED = 1_000;

export class Agent {
  private readonly name: AgentName;
  private readonly broker: AgentBroker;
  private readonly rules: AgentRules;
  private readonly startedAtMs: number;
  private readonly underWay = new Set<ChunkWork>();
  /** The scans that were cancelled last. */
  private readonly cancelled = new Set<string>();
  private problem: string | null = null;
  private ticks = 0;

  constructor(name: AgentName, broker: AgentBroker, rules: AgentRules) {
    this.name = name;
    this.broker = broker;
    this.rules = rules;
    this.startedAtMs = rules.clock.nowMs();
  }

  /**
   * Works until the signal is aborted; chunks that are under way then are given back at once.
   * @throws EchosweepError BROKER_REFUSED if the broker refuses the key for good
   */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, slots } = this.rules;
    const stop = new AbortController();
    const either = AbortSignal.any([signal, stop.signal]);
    this.broker.onControl((octets) => this.obey(octets));
    this.broker.onConnection((state) => this.noteConnection(state));
    const stopTicking = clock.every(STATUS_EVERY_MS, () => this.tick());
    try {
      await Promise.all(Array.from({ length: slots }, () => this.fillSlot(either)));
    } finally {
      stop.abort();
      stopTicking();
      this.sendStatus();
      await this.broker.close();
    }
  }

  private async fillSlot(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const offered = await this.broker.take(signal);
      if (offered !== undefined) await this.work(offered, signal);
    }
  }

  private async work(offered: OfferedChunk, signal: AbortSignal): Promise<void> {
    const { rules, sweep, clock, onEvent } = this.rules;
    const watch: ChunkWatch = {
      onStarted: (what) => {
        onEvent({ type: 'chunk-started', what });
        this.sendStatus();
      },
      onEnded: (what, how) => {
        this.problem = null;
        onEvent({ type: 'chunk-ended', what, how });
      },
      onProblem: (message) => this.noteProblem(message),
      isCancelled: (scan) => this.cancelled.has(scan),
    };
    const tools = { rules, sweep, clock };
    const work = new ChunkWork(this.name, this.broker, offered, tools, watch);
    this.underWay.add(work);
    try {
      await work.run(signal);
    } finally {
      this.underWay.delete(work);
      this.sendStatus();
    }
  }

  private obey(octets: Uint8Array): void {
    let control: Control;
    try {
      control = decodeControl(octets);
    } catch (error) {
      if (!(error instanceof MessageRefused)) throw error;
      // Agents of other sites can have the server send its answers here, and are not to make this one look unwell.
      if (error.isTooNew) this.noteProblem(error.message);
      return;
    }
    const { act, scan } = control;
    if (act === 'cancel') {
      this.cancelled.add(scan);
      const [oldest] = this.cancelled;
      if (this.cancelled.size > MOST_CANCELLED) this.cancelled.delete(oldest!);
    }
    for (const work of this.underWay) work.stopScan(scan, act);
  }

  private noteConnection(state: ConnectionState): void {
    if (!state.isConnected) {
      this.rules.onEvent({ type: 'disconnected', why: state.why });
      return;
    }
    this.rules.onEvent({ type: 'connected' });
    this.sendStatus();
    for (const work of this.underWay) work.sendNow();
  }

  /** One that repeats itself is reported once. */
  private noteProblem(message: string): void {
    if (message !== this.problem) this.rules.onEvent({ type: 'problem', message });
    this.problem = message;
  }

  private tick(): void {
    this.ticks++;
    if (this.underWay.size > 0 || this.ticks % TICKS_WITHOUT_WORK === 0) this.sendStatus();
  }

  private sendStatus(): void {
    const { clock, slots } = this.rules;
    const all = [...this.underWay];
    this.broker.sendStatus(
      encodeStatus({
        version: PACKAGE_VERSION,
        oldestContract: OLDEST_CONTRACT,
        newestContract: CONTRACT,
        nowMs: clock.nowMs(),
        startedAtMs: this.startedAtMs,
        slots,
        chunks: all.flatMap(({ progress }) => progress ?? []),
        unsent: all.filter(({ isUnsent }) => isUnsent).length,
        problem: this.problem,
        memoryOctets: clock.memoryOctets(),
      }),
    );
  }
}
