/** The Piscina pool: starts the workers, hands them blocks, and has a dead worker's blocks probed again by another. */

import { extname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { MessageChannel } from 'node:worker_threads';
import { Piscina } from 'piscina';
import type { ProbeAnswer, ProbeTask, WorkerSetup } from '../../workers/messages.ts';
import { EchosweepError } from '../errors.ts';
import type { SharedState } from '../probe/shared-state.ts';
import { type BlockResults, memoryOf } from '../results/block-results.ts';
import { transferEarly } from '../results/early-transfer.ts';
import type { FinalHosts, OnFinalHosts } from '../results/final-hosts.ts';
import type { BlockEngine, BlockNumbers, PlannedBlock } from './block-engine.ts';

/** Blocks that a worker may have at once, so that it need not wait for one's last timeouts before it begins the next. */
const BLOCKS_PER_WORKER = 16;
/** A block that has cost this many workers is given up. */
const TRIES_PER_BLOCK = 3;
const START_TIMEOUT_MS = 30_000;
/**
 * A prober allocates next to nothing that lives for long, so a small young generation costs no time. By default it may
 * grow to three semi-spaces of 16 MiB a worker.
 */
const YOUNG_GENERATION_MB = 2;

const ENDING = extname(import.meta.url);
/** `.ts` where the sources run as they are, `.js` when built; the bundled command has its worker next to it. */
const WORKER_PLACE = ENDING === '.cjs' ? './probe-block.cjs' : `../../workers/probe-block${ENDING}`;
const WORKER_FILE = fileURLToPath(new URL(WORKER_PLACE, import.meta.url));

export class WorkerPool implements BlockEngine {
  readonly window: number;
  private readonly pool: Piscina<ProbeTask, ProbeAnswer>;
  private readonly setup: WorkerSetup;
  private readonly shared: SharedState;
  private lastError: unknown;
  private readonly numbers: BlockNumbers;
  /** Memory on its way to the workers, for further results. */
  private spare: ArrayBuffer[] = [];

  private constructor(
    setup: WorkerSetup,
    shared: SharedState,
    numbers: BlockNumbers,
    workerFile: string,
  ) {
    const workers = setup.sockets.length;
    this.setup = setup;
    this.shared = shared;
    this.numbers = numbers;
    this.window = workers * BLOCKS_PER_WORKER;
    this.pool = new Piscina({
      filename: workerFile,
      workerData: setup,
      minThreads: workers,
      maxThreads: workers,
      // One more, for a block that is probed alongside the sweep's.
      concurrentTasksPerWorker: BLOCKS_PER_WORKER + 1,
      idleTimeout: Number.POSITIVE_INFINITY,
      // By default a thread without a task sleeps for good, and a prober that still holds places among the neighbours
      // would never give them back.
      atomics: 'async',
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
    });
    this.pool.on('error', (error) => {
      this.lastError = error;
    });
  }

  /**
   * Starts one worker for each slot of the setup and waits until all have loaded their code: a thread that ends earlier
   * aborts the process.
   * @param workerFile another entry, for tests
   * @throws EchosweepError `WORKER_FAILED` if they do not start
   */
  static async start(
    setup: WorkerSetup,
    shared: SharedState,
    numbers: BlockNumbers,
    workerFile = WORKER_FILE,
  ): Promise<WorkerPool> {
    transferEarly();
    const pool = new WorkerPool(setup, shared, numbers, workerFile);
    if (await pool.allLoaded(setup.sockets.length)) return pool;
    await pool.close();
    throw pool.failure('the workers did not start', 'run it again with --workers 1');
  }

  /** The threads, for tests that end one. */
  get threads(): readonly { readonly threadId: number; terminate(): Promise<number> }[] {
    return this.pool.threads;
  }

  async probe(block: PlannedBlock, onFinal?: OnFinalHosts): Promise<BlockResults | undefined> {
    for (let tries = 0; tries < TRIES_PER_BLOCK; tries++) {
      this.freeSlotsOfTheDead();
      const hostCounts = this.shared.beginHostCounts();
      const task = { ...this.numbers.number(block), hostCounts };
      const answer = await this.run(task, onFinal);
      this.shared.endHostCounts(hostCounts, answer?.ok === true);
      if (answer?.ok === true) return answer.results;
      if (answer?.ok === false) throw this.failure(answer.message);
      if (this.shared.stopped) return undefined;
    }
    throw this.failure(`a block of addresses ended ${TRIES_PER_BLOCK} workers`);
  }

  reuse(results: BlockResults): void {
    this.spare.push(...memoryOf(results));
  }

  async close(): Promise<void> {
    this.freeSlotsOfTheDead();
    await this.allLoaded(this.pool.threads.length);
    await this.pool.close();
  }

  /** @returns undefined if the worker died during the task */
  private async run(
    task: ProbeTask,
    onFinal: OnFinalHosts | undefined,
  ): Promise<ProbeAnswer | undefined> {
    const channel = onFinal && new MessageChannel();
    channel?.port1.on('message', (final: FinalHosts) => {
      void onFinal!(final).then(() => channel.port1.postMessage('taken'));
    });
    try {
      const finals = channel?.port2;
      const spare = this.spare.splice(0);
      const transferList = finals === undefined ? spare : [...spare, finals];
      return await this.pool.run({ ...task, spare, ...(finals && { finals }) }, { transferList });
    } catch (error) {
      this.lastError = error;
      return undefined;
    } finally {
      channel?.port1.close();
    }
  }

  private freeSlotsOfTheDead(): void {
    const alive = new Set(this.pool.threads.map((thread) => thread.threadId));
    this.setup.claims.forEach((threadId, slot) => {
      if (threadId === 0 || alive.has(threadId)) return;
      this.shared.forgetNeighbours(slot);
      Atomics.store(this.setup.claims, slot, 0);
    });
  }

  private async allLoaded(workers: number): Promise<boolean> {
    const deadline = performance.now() + START_TIMEOUT_MS;
    while (performance.now() < deadline) {
      const loaded = new Set(this.setup.loaded);
      const { threads } = this.pool;
      if (threads.length < workers) return false;
      if (threads.every((thread) => loaded.has(thread.threadId))) return true;
      await pause(1);
      this.freeSlotsOfTheDead();
    }
    return false;
  }

  private failure(
    problem: string,
    advice = 'run the rest again with --workers 1; what was probed is reported',
  ): EchosweepError {
    return new EchosweepError('WORKER_FAILED', problem, advice, { cause: this.lastError });
  }
}
