/** Brings a scan of several sites to its end: offers its chunks, believes only results of these, keeps the first. */

import { EchosweepError, messageOf } from '../errors.ts';
import { hasNoRoom } from '../inventory/database.ts';
import { ArrivedResults } from './arrived-results.ts';
import type { ConnectionState, DeliveredStatus } from './broker.ts';
import { ChunkOffers } from './chunk-offers.ts';
import { MessageRefused } from './contract/message.ts';
import type { Coordination } from './coordination.ts';
import { HeardAgents } from './heard-agents.ts';
import type { JournalChunk } from './journal-tables.ts';
import type { MessageCounts } from './result-intake.ts';

/** How a scan ended: all of it is in the journal, its time was over, it was stopped, or the broker refuses the hub's key. */
export type ScanEnding = 'done' | 'late' | 'stopped' | 'refused';

/** Messages of one agent whose refusal is worth a sentence; one that never stops sending would fill a disk with them. */
const MOST_REFUSALS_SHOWN = 20;
const TICK_MS = 200;
const RETRY_MS = 1000;

export class Coordinator {
  readonly agents: HeardAgents;
  readonly counts: MessageCounts = {
    offered: 0,
    reoffered: 0,
    kept: 0,
    duplicates: 0,
    refused: 0,
  };
  /** Why chunks were refused last, by site: the report names the reason if they never came. */
  readonly refusals = new Map<string, string>();
  readonly #parts: Coordination;
  /** Agents whose results of a chunk were refused, by its key. */
  readonly #refusers = new Map<string, Set<string>>();
  /** Sentences about refused messages, by agent. */
  readonly #refusalsShown = new Map<string, number>();
  readonly #offers: ChunkOffers;
  readonly #results: ArrivedResults;
  #hasBegun = false;
  #lastRemark = '';
  /** Why the broker refuses the hub's key for good. */
  #keyRefusal: EchosweepError | undefined;
  #hasLeftResults = false;
  /** What ends listening to the broker, which other scans may share. */
  readonly #deafen: readonly (() => void)[];
  #tick = new AbortController();

  constructor(parts: Coordination) {
    const { broker, times, journal, scan, clock } = parts;
    this.#parts = parts;
    this.agents = new HeardAgents(times.silentMs);
    this.#offers = new ChunkOffers({ ...parts, agents: this.agents, counts: this.counts });
    const intake = {
      journal,
      scan,
      counts: this.counts,
      nowMs: clock.nowMs,
      onKept: parts.onKept,
      isHopeless: (chunk: JournalChunk, site: string, agent: string) =>
        this.#isHopeless(chunk, `${site}/${agent}`),
      onRefused: (site: string, agent: string, why: string) => this.#refused(site, agent, why),
    };
    this.#results = new ArrivedResults({
      broker,
      clock,
      intake,
      onArrival: () => this.#tick.abort(),
      onFailure: (error) => this.#brokerFailed('results cannot be read', error),
    });
    this.#deafen = [
      broker.onStatus((status) => this.#noteStatus(status)),
      broker.onForgotten(() => {
        const chunks = journal.takeAllBack(scan.id);
        this.counts.reoffered += chunks;
        this.#remark(`the hub lost its memory: ${chunks} chunks are offered again`);
        this.#tick.abort();
      }),
      broker.onConnection((state) => this.#noteConnection(state)),
    ];
  }

  /** Why the broker refuses the hub's key; undefined unless the scan ended so. */
  get keyRefusal(): EchosweepError | undefined {
    return this.#keyRefusal;
  }

  /** Whether the journal had no room at the end: results that it could not take wait at the broker. */
  get hasLeftResults(): boolean {
    return this.#hasLeftResults;
  }

  /** @param signal stops the scan; what has arrived by then is kept */
  async run(signal: AbortSignal): Promise<ScanEnding> {
    const ended = new AbortController();
    const stop = (): void => this.#tick.abort();
    signal.addEventListener('abort', stop);
    const reading = this.#results.read(ended.signal);
    try {
      for (;;) {
        const ending = await this.#tryToStep(signal);
        if (ending !== undefined) return ending;
      }
    } finally {
      signal.removeEventListener('abort', stop);
      // First, because writing the last results may fail.
      for (const end of this.#deafen) end();
      ended.abort();
      await reading;
      this.#hasLeftResults = !this.#results.keepIfRoom();
    }
  }

  /** A disk without room may have room again: until then, or until a later process goes on, the results wait at the broker. */
  async #tryToStep(signal: AbortSignal): Promise<ScanEnding | undefined> {
    const { journal, scan, clock } = this.#parts;
    try {
      return await this.#step(signal);
    } catch (error) {
      if (!hasNoRoom(error)) throw error;
      this.#remark(`${journal.path} has no room: the results wait until there is some`);
      if (signal.aborted || clock.nowMs() >= scan.deadline.getTime()) {
        await this.#tried(() => this.#pause());
        return signal.aborted ? 'stopped' : 'late';
      }
      await clock.wait(RETRY_MS, signal);
      return undefined;
    }
  }

  /** @returns how the scan ended, if it has */
  async #step(signal: AbortSignal): Promise<ScanEnding | undefined> {
    const { journal, scan, clock, onTick } = this.#parts;
    if (!this.#hasBegun) {
      // What an earlier process had out may be lost; offering it again does no harm if it is not.
      journal.takeAllBack(scan.id);
      this.#hasBegun = true;
    }
    this.#results.keep();
    this.agents.setBack(clock.nowMs());
    onTick?.();
    const state = journal.touch(scan.id, new Date(clock.nowMs()));
    if (journal.chunksLeft(scan.id) === 0) return 'done';
    if (this.#keyRefusal !== undefined) return 'refused';
    const isStopped = signal.aborted || state !== 'running';
    if (isStopped || clock.nowMs() >= scan.deadline.getTime()) {
      await this.#tried(() => this.#cancel());
      return isStopped ? 'stopped' : 'late';
    }
    const isOffered = await this.#tried(() => this.#offers.offer());
    if (!this.#results.isEmpty || this.#keyRefusal !== undefined) return undefined;
    this.#tick = new AbortController();
    await clock.wait(isOffered ? TICK_MS : RETRY_MS, this.#tick.signal);
    return undefined;
  }

  /** Calls the scan off at all sites. Agents remember its name in messages, so it gets another. */
  async #cancel(): Promise<void> {
    const { journal, broker, scan, sites } = this.#parts;
    journal.renameMessages(scan.id);
    await broker.cancel(
      scan.messageName,
      sites.map(({ site }) => site),
    );
  }

  /** Stops the agents without a new name for the scan, which could not be written down. */
  async #pause(): Promise<void> {
    const { broker, scan, sites } = this.#parts;
    for (const { site } of sites) await broker.pause(scan.messageName, site);
  }

  /** Whether each agent that is there has failed at a chunk. A quick one would else use up the tries of one that is busy. */
  #isHopeless({ site, number }: JournalChunk, refuser: string): boolean {
    const { scan, clock } = this.#parts;
    const key = `${site} ${number}`;
    const refusers = this.#refusers.get(key) ?? new Set();
    this.#refusers.set(key, refusers.add(refuser));
    const sites = scan.isSpread ? scan.sites : [site];
    return sites
      .flatMap((each) => this.agents.present(each, clock.nowMs()))
      .every((each) => refusers.has(`${each.site}/${each.agent}`));
  }

  #refused(site: string, agent: string, why: string): void {
    const name = `${site}/${agent}`;
    this.refusals.set(site, `${name}: ${why}`);
    const shown = this.#refusalsShown.get(name) ?? 0;
    if (shown > MOST_REFUSALS_SHOWN) return;
    const sentence =
      shown === MOST_REFUSALS_SHOWN
        ? `more messages of ${name} are refused, and no longer shown`
        : `a message of ${name} is refused: ${why}`;
    if (this.#remark(sentence)) this.#refusalsShown.set(name, shown + 1);
  }

  /** @returns whether it worked; if not, the broker is away and it is tried again */
  async #tried(act: () => Promise<void>): Promise<boolean> {
    try {
      await act();
      return true;
    } catch (error) {
      if (error instanceof EchosweepError && error.code === 'INVENTORY_FAILED') throw error;
      this.#brokerFailed('the hub does not take messages', error);
      return false;
    }
  }

  #brokerFailed(what: string, error: unknown): void {
    if (error instanceof EchosweepError && error.code === 'BROKER_REFUSED') {
      this.#keyRefusal = error;
      this.#tick.abort();
    } else this.#remark(`${what}: ${messageOf(error)}`);
  }

  #noteStatus(status: DeliveredStatus): void {
    try {
      this.agents.note(status, this.#parts.clock.nowMs());
    } catch (error) {
      if (!(error instanceof MessageRefused)) throw error;
      this.counts.refused++;
      this.#refused(status.site, status.agent, error.message);
    }
  }

  #noteConnection(state: ConnectionState): void {
    this.#remark(
      state.isConnected ? 'connected to the hub' : `no connection to the hub: ${state.why}`,
    );
    this.#tick.abort();
  }

  /** The same sentence once, however often it is true. @returns whether it is another than the last */
  #remark(sentence: string): boolean {
    if (sentence === this.#lastRemark) return false;
    this.#lastRemark = sentence;
    this.#parts.onRemark?.(sentence);
    return true;
  }
}
