/** Linux' sockets behind the door that all systems share. */

import { loadHostNetwork } from '../../host-network/load-host-network.ts';
import { close, closeAside } from '../../native/linux/libc.ts';
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
    // To close a packet socket, Linux waits 10 to 20 ms for all processors. In a thread of a program, Node's own `close`
    // would warn of a descriptor that it has not opened.
    closeAside: async (handles) => {
      await Promise.all(handles.flatMap(descriptorsOf).map((fd) => closeAside(fd)));
    },
    transportOver: (sockets, { payloadBytes }) => new LinuxTransport(sockets, tables, payloadBytes),
  };
}

/** All descriptors of sockets that no thread uses any more; the memory of their rings is taken back. */
function descriptorsOf(handle: IcmpHandle | LinkHandle): number[] {
  if (handle.kind === 'link' || handle.ring === undefined) return [handle.fd];
  unmapEchoRing(handle.ring);
  return [handle.fd, handle.ring.fd, handle.ring.remainderFd];
}
