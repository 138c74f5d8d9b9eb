/** The seam between cutting a sweep into blocks and probing them: what each engine does for the coordinator. */

import type { Family } from '../address.ts';
import type { EchosweepError } from '../errors.ts';
import type { LocalLink } from '../host-network/local-link.ts';
import type { BehindGateway } from '../host-network/routes-to-targets.ts';
import type { Engine } from '../options.ts';
import type { BlockSetup } from '../probe/block-setup.ts';
import type { SharedState } from '../probe/shared-state.ts';
import type { BlockResults } from '../results/block-results.ts';
import type { OnFinalHosts } from '../results/final-hosts.ts';
import type { SweepSettings } from '../settings.ts';
import type { Transport } from '../transport/contract.ts';

/** A block as the plan cuts it; the engine numbers it. */
export type PlannedBlock = Omit<BlockSetup, 'number'>;

/** Numbers the blocks of a sweep, whichever thread probes them. */
export class BlockNumbers {
  private next = 0;

  /** The canary's differs from all others in as little as possible: V8 compiles the prober again for other properties. */
  number(block: PlannedBlock): BlockSetup {
    return { isCanary: false, ...block, number: this.next++ };
  }
}

export interface BlockEngine {
  /** How many blocks it takes at once, not counting one more that is probed alongside them. */
  readonly window: number;
  /** Why a socket of it ended during the sweep; undefined while all of them work. */
  readonly socketFailure?: EchosweepError | undefined;
  /**
   * Probes a block.
   * @param onFinal takes hosts as they become final; they are among the results none the less
   * @returns undefined if the sweep was stopped before the block began
   * @throws EchosweepError `WORKER_FAILED` or `SOCKET_FAILED` if the block cannot be probed at all
   */
  probe(block: PlannedBlock, onFinal?: OnFinalHosts): Promise<BlockResults | undefined>;
  /** Takes the memory of results that are no longer read; absent if the engine has no use for it. */
  reuse?(results: BlockResults): void;
  /** Ends every thread, process and socket of the engine. */
  close(): Promise<void>;
}

/** An engine whose sockets are open and that has not started a thread yet: privileges can be dropped in between. */
export interface OpenedEngine {
  readonly engine: Engine;
  /** Why this one, for people. */
  readonly reason: string;
  readonly clock: 'kernel' | 'process' | 'ping';
  /** Threads that probe. */
  readonly workers: number;
  /** Whether the system may drop replies at its sockets without a count. */
  readonly hidesDrops?: boolean;
  /** Whether it can resolve neighbours by ARP and NDP itself. */
  readonly canSearch: boolean;
  /** Whether it can probe a link-local address of any zone; if not, only those of `--interface`. */
  readonly canProbeZones: boolean;
  /** Whether a started engine can probe further after a sweep was stopped and its stop flag cleared. */
  readonly canGoOn: boolean;
  /** Those of the request on which it resolves neighbours itself. */
  readonly links: readonly LocalLink[];
  /** For people: by which way each family's requests leave, and why; empty if only that through the system is wanted. */
  readonly sending?: readonly string[];
  start(memory: SharedArrayBuffer, shared: SharedState): Promise<BlockEngine>;
  /** Sends ARP or NDP requests to gateways; undefined if the engine cannot. Closed by `close` at the latest. */
  readonly gatewaySockets?: Transport | undefined;
  /** Closes them while the sweep goes on: that takes the system longer than a small sweep takes to end. */
  closeGatewaySockets?(): void;
  /** Closes what `start` does not take over; call it last. */
  close(): Promise<void>;
}

/** What the coordinator's own thread probes of a sweep. With `half`, it takes the place of one of two workers. */
export type OwnShare = 'all' | 'half' | 'none';

/** What an engine is opened for. */
export interface EngineRequest {
  readonly settings: SweepSettings;
  readonly families: readonly Family[];
  /** Of the targets; empty if none is link-local. */
  readonly zones: readonly string[];
  readonly workers: number;
  /** `none` by default. */
  readonly ownShare?: OwnShare;
  /** Where neighbours should be resolved by ARP and NDP, if the engine can. */
  readonly links: readonly LocalLink[];
  /** Where gateways on the way to the targets should be resolved, if the engine can. */
  readonly gatewayLinks?: readonly LocalLink[];
  /** By family: name of the only interface on the way to the routed targets, if it pays to listen to it. */
  readonly heardOn?: ReadonlyMap<Family, string>;
  /** By family: the only gateway on the way to all targets, if requests should go there past the system. */
  readonly behind?: ReadonlyMap<Family, BehindGateway>;
}

/** An engine that is not open yet. A new one is a file with one of these, its name in options.ts and its line in engines.ts. */
export interface EngineKind {
  /**
   * @param reason why this one, for people
   * @throws EchosweepError `NO_ENGINE` if it does not work here, `OPTION_INVALID` if it cannot do what an option needs
   */
  open(request: EngineRequest, reason: string): Promise<OpenedEngine>;
  /** By system: lines for people, any one of which may make it work there if it does not; none where it never does. */
  readonly remedies: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>>;
}
