/** A broker without a network, and sites whose hosts are known: what happens to a chunk is up to the test. */

import type { Family } from '../../../src/address.ts';
import { EchosweepError } from '../../../src/errors.ts';
import { PACKAGE_VERSION } from '../../../src/package-version.ts';
import {
  type BlockResults,
  emptyResults,
  NOT_COVERED,
} from '../../../src/results/block-results.ts';
import { type BlockTargets, writeAddress } from '../../../src/results/block-targets.ts';
import { reasonNumber, statusNumber } from '../../../src/results/outcome.ts';
import type { DeliveredResult, DeliveredStatus, HubBroker } from '../../../src/sites/broker.ts';
import { encodeStatus } from '../../../src/sites/contract/agent-status.ts';
import { decodeChunk, type ReceivedChunk } from '../../../src/sites/contract/chunk.ts';
import { type ChunkFindings, encodeAnswer } from '../../../src/sites/contract/chunk-result.ts';
import type { ChunkRun } from '../../../src/sites/contract/chunk-run.ts';

/** When agents have swept: at the time at which the sweeps of tests begin. */
export const STARTED_AT = new Date('2026-03-04T05:00:00Z');
const RUN: ChunkRun = {
  version: PACKAGE_VERSION,
  engine: 'raw',
  clock: 'kernel',
  workers: 1,
  startedAt: STARTED_AT,
  endedAt: STARTED_AT,
  packets: {
    ...{ sent: 0, received: 0, duplicates: 0, errors: 0, rejected: 0, late: 0, dropped: 0 },
    ...{ doubtful: 0, neighbourRequests: 0, sendWaits: 0, sendWaitMs: 0, unsureSends: 0 },
    clockSteps: 0,
  },
  worstDelayMs: 1,
  canary: null,
  tcp: null,
  failure: null,
  doubts: [],
  notes: [],
};

/** Whether the host of this address is up at this site: different hosts at each, though their addresses are the same. */
export function isUpAt(site: string, address: bigint): boolean {
  return (address + BigInt(site.charCodeAt(0))) % 3n === 0n;
}

/** What an honest agent of the site finds. */
export function honestFindings(
  site: string,
  targets: BlockTargets,
  run: Partial<ChunkRun> = {},
): ChunkFindings {
  const results = emptyResults(targets, 1);
  for (let host = 0; host < targets.count; host++) {
    const isUp = isUpAt(site, addressOf(targets, host));
    results.status[host] = statusNumber(isUp ? 'up' : 'down');
    results.reason[host] = reasonNumber(isUp ? 'echo-reply' : 'no-response');
    results.sent[host] = 1;
    results.received[host] = Number(isUp);
    results.marks[host] = (isUp ? '!' : '.').charCodeAt(0);
    if (isUp) results.rttNs[host] = 1e6;
    results.startedAtMs[host] = STARTED_AT.getTime();
  }
  return { results, hostnames: new Map(), run: { ...RUN, ...run }, denied: 0 };
}

/** The results without their last hosts. */
export function withoutLast(findings: ChunkFindings, hosts: number, denied = 0): ChunkFindings {
  const { results } = findings;
  const status = Uint8Array.from(results.status).fill(NOT_COVERED, results.status.length - hosts);
  return { ...findings, results: { ...results, status } satisfies BlockResults, denied };
}

function addressOf({ family, ...rest }: BlockTargets, host: number): bigint {
  const octets = new DataView(new ArrayBuffer(16));
  writeAddress({ family, ...rest }, host, octets, 0);
  const words: Record<Family, number[]> = { 4: [0], 6: [0, 4, 8, 12] };
  return words[family].reduce((sum, at) => (sum << 32n) | BigInt(octets.getUint32(at)), 0n);
}

/** A chunk that an agent holds. */
export interface TakenChunk {
  readonly site: string;
  readonly agent: string;
  readonly chunk: ReceivedChunk;
  readonly attempt: number;
}

interface Waiting {
  readonly result: Omit<DeliveredResult, 'accept' | 'refuse'>;
  isDelivered: boolean;
}

export class ScriptedHub implements HubBroker {
  readonly serverVersion = '2.10.27';
  /** Offered and not finished, by subject. */
  readonly work = new Map<
    string,
    { readonly site: string; readonly octets: Uint8Array; attempt: number }
  >();
  readonly cancelled: string[] = [];
  readonly paused: string[] = [];
  readonly forgotten: string[] = [];
  readonly refused: string[] = [];
  offers = 0;
  /** Whether it cannot be reached. */
  isAway = false;
  /** Whether it does not know the key of the hub any more. */
  isRefused = false;
  /** Whether acknowledgements are lost on the way. */
  losesAcknowledgements = false;
  #results: Waiting[] = [];
  #wake = (): void => {};
  readonly #onStatus = new Set<(status: DeliveredStatus) => void>();
  readonly #onForgotten = new Set<() => void>();

  async serve(): Promise<void> {
    this.#refuseAway();
  }

  async offer(
    { site, scan, chunk }: { site: string; scan: string; chunk: number },
    octets: Uint8Array,
  ): Promise<void> {
    this.#refuseAway();
    this.offers++;
    const subject = `${site} ${scan} ${chunk}`;
    if (!this.work.has(subject)) this.work.set(subject, { site, octets, attempt: 0 });
  }

  async *results(scan: string, signal: AbortSignal): AsyncGenerator<DeliveredResult> {
    // What an earlier reader had received and not accepted comes at once.
    for (const waiting of this.#results) waiting.isDelivered = false;
    signal.addEventListener('abort', () => this.#wake());
    while (!signal.aborted) {
      if (this.isRefused) this.#refuseAway();
      const next = this.#results.find(
        ({ result, isDelivered }) => !isDelivered && result.scan === scan,
      );
      if (next === undefined) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        continue;
      }
      next.isDelivered = true;
      const settle = (): void => {
        if (!this.losesAcknowledgements)
          this.#results = this.#results.filter((each) => each !== next);
      };
      const refuse = (why: string): void => {
        this.refused.push(why);
        settle();
      };
      yield { ...next.result, accept: settle, refuse };
    }
  }

  async pause(scan: string, site: string): Promise<void> {
    this.#refuseAway();
    this.paused.push(`${site} ${scan}`);
    for (const [subject, each] of this.work) if (each.site === site) this.work.delete(subject);
  }

  async cancel(scan: string, sites: readonly string[]): Promise<void> {
    this.#refuseAway();
    this.cancelled.push(...sites.map((site) => `${site} ${scan}`));
    for (const [subject, { site }] of this.work)
      if (sites.includes(site)) this.work.delete(subject);
  }

  async forget(scan: string): Promise<void> {
    this.forgotten.push(scan);
  }

  onStatus(listener: (status: DeliveredStatus) => void): () => void {
    this.#onStatus.add(listener);
    return () => void this.#onStatus.delete(listener);
  }

  onForgotten(listener: () => void): () => void {
    this.#onForgotten.add(listener);
    return () => void this.#onForgotten.delete(listener);
  }

  onConnection(): () => void {
    return () => {};
  }

  async close(): Promise<void> {}

  /** An agent takes the oldest chunk of its site that `isWanted`. It stays offered until it is done. */
  take(
    site: string,
    agent: string,
    isWanted = (_attempt: number): boolean => true,
  ): TakenChunk | undefined {
    const found = [...this.work.values()].find(
      (each) => each.site === site && isWanted(each.attempt),
    );
    if (found === undefined) return undefined;
    found.attempt++;
    return { site, agent, chunk: decodeChunk(found.octets), attempt: found.attempt };
  }

  /** The agent's result reaches the broker. @param octets undefined for what an honest agent finds */
  send(taken: TakenChunk, octets?: Uint8Array, sender: { site?: string } = {}): void {
    const { site, agent, chunk, attempt } = taken;
    const findings = honestFindings(site, chunk.targets);
    const result = {
      ...{ site, agent, scan: chunk.scan, chunk: chunk.chunk, ...sender },
      octets: octets ?? encodeAnswer(chunk, attempt, { findings, refusal: null }),
    };
    this.#results.push({ result, isDelivered: false });
    this.#wake();
  }

  /** The agent's chunk is done. */
  finish({ site, chunk }: TakenChunk): void {
    this.work.delete(`${site} ${chunk.scan} ${chunk.chunk}`);
  }

  /** It is killed and started again: all that it had is lost. */
  loseMemory(): void {
    this.work.clear();
    this.#results = [];
    for (const listener of this.#onForgotten) listener();
  }

  /** The same, and nobody notices. */
  loseMemorySilently(): void {
    this.work.clear();
    this.#results = [];
  }

  /** An agent says that it is there. */
  hear(
    site: string,
    agent: string,
    chunks: Parameters<typeof encodeStatus>[0]['chunks'] = [],
    problem: string | null = null,
  ): void {
    const octets = encodeStatus({
      version: PACKAGE_VERSION,
      ...{ oldestContract: 1, newestContract: 1, nowMs: 1, startedAtMs: 1, slots: 2, unsent: 0 },
      ...{ problem, memoryOctets: 1, chunks },
    });
    for (const listener of this.#onStatus) listener({ site, agent, octets });
  }

  hearRubbish(site: string, agent: string): void {
    for (const listener of this.#onStatus) listener({ site, agent, octets: Uint8Array.of(1) });
  }

  /** It forgets the key of the hub. */
  refuseKey(): void {
    this.isRefused = true;
    this.#wake();
  }

  #refuseAway(): void {
    if (this.isRefused) {
      throw new EchosweepError('BROKER_REFUSED', 'it refuses the key of the hub', 'check it');
    }
    if (this.isAway) throw new Error('connection refused');
  }
}
