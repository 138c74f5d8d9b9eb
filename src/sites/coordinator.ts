/** Brings a scan of several sites to its end: offers its chunks, believes only results of these, keeps the first. */

import { messageOf } from '../errors.ts';
import type {
  ConnectionState,
  DeliveredResult,
  DeliveredStatus,
  HubBroker,
  SiteWindow,
} from './broker.ts';
import { type ChunkSettings, encodeChunk } from './contract/chunk.ts';
import { MessageRefused } from './contract/message.ts';
import { HeardAgents } from './heard-agents.ts';
import type { Journal } from './journal.ts';
import type { JournalChunk, JournalScan } from './journal-tables.ts';
import { type Intake, type MessageCounts, takeIn } from './result-intake.ts';

/** A site as a scan uses it. */
export interface ScanSite {
  readonly site: string;
  /** Chunks that its agents sweep at once, all together. */
  readonly slots: number;
  /** Probes a second, over its slots together; Infinity for no limit. */
  readonly ratePps: number;
  /**
   * Until when it may be probed from this moment on, milliseconds since 1970: a time that is past in its quiet hours.
   * Undefined for always.
   */
  readonly openUntil?: ((nowMs: number) => number) | undefined;
}

/** The clock of a coordinator; a test has one of its own. */
export interface CoordinatorClock {
  readonly nowMs: () => number;
  /** Resolves after this time, or when the signal is aborted; never rejects. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** Times that a coordinator goes by, milliseconds. */
export interface CoordinatorTimes {
  /** How long an agent that is not heard of keeps a chunk. */
  readonly leaseMs: number;
  /** A chunk that is out for so long is offered again, which does no harm if it was not lost. */
  readonly reofferMs: number;
  /** A site of which no agent was heard of for so long is silent. */
  readonly silentMs: number;
}

/** The times that follow from the lease. */
export function timesOf(leaseMs: number): CoordinatorTimes {
  return { leaseMs, reofferMs: 2 * leaseMs, silentMs: Math.max(30_000, leaseMs) };
}

/** What a scan needs to be brought to its end. */
export interface Coordination {
  readonly journal: Journal;
  readonly broker: HubBroker;
  readonly scan: JournalScan;
  readonly sites: readonly ScanSite[];
  readonly settings: ChunkSettings;
  readonly times: CoordinatorTimes;
  readonly clock: CoordinatorClock;
  /** Called with each sentence that a person should see. */
  readonly onRemark?: ((sentence: string) => void) | undefined;
  /** Called with each batch that was kept, before it is acknowledged. */
  readonly onKept?: Intake['onKept'];
  /** Called about five times a second. */
  readonly onTick?: (() => void) | undefined;
}

/** How a scan ended: all of it is in the journal, its time was over, or it was stopped. */
export type ScanEnding = 'done' | 'late' | 'stopped';

/** Chunks that wait at the broker for a slot: enough for the slots never to idle, few enough to take back at once. */
const AHEAD = 2;
const TICK_MS = 200;
/** How many results one transaction takes, and how many more wait for it. */
const RESULTS_AT_ONCE = 64;
const MOST_RESULTS_WAITING = 128;
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
  readonly #arrived: DeliveredResult[] = [];
  /** Sites in their quiet hours. */
  readonly #closed = new Set<string>();
  readonly #intake: Intake;
  readonly #startedAtMs: number;
  /** The scan's name in messages, and the end of reading what comes under it. */
  #messageName: string;
  #reading = new AbortController();
  #lastRemark = '';
  /** What ends listening to the broker, which other scans may share. */
  readonly #deafen: readonly (() => void)[];
  #tick = new AbortController();
  #isServed = false;

  constructor(parts: Coordination) {
    const { broker, times, clock, journal, scan } = parts;
    this.#parts = parts;
    this.#startedAtMs = clock.nowMs();
    this.#messageName = scan.messageName;
    this.#intake = {
      journal,
      scan,
      counts: this.counts,
      messageName: () => this.#messageName,
      onKept: parts.onKept,
      onRefused: (site, agent, why) => this.#refused(site, agent, why),
    };
    this.agents = new HeardAgents(times.silentMs);
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

  /** The scan's name in messages now. */
  get messageName(): string {
    return this.#messageName;
  }

  /** @param signal stops the scan; what has arrived by then is kept */
  async run(signal: AbortSignal): Promise<ScanEnding> {
    const { journal, scan, sites, clock, onTick } = this.#parts;
    // What an earlier process had out may be lost; offering it again does no harm if it is not.
    journal.takeAllBack(scan.id);
    const ended = new AbortController();
    const stop = (): void => this.#tick.abort();
    signal.addEventListener('abort', stop);
    const reading = this.#read(ended.signal);
    try {
      for (;;) {
        this.#keepArrived();
        onTick?.();
        const isStopped =
          signal.aborted || journal.touch(scan.id, new Date(clock.nowMs())) !== 'running';
        const left = journal.chunksLeft(scan.id);
        if (left === 0) return 'done';
        if (isStopped || clock.nowMs() >= scan.deadline.getTime()) {
          await this.#tried(() => this.#cancel(sites));
          return isStopped ? 'stopped' : 'late';
        }
        const isOffered = await this.#tried(() => this.#offer());
        if (this.#arrived.length > 0) continue;
        this.#tick = new AbortController();
        await clock.wait(isOffered ? TICK_MS : RETRY_MS, this.#tick.signal);
      }
    } finally {
      signal.removeEventListener('abort', stop);
      ended.abort();
      await reading;
      this.#keepArrived();
      for (const end of this.#deafen) end();
    }
  }

  /** Offers what the windows of the sites have room for. */
  async #offer(): Promise<void> {
    const { journal, broker, scan, sites, times, clock } = this.#parts;
    if (!this.#isServed) {
      const windows = sites.map(({ site, slots }): SiteWindow => {
        return { site, slots, leaseMs: times.leaseMs };
      });
      await broker.serve(windows);
      this.#isServed = true;
    }
    await this.#offerAgain();
    const rooms: { readonly site: ScanSite; readonly room: number }[] = [];
    for (const site of sites) {
      if (!(await this.#isOpen(site))) continue;
      const room = site.slots + AHEAD - journal.offeredAt(scan.id, site.site).size;
      if (room > 0) rooms.push({ site, room });
    }
    // In turn, so that machines that share a sweep get equal shares of its end.
    for (let turn = 0; rooms.some(({ room }) => room > turn); turn++) {
      for (const { site } of rooms.filter(({ room }) => room > turn)) {
        const [chunk] = journal.waiting(scan.id, scan.isSpread ? '' : site.site, 1);
        if (chunk === undefined) continue;
        // Written down first: a result may arrive before the broker's answer does.
        journal.markOffered(chunk, site.site, new Date(clock.nowMs()));
        try {
          await this.#offerChunk(chunk, site);
        } catch (error) {
          journal.takeBack(chunk);
          throw error;
        }
        this.counts.offered++;
      }
    }
  }

  async #offerChunk(chunk: JournalChunk, site: ScanSite): Promise<void> {
    const { broker, scan, settings, times, clock } = this.#parts;
    const { slots, ratePps, openUntil } = site;
    const name = { scan: this.#messageName, site: site.site, chunk: chunk.number };
    const until = openUntil?.(clock.nowMs()) ?? Number.POSITIVE_INFINITY;
    await broker.offer(
      name,
      encodeChunk({
        ...name,
        ranges: chunk.ranges,
        settings,
        ratePps: ratePps / slots,
        notAfterMs: Math.min(scan.deadline.getTime(), until),
        leaseMs: times.leaseMs,
      }),
    );
  }

  /** What is out for long may be lost. In a spread sweep another site takes it over if its own is silent. */
  async #offerAgain(): Promise<void> {
    const { journal, scan, sites, times, clock } = this.#parts;
    const nowMs = clock.nowMs();
    for (const chunk of journal.outSince(scan.id, new Date(nowMs - times.reofferMs))) {
      const site = sites.find((each) => each.site === chunk.place);
      this.counts.reoffered++;
      if (site === undefined || (scan.isSpread && !this.agents.isHeard(chunk.place, nowMs))) {
        journal.takeBack(chunk);
        continue;
      }
      journal.markOfferedAgain(chunk, new Date(nowMs));
      await this.#offerChunk(chunk, site);
    }
  }

  /** Whether chunks may be offered to the site. Takes everything back when its quiet hours begin. */
  async #isOpen({ site, openUntil }: ScanSite): Promise<boolean> {
    const { journal, scan, sites, clock, times } = this.#parts;
    const nowMs = clock.nowMs();
    const isOpen = openUntil === undefined || openUntil(nowMs) > nowMs;
    if (isOpen) this.#closed.delete(site);
    else if (!this.#closed.has(site)) {
      await this.#cancel(sites);
      // The other sites get theirs again at once.
      journal.takeAllBack(scan.id);
      this.#closed.add(site);
    }
    if (!isOpen) return false;
    // A machine that is not there gets no share of a sweep that others can do; at first no agent has been heard of.
    const isEarly = nowMs - this.#startedAtMs < times.silentMs;
    return !scan.isSpread || isEarly || this.agents.isHeard(site, nowMs);
  }

  /** Calls the scan off at all sites. What agents still send under its old name is not read any more. */
  async #cancel(sites: readonly ScanSite[]): Promise<void> {
    const { journal, broker, scan } = this.#parts;
    const name = this.#messageName;
    this.#keepArrived();
    this.#messageName = journal.renameMessages(scan.id);
    this.#reading.abort();
    await broker.cancel(
      name,
      sites.map(({ site }) => site),
    );
    await broker.forget(name);
  }

  async #read(ended: AbortSignal): Promise<void> {
    const { broker, clock } = this.#parts;
    while (!ended.aborted) {
      try {
        this.#reading = new AbortController();
        const either = AbortSignal.any([ended, this.#reading.signal]);
        for await (const result of broker.results(this.#messageName, either)) {
          this.#arrived.push(result);
          this.#tick.abort();
          while (this.#arrived.length >= MOST_RESULTS_WAITING && !ended.aborted) {
            await clock.wait(TICK_MS, ended);
          }
        }
      } catch (error) {
        this.#remark(`results cannot be read: ${messageOf(error)}`);
      }
      if (!ended.aborted && !this.#reading.signal.aborted) await clock.wait(RETRY_MS, ended);
    }
  }

  #keepArrived(): void {
    while (this.#arrived.length > 0) {
      takeIn(this.#intake, this.#arrived.splice(0, RESULTS_AT_ONCE));
    }
  }

  #refused(site: string, agent: string, why: string): void {
    this.refusals.set(site, `${site}/${agent}: ${why}`);
    this.#remark(`a message of ${site}/${agent} is refused: ${why}`);
  }

  /** @returns whether it worked; if not, the broker is away and it is tried again */
  async #tried(act: () => Promise<void>): Promise<boolean> {
    try {
      await act();
      return true;
    } catch (error) {
      this.#remark(`the hub does not take messages: ${messageOf(error)}`);
      return false;
    }
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

  /** The same sentence once, however often it is true. */
  #remark(sentence: string): void {
    if (sentence === this.#lastRemark) return;
    this.#lastRemark = sentence;
    this.#parts.onRemark?.(sentence);
  }
}
