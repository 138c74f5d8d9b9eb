/** Runs a prober on its transport for as long as it has something to do. */

import type { BlockResults } from '../results/block-results.ts';
import type { Transport } from '../transport/contract.ts';
import type { BlockSetup } from './block-setup.ts';
import type { FinalHostOutlet } from './final-host-queue.ts';
import type { Prober } from './prober.ts';

/** The loop yields to the event loop at least this often: new blocks come in while others are being probed. */
const TURN_EVERY_NS = 4_000_000;

export class ProberLoop {
  private readonly prober: Prober;
  private readonly transport: Transport;
  private readonly wait: (maxMs: number) => unknown;
  private isRunning = false;
  private running: Promise<void> = Promise.resolve();
  /** One for each block under way: ends it if a step throws. */
  private readonly failures = new Set<(error: unknown) => void>();

  /** @param isShared whether the thread has more to do than to probe */
  constructor(prober: Prober, transport: Transport, isShared = false) {
    this.prober = prober;
    this.transport = transport;
    this.wait =
      isShared && transport.waitAside !== undefined
        ? (maxMs) => transport.waitAside!(maxMs)
        : (maxMs) => transport.wait(maxMs);
  }

  /**
   * Probes a block, alongside those that are under way.
   * @param outlet takes hosts as they become final; undefined if they are wanted with their block only
   * @returns undefined if the sweep was stopped before the block began; rejects with what a step threw
   */
  probe(block: BlockSetup, outlet?: FinalHostOutlet): Promise<BlockResults | undefined> {
    return new Promise((resolve, reject) => {
      this.failures.add(reject);
      const end = (results: BlockResults | undefined): void => {
        this.failures.delete(reject);
        resolve(results);
      };
      this.prober.addBlock(block, end, outlet);
      // Only the first block waits for the loop, which may run for hours: what waits for it stays in memory until it ends.
      // Each block is ended with the error itself.
      if (!this.isRunning) this.run().catch(() => {});
    });
  }

  /**
   * Steps the prober until it is no longer busy. Call it whenever a block was added.
   * @returns a promise for when it has ended, the same while it runs; rejects with what a step threw
   */
  run(): Promise<void> {
    // The promise itself will not do: it settles a few turns after the last look at the prober, and a block added in between
    // would wait forever.
    if (!this.isRunning) this.running = this.stepToTheEnd();
    return this.running;
  }

  private async stepToTheEnd(): Promise<void> {
    const { prober, transport } = this;
    this.isRunning = true;
    try {
      let turnedAtNs = transport.nowNs();
      while (prober.busy) {
        const pauseNs = prober.step();
        if (pauseNs > 0 && prober.busy) await this.wait(pauseNs / 1e6);
        if (transport.nowNs() - turnedAtNs > TURN_EVERY_NS) {
          // What arrives through the event loop takes more than one turn of it.
          if (pauseNs === 0 && transport.receivedUntilNs !== undefined) await transport.wait(0);
          await new Promise((resolve) => setImmediate(resolve));
          turnedAtNs = transport.nowNs();
        }
      }
    } catch (error) {
      for (const fail of this.failures) fail(error);
      this.failures.clear();
      throw error;
    } finally {
      this.isRunning = false;
    }
  }
}
