/** `echosweep inventory run`: scans on schedule in the foreground, until a signal stops it. */

import { text } from '../../option-spec.ts';
import { InventoryService } from '../../service/inventory-service.ts';
import type { ServiceEvent } from '../../service/service-events.ts';
import { readListenAddress } from '../../web/listen-address.ts';
import { sharedOptions } from '../command-options.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { type ServiceNotice, serviceNotice } from '../service-notice.ts';
import { SweepSignals } from '../signals.ts';
import { type LineOf, subcommand } from '../subcommand.ts';
import { errorLine, printWords, type Surroundings } from '../terminal.ts';
import { CONFIG_OPTION, ownerOfFiles, readConfigOf } from './config-and-database.ts';
import { linesAbout, nextScanLine } from './service-lines.ts';
import { SiteScans } from './site-scans.ts';
import { openWeb, signInLines } from './web.ts';

export const RUN = subcommand({
  name: 'inventory run',
  usage: '',
  takes: [0, 0],
  description:
    'Scans the networks on their schedules until SIGTERM or SIGINT. SIGHUP reloads the configuration. ' +
    'A missed scan is caught up once. It notifies systemd when it is ready, and feeds its watchdog.',
  options: [
    CONFIG_OPTION,
    text(
      'listen',
      '--listen <address:port>',
      'Serve the web interface there as inventory serve does, such as on 127.0.0.1:8469.',
      {
        otherwise: 'nowhere',
      },
    ),
    ...sharedOptions('quiet'),
  ],
});

/** @throws EchosweepError CONFIG_INVALID, INVENTORY_FAILED or SOCKET_FAILED if it cannot start; later failures are printed */
export async function runCommand(
  line: LineOf<typeof RUN>,
  surroundings: Surroundings,
): Promise<ExitCode> {
  const listen = line.values.listen;
  const address = listen === undefined ? undefined : readListenAddress(listen);
  const siteScans = new SiteScans();
  const service: InventoryService = await InventoryService.open({
    readConfig: () => readConfigOf(line),
    scan: (job) => siteScans.scan(job, service.file),
    hear: (file) => siteScans.hearing(file),
    env: surroundings.env,
    owner: ownerOfFiles(),
  });
  const server = address === undefined ? undefined : await openWeb(service, address, surroundings);
  try {
    const notice = await serviceNotice(surroundings.env);
    const link = (): string[] => (server === undefined ? [] : signInLines(server));
    await runUntilSignal(service, notice, line.values.quiet, surroundings, link);
    return EXIT.ok;
  } finally {
    await server?.close();
    await siteScans.close();
  }
}

async function runUntilSignal(
  service: InventoryService,
  notice: ServiceNotice,
  isQuiet: boolean,
  surroundings: Surroundings,
  linesOfPage: () => string[],
): Promise<void> {
  const sayNext = (): void =>
    printWords(surroundings, [errorLine(nextScanLine(service.nextScanAt))]);
  const signals = new SweepSignals(surroundings.signals, {
    onStop: () => {
      notice.stopping();
      service.stop();
    },
    onStopAtOnce: () => surroundings.exit(EXIT.interrupted),
    onSnapshot: () => {
      sayNext();
      printWords(surroundings, linesOfPage());
    },
    onReload: () => service.reload(),
  });
  service.subscribe((event) => {
    printWords(surroundings, linesAbout(event, isQuiet));
    if (event.type === 'reloaded') sayNext();
    notify(notice, event, service);
  });
  try {
    printWords(surroundings, linesOfPage());
    sayNext();
    notice.status(nextScanLine(service.nextScanAt));
    notice.ready();
    await service.run();
  } finally {
    signals.release();
  }
}

/** Passes on what a service manager wants to know. */
function notify(notice: ServiceNotice, event: ServiceEvent, service: InventoryService): void {
  switch (event.type) {
    case 'scan-started':
      notice.status(`scanning ${event.network}`);
      break;
    case 'scan-ended':
    case 'scan-failed':
      notice.status(nextScanLine(service.nextScanAt));
      break;
    case 'reload-started':
      notice.reloading();
      break;
    case 'reloaded':
    case 'reload-failed':
      notice.ready();
      break;
    default:
      break;
  }
}
