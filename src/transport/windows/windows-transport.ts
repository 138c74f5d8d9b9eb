/** All sockets of one thread on Windows: requests complete on this thread, while it waits. */

import type { Family } from '../../address.ts';
import type { LinkTables, NeighbourVisitor } from '../../host-network/host-network.ts';
import type { EchoApi } from '../../native/windows/echo-api.ts';
import type { SocketOptions, Transport } from '../contract.ts';
import type { IcmpHandle } from '../handles.ts';
import { monotonicNs } from '../monotonic-clock.ts';
import { AlertableThread } from './alertable-thread.ts';
import { EchoSocket } from './echo-socket.ts';
import { sourceFor } from './echo-source.ts';

/** The handles and their memory belong to the thread that opened them. */
export class WindowsTransport implements Transport {
  readonly sockets: readonly EchoSocket[];
  private readonly thread: AlertableThread;
  private readonly tables: Pick<LinkTables, 'visitNeighbours'>;

  /** @param clock replaces the performance counter in tests */
  constructor(
    api: EchoApi,
    handles: readonly IcmpHandle[],
    tables: Pick<LinkTables, 'visitNeighbours'>,
    options: SocketOptions,
    clock: () => number = performanceCounter(),
  ) {
    this.tables = tables;
    this.thread = new AlertableThread(api, clock);
    this.sockets = handles.map(
      (handle) =>
        new EchoSocket(api, this.thread, handle, options, sourceFor(handle.family, options)),
    );
  }

  nowNs(): number {
    return this.thread.nowNs();
  }

  wallClockOffsetNs(): number {
    return Date.now() * 1e6 - this.thread.nowNs();
  }

  /** The system counts in milliseconds, and its timer is often much coarser: for less than one, it only looks. */
  wait(maxMs: number): void {
    this.thread.wait(Math.floor(maxMs));
  }

  visitNeighbours(family: Family, visit: NeighbourVisitor): void {
    this.tables.visitNeighbours(family, visit);
  }

  /** Waits for what is under way: its routines must not be called once they are gone. */
  close(): void {
    while (this.sockets.some((socket) => socket.isUnderWay)) {
      this.thread.wait(LONGEST_PAUSE_MS);
      for (const socket of this.sockets) while (socket.receive() > 0);
    }
    for (const socket of this.sockets) socket.free();
  }
}

const LONGEST_PAUSE_MS = 50;

/** `performance.now` reads the same counter as `monotonicNs`, and makes no BigInt of it; its beginning differs by thread. */
function performanceCounter(): () => number {
  const originNs = monotonicNs() - performance.now() * 1e6;
  return () => originNs + performance.now() * 1e6;
}
