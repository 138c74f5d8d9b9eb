/** One connection to the broker for all scans of a service: each scan listens by itself, and stops listening when it ends. */

import type { ConnectionState, DeliveredStatus, HubBroker } from './broker.ts';
import type { OpenHub } from './open-hub.ts';

export class SharedHub {
  readonly #hub: OpenHub;
  readonly #scans = new Set<ScanBroker>();

  constructor(hub: OpenHub) {
    this.#hub = hub;
    hub.broker.onStatus((status) => {
      for (const scan of this.#scans) scan.hear(status);
    });
    hub.broker.onForgotten(() => {
      for (const scan of this.#scans) scan.forgotten();
    });
    hub.broker.onConnection((state) => {
      for (const scan of this.#scans) scan.connection(state);
    });
  }

  /** The hub for one scan; closing its broker ends its listening and nothing else. */
  forScan(): Omit<OpenHub, 'close'> {
    const { broker, journal, times } = this.#hub;
    const scan = new ScanBroker(broker, () => void this.#scans.delete(scan));
    this.#scans.add(scan);
    return { broker: scan, journal, times };
  }

  close(): Promise<void> {
    return this.#hub.close();
  }
}

class ScanBroker implements HubBroker {
  readonly #broker: HubBroker;
  readonly #onClose: () => void;
  readonly #onStatus: ((status: DeliveredStatus) => void)[] = [];
  readonly #onForgotten: (() => void)[] = [];
  readonly #onConnection: ((state: ConnectionState) => void)[] = [];

  constructor(broker: HubBroker, onClose: () => void) {
    this.#broker = broker;
    this.#onClose = onClose;
  }

  get serverVersion(): string {
    return this.#broker.serverVersion;
  }

  serve(...given: Parameters<HubBroker['serve']>): Promise<void> {
    return this.#broker.serve(...given);
  }

  offer(...given: Parameters<HubBroker['offer']>): Promise<void> {
    return this.#broker.offer(...given);
  }

  results(...given: Parameters<HubBroker['results']>): ReturnType<HubBroker['results']> {
    return this.#broker.results(...given);
  }

  withdraw(...given: Parameters<HubBroker['withdraw']>): Promise<void> {
    return this.#broker.withdraw(...given);
  }

  cancel(...given: Parameters<HubBroker['cancel']>): Promise<void> {
    return this.#broker.cancel(...given);
  }

  forget(...given: Parameters<HubBroker['forget']>): Promise<void> {
    return this.#broker.forget(...given);
  }

  onStatus(listener: (status: DeliveredStatus) => void): void {
    this.#onStatus.push(listener);
  }

  onForgotten(listener: () => void): void {
    this.#onForgotten.push(listener);
  }

  onConnection(listener: (state: ConnectionState) => void): void {
    this.#onConnection.push(listener);
  }

  hear(status: DeliveredStatus): void {
    for (const listener of this.#onStatus) listener(status);
  }

  forgotten(): void {
    for (const listener of this.#onForgotten) listener();
  }

  connection(state: ConnectionState): void {
    for (const listener of this.#onConnection) listener(state);
  }

  async close(): Promise<void> {
    this.#onClose();
  }
}
