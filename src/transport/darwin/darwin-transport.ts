/** All sockets of one thread on macOS, with mach's clock and poll(2). */

import type { Family } from '../../address.ts';
import type { LinkTables, NeighbourVisitor } from '../../host-network/host-network.ts';
import { POLLIN } from '../../native/darwin/constants.ts';
import { poll, pollAside, usleep, usleepAside } from '../../native/darwin/libc.ts';
import type { NativeMemory } from '../../native/native-memory.ts';
import type { Transport } from '../contract.ts';
import type { IcmpHandle } from '../handles.ts';
import { pollSet } from '../poll-set.ts';
import { DarwinClock } from './darwin-clock.ts';
import { DarwinIcmpSocket } from './darwin-icmp-socket.ts';

/** The descriptors belong to the thread that opened them: `close` frees memory only. */
export class DarwinTransport implements Transport {
  readonly sockets: readonly DarwinIcmpSocket[];
  private readonly clock = new DarwinClock();
  private readonly tables: LinkTables;
  private readonly pollfds: NativeMemory;

  constructor(handles: readonly IcmpHandle[], tables: LinkTables, payloadOctets: number) {
    this.tables = tables;
    this.sockets = handles.map((handle) => new DarwinIcmpSocket(handle, payloadOctets, this.clock));
    const descriptors = handles.map(({ fd }) => fd);
    this.pollfds = pollSet(descriptors, POLLIN);
  }

  nowNs(): number {
    return this.clock.nowNs();
  }

  wallClockOffsetNs(): number {
    return this.clock.wallClockOffsetNs();
  }

  /** poll(2) counts milliseconds, and macOS has no ppoll. In less, nothing is missed: the kernel stamps what arrives. */
  wait(maxMs: number): void {
    if (maxMs < 1) usleep(Math.floor(maxMs * 1000));
    else poll(this.pollfds.address, this.sockets.length, Math.floor(maxMs));
  }

  waitAside(maxMs: number): Promise<unknown> {
    if (maxMs < 1) return usleepAside(Math.floor(maxMs * 1000));
    return pollAside(this.pollfds.address, this.sockets.length, Math.floor(maxMs));
  }

  visitNeighbours(family: Family, visit: NeighbourVisitor): void {
    this.tables.visitNeighbours(family, visit);
  }

  close(): void {
    for (const socket of this.sockets) socket.free();
    this.pollfds.free();
  }
}
