/** Delivers queued messages while scans go on: a slow receiver does not hold them up. */

import { EchosweepError } from '../errors.ts';
import type { ConfigFile } from '../inventory/config/config-file.ts';
import { deliverWaiting } from '../inventory/notify/couriers.ts';
import type { SecretSources } from '../inventory/notify/secret.ts';
import type { Store } from '../inventory/store.ts';

/** One delivery at a time; what it does not deliver waits on disk. */
export class MessageDelivery {
  private readonly env: SecretSources['env'];
  private readonly onProblem: (message: string) => void;
  private current: Promise<void> | undefined;
  private stopper = new AbortController();

  /** @param onProblem called with a line for each failure */
  constructor(env: SecretSources['env'], onProblem: (message: string) => void) {
    this.env = env;
    this.onProblem = onProblem;
  }

  /** Delivers what is due, unless a delivery is under way already. */
  start(store: Store, { config, resolve }: ConfigFile): void {
    const secrets = { env: this.env, resolve };
    this.current ??= deliverWaiting(store, config, secrets, this.stopper.signal)
      .then((problems) => problems.forEach(this.onProblem))
      .catch((error: unknown) => {
        if (!(error instanceof EchosweepError)) throw error;
        this.onProblem(error.message);
      })
      .finally(() => {
        this.current = undefined;
      });
  }

  /** Ends the delivery under way; the store may be closed afterwards. */
  async end(): Promise<void> {
    this.stopper.abort();
    await this.current;
    this.stopper = new AbortController();
  }
}
