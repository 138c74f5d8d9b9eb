/** Windows' echo requests behind the door that all systems share. */

import { loadHostNetwork } from '../../host-network/load-host-network.ts';
import { loadEchoApi } from '../../native/windows/echo-api.ts';
import type { NativeSockets } from '../native-sockets.ts';
import { EchoHandles } from './echo-handles.ts';
import { WindowsTransport } from './windows-transport.ts';

/** One for the process, because closed handles leave their memory behind for a while. */
let sockets: Promise<NativeSockets> | undefined;

/** Loads them with what the transport reads of the system's neighbour table. */
export function loadWindowsSockets(): Promise<NativeSockets> {
  sockets ??= load();
  return sockets;
}

async function load(): Promise<NativeSockets> {
  const api = loadEchoApi();
  const tables = await (await loadHostNetwork()).loadLinkTables();
  const handles = new EchoHandles(api);
  return {
    countsDrops: false,
    openIcmpSocket: (_kind, family, options) => handles.open(family, options),
    mayOpenLinkSockets: () => false,
    openLinkSocket: noLinks,
    openNeighbourSocket: noLinks,
    closeSocket: (handle) => {
      if (handle.kind !== 'link') handles.close(handle);
    },
    transportOver: ({ probing }, options) => {
      const echo = probing.filter((handle) => handle.kind !== 'link');
      return new WindowsTransport(api, echo, tables, options);
    },
  };
}

/** ARP and NDP are left to the system. */
function noLinks(): never {
  throw new Error('Windows has no sockets for links');
}
