/** Lets processes start: one per turn of the event loop, so many at once and so many a second, for all blocks together. */

import { pause } from '../pause.ts';

export class ProcessTurns {
  private free: number;
  private readonly waiting: (() => void)[] = [];
  private readonly intervalMs: number;
  private readonly signal: AbortSignal;
  private nextMs = 0;
  /** Settles when the next process may start. */
  private turn: Promise<void> = Promise.resolve();

  /** @param atOnce most processes @param ratePps starts a second; Infinity for no limit @param signal ends every wait for the rate */
  constructor(atOnce: number, ratePps: number, signal: AbortSignal) {
    this.free = atOnce;
    this.intervalMs = 1000 / ratePps;
    this.signal = signal;
  }

  /**
   * Runs `start` when a process may be started; its place is free again when what it gave has settled.
   * @param isUrgent whether it skips the wait for the rate, and is first among those that wait for a place
   */
  async run<Value>(start: () => Promise<Value>, isUrgent = false): Promise<Value> {
    if (this.free > 0) this.free--;
    else {
      await new Promise<void>((resolve) => {
        if (isUrgent) this.waiting.unshift(resolve);
        else this.waiting.push(resolve);
      });
    }
    try {
      if (!isUrgent) {
        await this.pace();
        await this.ownTurn();
      }
      return await start();
    } finally {
      const next = this.waiting.shift();
      if (next === undefined) this.free++;
      else next();
    }
  }

  private async pace(): Promise<void> {
    const nowMs = performance.now();
    const startMs = Math.max(nowMs, this.nextMs);
    this.nextMs = startMs + this.intervalMs;
    if (startMs > nowMs) await pause(startMs - nowMs, this.signal);
  }

  /**
   * Starting a process takes milliseconds, on a slow machine tens of them. Started in a row, a hundred would hold up for
   * seconds the pings that are being read.
   */
  private ownTurn(): Promise<void> {
    const turn = this.turn;
    this.turn = turn.then(() => new Promise((resolve) => setImmediate(resolve)));
    return turn;
  }
}
