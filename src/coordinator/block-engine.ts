/** The seam between cutting a sweep into blocks and probing them: what each engine does for the coordinator. */

import type { Link } from '../host-network/local-link.ts';
import type { Engine } from '../options.ts';
import type { BlockSetup } from '../probe/host-block.ts';
import type { SharedState } from '../probe/shared-state.ts';
import type { BlockResults } from '../results/block-results.ts';

/** A block as the plan cuts it; the engine numbers it. */
export type PlannedBlock = Omit<BlockSetup, 'number'>;

export interface BlockEngine {
  /** How many blocks it can have under way at once, and one more that is asked aside. */
  readonly window: number;
  /**
   * Probes a block.
   * @returns undefined where the sweep was stopped before the block began
   * @throws EchosweepError `WORKER_FAILED` or `SOCKET_FAILED` where the block cannot be probed at all
   */
  probe(block: PlannedBlock): Promise<BlockResults | undefined>;
  /** Ends every thread, process and socket of the engine. */
  close(): Promise<void>;
}

/** An engine whose sockets are open and that has not started a thread yet, so that privileges can be dropped between. */
export interface OpenEngine {
  readonly engine: Engine;
  /** Why this one, for people. */
  readonly reason: string;
  readonly clock: 'kernel' | 'process' | 'ping';
  /** Threads that probe. */
  readonly workers: number;
  /** Whether its workers can look for neighbours by ARP and NDP themselves. */
  readonly canSearch: boolean;
  /** On which they do. */
  readonly links: readonly Link[];
  start(memory: SharedArrayBuffer, shared: SharedState): Promise<BlockEngine>;
  /** Closes what `start` does not take over; call it last. */
  close(): void;
}
