/** The results of a scan between the broker and the journal: read as they arrive, let go of only after they are written. */

import { EchosweepError } from '../errors.ts';
import { hasNoRoom } from '../inventory/database.ts';
import type { DeliveredResult } from './broker.ts';
import type { Coordination } from './coordination.ts';
import { type Intake, takeIn } from './result-intake.ts';

/** How many results one transaction takes, and how many more wait for it. */
const RESULTS_AT_ONCE = 64;
const MOST_RESULTS_WAITING = 128;
const FULL_WAIT_MS = 200;
const RETRY_MS = 1000;

/** What reading needs, and what it calls. */
export interface ReadParts extends Pick<Coordination, 'broker' | 'clock'> {
  readonly intake: Intake;
  /** Called when something has arrived. */
  readonly onArrival: () => void;
  /** Called with why nothing can be read; with BROKER_REFUSED nothing ever will be. */
  readonly onFailure: (error: unknown) => void;
}

export class ArrivedResults {
  readonly #parts: ReadParts;
  readonly #arrived: DeliveredResult[] = [];

  constructor(parts: ReadParts) {
    this.#parts = parts;
  }

  get isEmpty(): boolean {
    return this.#arrived.length === 0;
  }

  /** Reads until `ended`; never rejects. */
  async read(ended: AbortSignal): Promise<void> {
    const { broker, clock, intake, onArrival, onFailure } = this.#parts;
    while (!ended.aborted) {
      try {
        for await (const result of broker.results(intake.scan.messageName, ended)) {
          this.#arrived.push(result);
          onArrival();
          while (this.#arrived.length >= MOST_RESULTS_WAITING && !ended.aborted) {
            await clock.wait(FULL_WAIT_MS, ended);
          }
        }
      } catch (error) {
        onFailure(error);
        if (error instanceof EchosweepError && error.code === 'BROKER_REFUSED') return;
      }
      if (!ended.aborted) await clock.wait(RETRY_MS, ended);
    }
  }

  /** Writes what has arrived. What could not be written stays, for the next time. @throws EchosweepError INVENTORY_FAILED */
  keep(): void {
    while (this.#arrived.length > 0) {
      const some = this.#arrived.slice(0, RESULTS_AT_ONCE);
      takeIn(this.#parts.intake, some);
      this.#arrived.splice(0, some.length);
    }
  }

  /** @returns whether all is written; what is not stays at the broker */
  keepIfRoom(): boolean {
    try {
      this.keep();
      return true;
    } catch (error) {
      if (hasNoRoom(error)) return false;
      throw error;
    }
  }
}
