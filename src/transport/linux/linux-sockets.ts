/** Linux' sockets behind the door that all systems share. */

import { close as closeCallback } from 'node:fs';
import { promisify } from 'node:util';
import { isMainThread } from 'node:worker_threads';
import { loadHostNetwork } from '../../host-network/load-host-network.ts';
import { close } from '../../native/linux/libc.ts';
import type { IcmpHandle, LinkHandle } from '../handles.ts';
import type { NativeSockets } from '../native-sockets.ts';
import { LinuxTransport } from './linux-transport.ts';
import { unmapEchoRing } from './open-echo-ring.ts';
import { openIcmpSocket } from './open-icmp-socket.ts';
import { mayOpenPacketSockets, openLinkSocket, openNeighbourSocket } from './open-packet-socket.ts';

/** Loads them with what the transport reads of the kernel's neighbour table. */
export async function loadLinuxSockets(): Promise<NativeSockets> {
  const host = await loadHostNetwork();
  const tables = await host.loadLinkTables();
  return {
    countsDrops: true,
    openIcmpSocket,
    mayOpenLinkSockets: mayOpenPacketSockets,
    openLinkSocket,
    openNeighbourSocket,
    closeSocket: (handle) => {
      for (const fd of descriptorsOf(handle)) close(fd);
    },
    // In a thread of its own a program would be warned: Node keeps a list of what each thread has opened.
    ...(isMainThread && { closeAside }),
    transportOver: (sockets, { payloadBytes }) => new LinuxTransport(sockets, tables, payloadBytes),
  };
}

/** To close a packet socket, Linux waits 10 to 20 ms for all processors. */
const closeFile = promisify(closeCallback);

async function closeAside(handles: readonly (IcmpHandle | LinkHandle)[]): Promise<void> {
  await Promise.all(handles.flatMap(descriptorsOf).map((fd) => closeFile(fd)));
}

/** All descriptors of sockets that no thread uses any more; the memory of their rings is taken back. */
function descriptorsOf(handle: IcmpHandle | LinkHandle): number[] {
  if (handle.kind === 'link' || handle.ring === undefined) return [handle.fd];
  unmapEchoRing(handle.ring);
  return [handle.fd, handle.ring.fd, handle.ring.remainderFd];
}
