/** Linux' sockets behind the door that all systems share. */

import { loadHostNetwork } from '../../host-network/load-host-network.ts';
import { close } from '../../native/linux/libc.ts';
import type { NativeSockets } from '../native-sockets.ts';
import { LinuxTransport } from './linux-transport.ts';
import { closeEchoRing } from './open-echo-ring.ts';
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
      close(handle.fd);
      if (handle.kind === 'raw' && handle.way !== undefined) close(handle.way.fd);
      if (handle.kind === 'raw' && handle.ring !== undefined) closeEchoRing(handle.ring);
    },
    transportOver: (sockets, { payloadBytes }) => new LinuxTransport(sockets, tables, payloadBytes),
  };
}
