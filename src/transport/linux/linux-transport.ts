/** All sockets of one thread on Linux, with the kernel's clock and ppoll(2). */

import type { Family } from '../../address.ts';
import type { LinkTables, NeighbourVisitor } from '../../host-network/host-network.ts';
import { POLLIN } from '../../native/linux/constants.ts';
import { ppoll, ppollAside } from '../../native/linux/libc.ts';
import { allocate, type NativeMemory } from '../../native/native-memory.ts';
import type { Transport } from '../contract.ts';
import type { ThreadSockets } from '../handles.ts';
import { pollSet } from '../poll-set.ts';
import { LinuxClock } from './clock.ts';
import { LinuxIcmpSocket } from './linux-icmp-socket.ts';
import { LinuxLinkSocket } from './linux-link-socket.ts';
import { LinuxNeighbourSocket } from './linux-neighbour-socket.ts';

/** The descriptors belong to the thread that opened them: `close` frees memory only. */
export class LinuxTransport implements Transport {
  readonly sockets: readonly (LinuxIcmpSocket | LinuxLinkSocket)[];
  readonly neighbourSockets: readonly LinuxNeighbourSocket[];
  private readonly tables: LinkTables;
  private readonly clock = new LinuxClock();
  private readonly pollfds: NativeMemory;
  private readonly watched: number;
  private readonly timeout: NativeMemory = allocate(16);

  constructor({ probing, searching }: ThreadSockets, tables: LinkTables, payloadOctets: number) {
    this.tables = tables;
    this.neighbourSockets = searching.map((handle) => new LinuxNeighbourSocket(handle, this.clock));
    this.sockets = probing.map((handle) =>
      handle.kind === 'link'
        ? new LinuxLinkSocket(handle, payloadOctets, this.clock)
        : new LinuxIcmpSocket(handle, payloadOctets, this.clock),
    );
    const rings = probing.flatMap((handle) => (handle.kind === 'link' ? [] : (handle.ring ?? [])));
    const descriptors = [
      ...[...probing, ...searching, ...rings].map(({ fd }) => fd),
      ...rings.map(({ remainderFd }) => remainderFd),
    ];
    this.watched = descriptors.length;
    this.pollfds = pollSet(descriptors, POLLIN);
  }

  nowNs(): number {
    return this.clock.nowNs();
  }

  wallClockOffsetNs(): number {
    return this.clock.wallClockOffsetNs();
  }

  wait(maxMs: number): void {
    this.limitWait(maxMs);
    ppoll(this.pollfds.address, this.watched, this.timeout.address, null);
  }

  waitAside(maxMs: number): Promise<unknown> {
    this.limitWait(maxMs);
    return ppollAside(this.pollfds.address, this.watched, this.timeout.address, null);
  }

  visitNeighbours(family: Family, visit: NeighbourVisitor): void {
    this.tables.visitNeighbours(family, visit);
  }

  private limitWait(maxMs: number): void {
    const seconds = Math.floor(maxMs / 1e3);
    this.timeout.view.setUint32(0, seconds, true);
    this.timeout.view.setUint32(8, Math.floor((maxMs - seconds * 1e3) * 1e6), true);
  }

  close(): void {
    for (const socket of [...this.sockets, ...this.neighbourSockets]) socket.free();
    for (const memory of [this.pollfds, this.timeout, this.clock]) memory.free();
  }
}
