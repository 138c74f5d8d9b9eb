/** `echosweep inventory run`: scans on schedule in the foreground, until it is told to stop. */

import { text } from '../../option-spec.ts';
import { sharedOptions } from '../command-options.ts';
import type { ExitCode } from '../exit-codes.ts';
import { type LineOf, subcommand } from '../subcommand.ts';
import type { Surroundings } from '../terminal.ts';
import { CONFIG_OPTION, openStoreOf, readConfigOf } from './config-and-database.ts';
import { InventoryService } from './inventory-service.ts';
import { closeServer, readListenAddress, serveMetrics } from './metrics-server.ts';
import { ServiceNotice } from './service-notice.ts';

export const RUN = subcommand({
  name: 'inventory run',
  usage: '',
  takes: [0, 0],
  description:
    'Scans the networks on their schedules until SIGTERM or SIGINT. SIGHUP reads the configuration anew. ' +
    'A scan that was missed is made up once. It tells systemd when it is ready and feeds its watchdog.',
  options: [
    CONFIG_OPTION,
    text(
      'listen',
      '--listen <address:port>',
      'Serve /metrics and /healthz there, such as on 127.0.0.1:9469.',
      {
        otherwise: 'nowhere',
      },
    ),
    ...sharedOptions('quiet'),
  ],
});

/** @throws EchosweepError CONFIG_INVALID, INVENTORY_FAILED where it cannot begin; later failures are told and outlived */
export async function runCommand(
  line: LineOf<typeof RUN>,
  surroundings: Surroundings,
): Promise<ExitCode> {
  const listen = line.values.listen;
  const address = listen === undefined ? undefined : readListenAddress(listen);
  const file = await readConfigOf(line);
  const service = new InventoryService(line, surroundings, file, await openStoreOf(file));
  const server = address === undefined ? undefined : await serveMetrics(address, service);
  try {
    return await service.run(new ServiceNotice(surroundings.env, await systemdHere()));
  } finally {
    if (server !== undefined) await closeServer(server);
  }
}

/** Loaded only where there may be a systemd, since it opens libc. */
async function systemdHere() {
  if (process.platform !== 'linux' || process.env['NOTIFY_SOCKET'] === undefined) return undefined;
  return (await import('../../transport/linux/systemd-notify.ts')).notifySystemd;
}
