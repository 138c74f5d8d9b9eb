/** `echosweep inventory serve`: the web interface, in the foreground until a signal stops it. */

import { text } from '../../option-spec.ts';
import { ShownInventory } from '../../service/shown-inventory.ts';
import { dropPrivileges } from '../../transport/privileges.ts';
import { readListenAddress, USUAL_ADDRESS } from '../../web/listen-address.ts';
import type { WebServer } from '../../web/web-server.ts';
import { sharedOptions } from '../command-options.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { SweepSignals } from '../signals.ts';
import { type LineOf, subcommand } from '../subcommand.ts';
import { printWords, type Surroundings } from '../terminal.ts';
import { CONFIG_OPTION, ownerOfFiles, readConfigOf } from './config-and-database.ts';
import { linesAbout } from './service-lines.ts';
import { openWeb, signInLines } from './web.ts';

export const SERVE = subcommand({
  name: 'inventory serve',
  usage: '',
  takes: [0, 0],
  description:
    'Serves the web interface and its API until SIGTERM or SIGINT. SIGHUP reloads the configuration. ' +
    'It prints a link that signs in once, and another one on SIGUSR1.',
  options: [
    CONFIG_OPTION,
    text('listen', '--listen <address:port>', 'Serve there.', { default: USUAL_ADDRESS }),
    ...sharedOptions('quiet'),
  ],
});

/** @throws EchosweepError CONFIG_INVALID, INVENTORY_FAILED, OPTION_INVALID or SOCKET_FAILED */
export async function serveCommand(
  line: LineOf<typeof SERVE>,
  surroundings: Surroundings,
): Promise<ExitCode> {
  const address = readListenAddress(line.values.listen);
  const inventory = await ShownInventory.open({
    readConfig: () => readConfigOf(line),
    owner: ownerOfFiles(),
  });
  try {
    const server = await openWeb(inventory, address, surroundings);
    // Only the socket, the certificate and the database needed them.
    await dropPrivileges();
    try {
      inventory.subscribe((event) => {
        printWords(surroundings, linesAbout(event, line.values.quiet));
      });
      await untilSignal(surroundings, server, () => void inventory.reload());
    } finally {
      await server.close();
    }
  } finally {
    inventory.close();
  }
  return EXIT.ok;
}

async function untilSignal(
  surroundings: Surroundings,
  server: WebServer,
  onReload: () => void,
): Promise<void> {
  await new Promise<void>((resolve) => {
    const signals = new SweepSignals(surroundings.signals, {
      onStop: () => {
        signals.release();
        resolve();
      },
      onStopAtOnce: () => surroundings.exit(EXIT.interrupted),
      onSnapshot: () => printWords(surroundings, signInLines(server)),
      onReload,
    });
    // A program that reads it may send a signal at once.
    printWords(surroundings, signInLines(server));
  });
}
