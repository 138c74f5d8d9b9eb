/** The messages between the coordinator and its workers: the types that both sides share. */

import type { MessagePort } from 'node:worker_threads';
import type { ProberSetup } from '../src/probe/active-block.ts';
import type { BlockSetup } from '../src/probe/block-setup.ts';
import type { BlockResults } from '../src/results/block-results.ts';
import type { SocketOptions } from '../src/transport/contract.ts';
import type { SocketKind, ThreadSockets } from '../src/transport/handles.ts';

/** The same for every worker of a pool, given when it starts. */
export interface WorkerSetup {
  readonly kind: SocketKind;
  /** By slot: the sockets of the worker that claims it, opened by the coordinator and never closed by a worker. */
  readonly sockets: readonly ThreadSockets[];
  /** By slot: id of the thread that claimed it, 0 if it is free (shared memory). */
  readonly claims: Int32Array;
  /**
   * By slot: id of the last thread there that has loaded all its code (shared memory). Ending a thread that still loads
   * modules or native code aborts the whole process.
   */
  readonly loaded: Int32Array;
  /** Memory of the SharedState. */
  readonly shared: SharedArrayBuffer;
  readonly options: SocketOptions;
  readonly prober: Omit<ProberSetup, 'worker'>;
}

/** One task: a block to probe. */
export interface ProbeTask extends BlockSetup {
  /**
   * Final hosts (`FinalHosts`) leave through this port before their block ends, one message at a time: the next follows
   * when the other side has sent any message back. undefined if they are wanted with their block only.
   */
  readonly finals?: MessagePort;
  /** Memory of results that are no longer read, for the next. */
  readonly spare?: readonly ArrayBuffer[];
}

/** Failures come back as data, because an error loses its code when it is thrown across threads. */
export type ProbeAnswer =
  /** `results` is undefined if the sweep was stopped before the block began. */
  | { readonly ok: true; readonly results: BlockResults | undefined }
  | { readonly ok: false; readonly message: string };
