/** What an agent does about one chunk, from the offer until the broker has its answer. */

import { randomUUID } from 'node:crypto';
import { EchosweepError, messageOf } from '../errors.ts';
import { statusNumber } from '../results/outcome.ts';
import type { SweepSettings } from '../settings.ts';
import type { runSweep } from '../sweep.ts';
import { duration, plural } from '../words.ts';
import { shownRanges } from './allowed-targets.ts';
import { type AgentBroker, NotConnected, type OfferedChunk } from './broker.ts';
import { type ChunkSweepRules, settingsOfChunk, sweepChunk } from './chunk-sweep.ts';
import type { ChunkProgress } from './contract/agent-status.ts';
import { decodeChunk, type ReceivedChunk } from './contract/chunk.ts';
import { type ChunkAnswer, encodeAnswer } from './contract/chunk-result.ts';
import type { Control } from './contract/control.ts';
import { MessageRefused } from './contract/message.ts';
import type { AgentName } from './contract/names.ts';

/** Time, as an agent needs it; a test has its own. */
export interface AgentClock {
  /** Milliseconds since 1970 UTC. */
  nowMs(): number;
  /** Ends early, and does not reject, once the signal is aborted. */
  pause(ms: number, signal: AbortSignal): Promise<void>;
  /** @returns what stops it */
  every(ms: number, act: () => void): () => void;
  /** Of this process. */
  memoryOctets(): number;
}

export interface ChunkWorkTools {
  readonly rules: ChunkSweepRules;
  readonly sweep: typeof runSweep;
  readonly clock: AgentClock;
}

/** What the agent learns of the work. */
export interface ChunkWatch {
  readonly onStarted: (what: string) => void;
  readonly onEnded: (what: string, how: string) => void;
  readonly onProblem: (message: string) => void;
  readonly isCancelled: (scan: string) => boolean;
}

/** Renewals in the time of a lease: two may be lost. */
const RENEWALS_A_LEASE = 3;
const SHORTEST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;
/** A chunk that is too new, or late by this machine's clock, waits for another agent, and this one lets others go first. */
const UNFIT_DELAY_MS = 1_000;
const UNFIT_PAUSE_MS = 10_000;
/** A machine that cannot sweep now may be able to later, or another one may. */
const FAILED_DELAY_MS = 5_000;
/** It would fail again at once, and use up the attempts of chunks that other agents of its site can sweep. */
const FAILED_PAUSE_MS = 5_000;
const ATTEMPTS = 3;
/** Times that an acknowledgement is tried; if none arrives, the chunk is swept once more and the result dropped. */
const DONE_TRIES = 3;

/** Why a sweep that is stopped before its end has no result. */
type StopCause = 'agent ends' | 'cancelled' | 'paused' | 'too late';

export class ChunkWork {
  private readonly agent: AgentName;
  private readonly broker: AgentBroker;
  private readonly offered: OfferedChunk;
  private readonly tools: ChunkWorkTools;
  private readonly watch: ChunkWatch;
  private readonly stop = new AbortController();
  private stopCause: StopCause | undefined;
  private retry = new AbortController();
  private chunk: ReceivedChunk | undefined;
  private startedAtMs = 0;
  private done = 0;
  private up = 0;
  /** Whether this machine could not sweep it. */
  private hasFailed = false;
  /** Whether the result waits to be sent. */
  isUnsent = false;

  constructor(
    agent: AgentName,
    broker: AgentBroker,
    offered: OfferedChunk,
    tools: ChunkWorkTools,
    watch: ChunkWatch,
  ) {
    this.agent = agent;
    this.broker = broker;
    this.offered = offered;
    this.tools = tools;
    this.watch = watch;
  }

  /** Undefined until the chunk has been read. */
  get progress(): ChunkProgress | undefined {
    if (this.chunk === undefined) return undefined;
    const { scan, chunk, targets } = this.chunk;
    const { startedAtMs, done, up } = this;
    return { scan, chunk, startedAtMs, hosts: targets.count, done, up };
  }

  /** Stops if the chunk is of this scan. */
  stopScan(scan: string, act: Control['act']): void {
    if (this.chunk?.scan === scan) this.stopFor(act === 'cancel' ? 'cancelled' : 'paused');
  }

  /** There is a connection again: what waits to be sent waits no longer. */
  sendNow(): void {
    this.retry.abort();
  }

  /** Never rejects for what is wrong with the chunk or this machine. @param signal aborted when the agent ends */
  async run(signal: AbortSignal): Promise<void> {
    const end = (): void => this.stopFor('agent ends');
    signal.addEventListener('abort', end);
    if (signal.aborted) end();
    try {
      const chunk = await this.read();
      if (chunk !== undefined) await this.workOn(chunk);
    } finally {
      signal.removeEventListener('abort', end);
    }
  }

  private async read(): Promise<ReceivedChunk | undefined> {
    const { offered, watch } = this;
    if (this.stopCause !== undefined) {
      offered.giveBack(0);
      return undefined;
    }
    try {
      const chunk = decodeChunk(offered.octets);
      if (chunk.site === this.agent.site) return chunk;
      throw new MessageRefused('the chunk is of another site');
    } catch (error) {
      if (!(error instanceof MessageRefused)) throw error;
      watch.onProblem(`a chunk cannot be read: ${error.message}`);
      if (error.isTooNew) {
        offered.giveBack(UNFIT_DELAY_MS);
        await this.tools.clock.pause(UNFIT_PAUSE_MS, this.stop.signal);
      } else offered.drop(error.message);
      return undefined;
    }
  }

  private async workOn(chunk: ReceivedChunk): Promise<void> {
    const { offered, watch } = this;
    const { clock } = this.tools;
    if (watch.isCancelled(chunk.scan)) return offered.drop('cancelled');
    const leftMs = chunk.notAfterMs === null ? undefined : chunk.notAfterMs - clock.nowMs();
    if (leftMs !== undefined && leftMs <= 0) {
      watch.onProblem("a chunk came after its time: the agent's clock may be ahead");
      this.leaveLate();
      return clock.pause(UNFIT_PAUSE_MS, this.stop.signal);
    }
    this.chunk = chunk;
    this.startedAtMs = clock.nowMs();
    const stopRenewing = clock.every(chunk.leaseMs / RENEWALS_A_LEASE, () => offered.renew());
    const what = shownChunk(chunk);
    watch.onStarted(what);
    try {
      const answer = await this.answer(chunk);
      const isSent = answer !== undefined && (await this.send(chunk, answer));
      if (isSent) await this.confirm();
      watch.onEnded(what, isSent ? this.shownAnswer(answer) : this.letGo());
    } finally {
      stopRenewing();
    }
    if (this.hasFailed) await clock.pause(FAILED_PAUSE_MS, this.stop.signal);
  }

  /** @returns undefined if there is none: the sweep was stopped, or another attempt is to be made */
  private async answer(chunk: ReceivedChunk): Promise<ChunkAnswer | undefined> {
    const { rules, sweep, clock } = this.tools;
    const notAfterMs = chunk.notAfterMs ?? Number.POSITIVE_INFINITY;
    let settings: SweepSettings;
    try {
      settings = settingsOfChunk(chunk, rules);
    } catch (error) {
      this.hasFailed = true;
      return refusalOf(error);
    }
    try {
      const findings = await sweepChunk(chunk, settings, rules, sweep, {
        signal: this.stop.signal,
        onProgress: ({ done, up }) => {
          this.done = Math.min(done, chunk.targets.count);
          this.up = Math.min(up, this.done);
          if (clock.nowMs() > notAfterMs) this.stopFor('too late');
        },
      });
      if (this.stop.signal.aborted) return undefined;
      this.done = chunk.targets.count;
      this.up = findings.results.status.filter((status) => status === statusNumber('up')).length;
      return { findings, refusal: null };
    } catch (error) {
      const refusal = refusalOf(error);
      this.hasFailed = true;
      this.watch.onProblem(refusal.refusal);
      return this.offered.attempt < ATTEMPTS ? undefined : refusal;
    }
  }

  /** Tries for as long as the scan is wanted: the result waits in memory. @returns whether the broker has it */
  private async send(chunk: ReceivedChunk, answer: ChunkAnswer): Promise<boolean> {
    const octets = encodeAnswer(chunk, this.offered.attempt, answer);
    const execution = randomUUID();
    let pauseMs = SHORTEST_PAUSE_MS;
    this.isUnsent = true;
    while (!this.stop.signal.aborted) {
      try {
        await this.broker.send(chunk, octets, execution);
        this.isUnsent = false;
        return true;
      } catch (error) {
        // The key is refused for good: neither this result nor any other can be sent.
        if (error instanceof EchosweepError) throw error;
        if (!(error instanceof NotConnected)) {
          this.watch.onProblem(`a result cannot be sent yet: ${messageOf(error)}`);
        }
      }
      this.retry = new AbortController();
      const wake = AbortSignal.any([this.stop.signal, this.retry.signal]);
      await this.tools.clock.pause(pauseMs, wake);
      pauseMs = Math.min(LONGEST_PAUSE_MS, 2 * pauseMs);
    }
    this.isUnsent = false;
    return false;
  }

  private async confirm(): Promise<void> {
    for (let tries = 0; tries < DONE_TRIES; tries++) {
      try {
        return await this.offered.done();
      } catch {
        await this.tools.clock.pause(SHORTEST_PAUSE_MS, this.stop.signal);
      }
    }
  }

  /** @returns in words what became of the chunk */
  private letGo(): string {
    if (this.stopCause === undefined || this.stopCause === 'agent ends') {
      this.offered.giveBack(this.stopCause === undefined ? FAILED_DELAY_MS : 0);
      return 'given back';
    }
    if (this.stopCause === 'too late') this.leaveLate();
    else this.offered.drop(this.stopCause);
    return this.stopCause;
  }

  /** By the clock of another agent it may be in time. */
  private leaveLate(): void {
    if (this.offered.attempt < ATTEMPTS) this.offered.giveBack(UNFIT_DELAY_MS);
    else this.offered.drop('too late');
  }

  private shownAnswer({ findings, refusal }: ChunkAnswer): string {
    if (findings === null) return `refused: ${refusal}`;
    const took = duration(this.tools.clock.nowMs() - this.startedAtMs);
    const denied = findings.denied === 0 ? '' : `, ${plural(findings.denied, 'host')} not allowed`;
    return `${plural(this.up, 'host')} up${denied}, ${took}`;
  }

  private stopFor(cause: StopCause): void {
    this.stopCause ??= cause;
    this.stop.abort();
  }
}

function refusalOf(error: unknown): ChunkAnswer & { readonly refusal: string } {
  if (error instanceof EchosweepError) return { findings: null, refusal: error.message };
  throw error;
}

/** `chunk 3 of x7k2, 10.0.0.0-10.0.15.255` */
function shownChunk({ scan, chunk, ranges }: ReceivedChunk): string {
  return `chunk ${chunk} of ${scan}, ${shownRanges(ranges)}`;
}
