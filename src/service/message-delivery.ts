/** Delivers queued messages while scans go on: a slow receiver holds up neither them nor other receivers. */

import { EchosweepError } from '../errors.ts';
import type { ConfigFile } from '../inventory/config/config-file.ts';
import { deliverWaiting } from '../inventory/notify/couriers.ts';
import type { SecretSources } from '../inventory/notify/secret.ts';
import type { Store } from '../inventory/store.ts';

/** One delivery at a time to each receiver; what it does not deliver waits on disk. */
export class MessageDelivery {
  private readonly env: SecretSources['env'];
  private readonly onProblem: (message: string) => void;
  /** By receiver. */
  private readonly running = new Map<string, Promise<void>>();
  private stopper = new AbortController();

  /** @param onProblem called with a line for each failure */
  constructor(env: SecretSources['env'], onProblem: (message: string) => void) {
    this.env = env;
    this.onProblem = onProblem;
  }

  /** Delivers what is due to each receiver, unless a delivery to it is under way already. */
  start(store: Store, { config, resolve }: ConfigFile): void {
    const secrets = { env: this.env, resolve };
    for (const receiver of config.receivers) {
      const { name } = receiver;
      if (this.running.has(name)) continue;
      const alone = { ...config, receivers: [receiver] };
      const delivery = deliverWaiting(store, alone, secrets, this.stopper.signal)
        .then((problems) => problems.forEach(this.onProblem))
        .catch((error: unknown) => {
          if (!(error instanceof EchosweepError)) throw error;
          this.onProblem(error.message);
        })
        .finally(() => this.running.delete(name));
      this.running.set(name, delivery);
    }
  }

  /** Ends the deliveries under way; the store may be closed afterwards. */
  async end(): Promise<void> {
    this.stopper.abort();
    await Promise.all(this.running.values());
    this.stopper = new AbortController();
  }
}
