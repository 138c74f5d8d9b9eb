/** What passes between the coordinator and its workers: the one place where both sides' types stand. */

import type { ProberSetup } from '../src/probe/active-block.ts';
import type { BlockSetup } from '../src/probe/host-block.ts';
import type { BlockResults } from '../src/results/block-results.ts';
import type { SocketHandle } from '../src/transport/linux/open-icmp-socket.ts';
import type { LinkHandle } from '../src/transport/linux/open-packet-socket.ts';

/** The sockets of one worker, opened by the coordinator and never closed by a worker. */
export interface WorkerSockets {
  /** One a family, and one a link. */
  readonly probing: readonly (SocketHandle | LinkHandle)[];
  /** One a link. */
  readonly searching: readonly LinkHandle[];
}

/** Given to every worker of a pool alike, when it starts. */
export interface WorkerSetup {
  /** By slot: the sockets of the worker that claims it. */
  readonly sockets: readonly WorkerSockets[];
  /** By slot: id of the thread that claimed it, 0 where it is free (shared memory). */
  readonly claims: Int32Array;
  /** Memory of the SharedState. */
  readonly shared: SharedArrayBuffer;
  readonly payloadBytes: number;
  readonly prober: Omit<ProberSetup, 'worker'>;
}

/** One task: a block to probe. */
export type ProbeTask = BlockSetup;

/** Codes are lost when an error is thrown across threads, so that failures come back as data. */
export type ProbeAnswer =
  /** `results` is undefined where the sweep was stopped before the block began. */
  | { readonly ok: true; readonly results: BlockResults | undefined }
  | { readonly ok: false; readonly message: string };
