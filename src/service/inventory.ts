/** An inventory as those who show it see it, whether this process scans its networks or another one does. */

import type { NetworkConfig } from '../inventory/config/config.ts';
import type { ConfigFile } from '../inventory/config/config-file.ts';
import type { Store } from '../inventory/store.ts';
import type { AddressRange } from '../results/block-targets.ts';
import type { ScanProgress } from '../scan.ts';
import type { InventoryQuestions } from './inventory-questions.ts';
import type { ServiceListener } from './service-events.ts';

/** A scan that is running. */
export interface RunningScan {
  readonly network: string;
  readonly startedAt: Date;
  /** Undefined until the sweep reports it for the first time. */
  readonly progress: ScanProgress | undefined;
  /** Undefined until the targets are known, and for too many of them. */
  readonly live: LiveScan | undefined;
}

/** The state of each address while a scan runs. */
export interface LiveScan {
  /** In address order. */
  readonly ranges: readonly AddressRange[];
  /** An octet an address (`cellCode`), in shared memory that changes while it is read. */
  readonly cells: Uint8Array;
}

/** The scans of a process that scans. */
export interface ScanControl {
  /** The scans under way, oldest first: one on this machine at most, and one at each site. */
  readonly runningScans: readonly RunningScan[];
  /** Networks whose scan was requested and has not begun. */
  readonly requestedScans: readonly string[];
  /** @throws EchosweepError OPTION_INVALID for an unknown network, INVENTORY_BUSY while it is being scanned */
  startScan(name: string): void;
  /** @returns whether there was anything to stop */
  stopScan(name: string): boolean;
}

/** What a reload of the configuration can change is read again with every call. */
export interface Inventory {
  /** Questions to the store, in the present configuration: take them again after a reload. */
  readonly questions: InventoryQuestions;
  readonly networks: readonly NetworkConfig[];
  /** The present configuration. */
  readonly file: ConfigFile;
  /** The present store. Write to it by `writeWhenFree`, which does not stop the process while a scan is being written. */
  readonly store: Store;
  /** What is wrong, in a line; undefined if all is well. */
  readonly problem: string | undefined;
  /** Undefined if this process does not scan. */
  readonly scans: ScanControl | undefined;
  /** Calls the listener for every event from now on. @returns what ends that */
  subscribe(listener: ServiceListener): () => void;
}
