/** Delivers queued messages while scans go on: a slow receiver holds up neither them nor other receivers. */

import { MS_A_MINUTE } from '../durations.ts';
import { EchosweepError } from '../errors.ts';
import type { ConfigFile } from '../inventory/config/config-file.ts';
import { type DeliveryConfig, deliverWaiting } from '../inventory/notify/couriers.ts';
import { nextDue } from '../inventory/notify/outbox.ts';
import type { SecretSources } from '../inventory/notify/secret.ts';
import type { Store } from '../inventory/store.ts';

/** `start` is called more often than this. */
const SOON_MS = MS_A_MINUTE;

/** One delivery at a time to each receiver; what it does not deliver waits on disk. */
export class MessageDelivery {
  private readonly env: SecretSources['env'];
  private readonly onProblem: (message: string) => void;
  /** By receiver. */
  private readonly running = new Map<string, Promise<void>>();
  /** By receiver: when something is due again. */
  private readonly timers = new Map<string, NodeJS.Timeout>();
  private stopper = new AbortController();

  /** @param onProblem called with a line for each failure */
  constructor(env: SecretSources['env'], onProblem: (message: string) => void) {
    this.env = env;
    this.onProblem = onProblem;
  }

  /**
   * Delivers what is due to each receiver, unless a delivery to it is under way already, and again what becomes due soon;
   * the rest is due at a later call.
   */
  start(store: Store, { config, resolve }: ConfigFile): void {
    for (const receiver of config.receivers) {
      this.deliver(store, { ...config, receivers: [receiver] }, receiver.name, resolve);
    }
  }

  private deliver(
    store: Store,
    alone: DeliveryConfig,
    name: string,
    resolve: ConfigFile['resolve'],
  ): void {
    if (this.running.has(name)) return;
    clearTimeout(this.timers.get(name));
    const secrets = { env: this.env, resolve };
    const { signal } = this.stopper;
    const delivery = deliverWaiting(store, alone, secrets, signal)
      .then((problems) => {
        problems.forEach(this.onProblem);
        if (signal.aborted) return;
        const now = new Date();
        const next = nextDue(store, name, now);
        if (next === undefined || next.getTime() - now.getTime() > SOON_MS) return;
        const again = (): void => this.deliver(store, alone, name, resolve);
        this.timers.set(name, setTimeout(again, next.getTime() - now.getTime()));
      })
      .catch((error: unknown) => {
        if (!(error instanceof EchosweepError)) throw error;
        this.onProblem(error.message);
      })
      .finally(() => this.running.delete(name));
    this.running.set(name, delivery);
  }

  /** Ends the deliveries under way; the store may be closed afterwards. */
  async end(): Promise<void> {
    this.stopper.abort();
    for (const timer of this.timers.values()) clearTimeout(timer);
    await Promise.all(this.running.values());
    this.stopper = new AbortController();
  }
}
