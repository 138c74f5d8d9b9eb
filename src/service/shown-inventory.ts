/** An inventory that this process shows and does not scan. */

import { EchosweepError } from '../errors.ts';
import type { NetworkConfig } from '../inventory/config/config.ts';
import { type ConfigFile, openConfiguredStore } from '../inventory/config/config-file.ts';
import type { FileOwner } from '../inventory/database.ts';
import type { Store } from '../inventory/store.ts';
import type { Inventory } from './inventory.ts';
import { InventoryQuestions } from './inventory-questions.ts';
import type { ServiceEvent, ServiceListener } from './service-events.ts';

/** How often it looks whether another process has written to the inventory. */
const LOOK_MS = 2_000;

/** What it is made of. */
export interface ShownParts {
  /** Reads the configuration: once to begin with, and on every reload. */
  readonly readConfig: () => Promise<ConfigFile>;
  /** The owner of a database that is created; undefined for the user of this process. */
  readonly owner?: FileOwner | undefined;
}

/** Other processes may scan it meanwhile: readers of its database never wait for them. */
export class ShownInventory implements Inventory {
  readonly scans = undefined;
  readonly problem = undefined;
  private readonly parts: ShownParts;
  private readonly listeners = new Set<ServiceListener>();
  private presentFile: ConfigFile;
  private presentStore: Store;
  private readonly looks: NodeJS.Timeout;
  private version: number;
  private isClosed = false;

  private constructor(parts: ShownParts, file: ConfigFile, store: Store) {
    this.parts = parts;
    this.presentFile = file;
    this.presentStore = store;
    this.version = versionOf(store);
    this.looks = setInterval(() => this.look(), LOOK_MS).unref();
  }

  /** @throws EchosweepError CONFIG_INVALID, INVENTORY_FAILED */
  static async open(parts: ShownParts): Promise<ShownInventory> {
    const file = await parts.readConfig();
    return new ShownInventory(parts, file, await openConfiguredStore(file, parts.owner));
  }

  get file(): ConfigFile {
    return this.presentFile;
  }

  get store(): Store {
    return this.presentStore;
  }

  get networks(): readonly NetworkConfig[] {
    return this.file.config.networks;
  }

  get questions(): InventoryQuestions {
    return new InventoryQuestions(this.store, this.file);
  }

  subscribe(listener: ServiceListener): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  /** Reads the configuration again. An invalid one is an event, and the previous one stays. */
  async reload(): Promise<void> {
    this.emit({ type: 'reload-started' });
    try {
      const file = await this.parts.readConfig();
      const store = await openConfiguredStore(file, this.parts.owner);
      if (this.isClosed) {
        store.close();
        return;
      }
      this.store.close();
      [this.presentFile, this.presentStore] = [file, store];
      this.version = versionOf(store);
      this.emit({ type: 'reloaded' });
    } catch (error) {
      if (!(error instanceof EchosweepError)) throw error;
      this.emit({ type: 'reload-failed', error });
    }
  }

  close(): void {
    this.isClosed = true;
    clearInterval(this.looks);
    this.store.close();
    this.emit({ type: 'stopped' });
  }

  private look(): void {
    let version: number;
    try {
      version = versionOf(this.store);
    } catch (error) {
      if (!(error instanceof EchosweepError)) throw error;
      // The next question says what is wrong, unless it has passed by then.
      return;
    }
    if (version === this.version) return;
    this.version = version;
    this.emit({ type: 'updated' });
  }

  private emit(event: ServiceEvent): void {
    for (const listener of this.listeners) listener(event);
  }
}

/** Changes with every write of another connection; https://www.sqlite.org/pragma.html#pragma_data_version */
function versionOf({ database }: Store): number {
  return Number(database.prepare('PRAGMA data_version').get()!['data_version']);
}
