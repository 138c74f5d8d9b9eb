/** The engine `raw-socket`: the package of that name, on the coordinator's own thread. */

import { EchosweepError } from '../errors.ts';
import { interfaceNameOfZone } from '../host-network/interfaces.ts';
import { loadHostNetwork } from '../host-network/load-host-network.ts';
import { openRawSocketTransport, RAW_SOCKET_REMEDIES } from '../transport/raw-socket.ts';
import {
  BlockNumbers,
  type EngineKind,
  type EngineRequest,
  type OpenedEngine,
} from './block-engine.ts';
import { proberSetup, socketOptions } from './engine-setup.ts';
import { LocalProber } from './local-prober.ts';

export const RAW_SOCKET: EngineKind = { open, remedies: RAW_SOCKET_REMEDIES };

async function open(
  { settings, families, zones }: EngineRequest,
  reason: string,
): Promise<OpenedEngine> {
  const foreign = zones.find((zone) => interfaceNameOfZone(zone) !== settings.interface);
  if (foreign !== undefined) {
    throw new EchosweepError(
      'OPTION_INVALID',
      `%${foreign}: the raw-socket engine probes link-local addresses only with --interface`,
      `sweep each link by itself with --interface ${foreign}, or use another engine (echosweep doctor lists them)`,
    );
  }
  // The tables take native code, which may be missing where this engine is used.
  const tables = await (await loadHostNetwork()).loadLinkTables().catch(() => undefined);
  const transport = await openRawSocketTransport(families, socketOptions(settings), tables);
  return {
    engine: 'raw-socket',
    reason,
    clock: 'process',
    workers: 1,
    canSearch: false,
    canProbeZones: false,
    canGoOn: true,
    links: [],
    start: async (_memory, shared) => {
      const prober = { ...proberSetup(settings), worker: 0 };
      return new LocalProber(transport, shared, prober, new BlockNumbers());
    },
    close: async () => transport.close(),
  };
}
