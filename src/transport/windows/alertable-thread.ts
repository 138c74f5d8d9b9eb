/** The thread in which requests complete. Their routines run only while it waits, so it notes how long they may have been due. */

import type { EchoApi } from '../../native/windows/echo-api.ts';

/** A routine that runs this soon after the one before it, or after the wait began, was waiting already. */
const AT_ONCE_NS = 100_000;
const ALERTABLE = 1;

export class AlertableThread {
  /** Set while a routine runs: now, and the earliest time at which its request can have completed. */
  completedByNs = 0;
  completedSinceNs = 0;

  private readonly api: Pick<EchoApi, 'sleepEx'>;
  private readonly clock: () => number;
  /** When the wait before this one ended. */
  private awakeSinceNs: number;
  /** Since when the wait has had nothing to run. */
  private idleSinceNs = 0;

  /** @param clock monotonic nanoseconds */
  constructor(api: Pick<EchoApi, 'sleepEx'>, clock: () => number) {
    this.api = api;
    this.clock = clock;
    this.awakeSinceNs = clock();
  }

  nowNs(): number {
    return this.clock();
  }

  /** Runs the routines that are due; if there are none, waits until there are some or the time is over. */
  wait(ms: number): void {
    this.idleSinceNs = this.clock();
    this.api.sleepEx(ms, ALERTABLE);
    this.awakeSinceNs = this.clock();
  }

  /** To be called first by every routine: sets the times of its request. */
  noteCompletion(): void {
    const nowNs = this.clock();
    const wasWaiting = nowNs - this.idleSinceNs < AT_ONCE_NS;
    this.completedByNs = nowNs;
    this.completedSinceNs = wasWaiting ? this.awakeSinceNs : nowNs;
  }

  /** To be called last by every routine. */
  endCompletion(): void {
    this.idleSinceNs = this.clock();
  }
}
