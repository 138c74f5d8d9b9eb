/** macOS' sockets behind the door that all systems share. */

import { EchosweepError } from '../../errors.ts';
import { loadHostNetwork } from '../../host-network/load-host-network.ts';
import { close } from '../../native/darwin/libc.ts';
import type { IcmpHandle } from '../handles.ts';
import type { NativeSockets } from '../native-sockets.ts';
import { DarwinTransport } from './darwin-transport.ts';
import { openIcmpSocket } from './open-icmp-socket.ts';

/** Loads them with what the transport reads of the kernel's neighbour table. */
export async function loadDarwinSockets(): Promise<NativeSockets> {
  const host = await loadHostNetwork();
  const tables = await host.loadLinkTables();
  return {
    countsDrops: false,
    // Each socket receives every ICMP packet of the host: a further worker would only read all of them again.
    mostWorkers: 1,
    openIcmpSocket,
    mayOpenLinkSockets: () => false,
    openLinkSocket: refuseLinks,
    openNeighbourSocket: refuseLinks,
    closeSocket: ({ fd }) => {
      close(fd);
    },
    transportOver: ({ probing }, { payloadBytes }) =>
      new DarwinTransport(probing.filter(isIcmp), tables, payloadBytes),
  };
}

function isIcmp(handle: { readonly kind: string }): handle is IcmpHandle {
  return handle.kind !== 'link';
}

function refuseLinks(): never {
  throw new EchosweepError('SOCKET_FAILED', 'local networks are left to macOS', 'use --no-arp');
}
