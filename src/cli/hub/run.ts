/** `echosweep hub run`: the server through which agents are reached, in the foreground until a signal stops it. */

import { messageOf } from '../../errors.ts';
import { findServerProgram, versionDoubt } from '../../sites/hub/nats-server-program.ts';
import { RunningHub } from '../../sites/hub/running-hub.ts';
import type { ServerEvent } from '../../sites/hub/server-process.ts';
import { isLoopback, readListenAddress } from '../../web/listen-address.ts';
import { sharedOptions } from '../command-options.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { serviceNotice } from '../service-notice.ts';
import { SweepSignals } from '../signals.ts';
import { type LineOf, subcommand } from '../subcommand.ts';
import { errorLine, printWords, type Surroundings } from '../terminal.ts';
import { FOLDER_OPTION, PROGRAM_OPTION } from './hub-options.ts';

export const RUN = subcommand({
  name: 'hub run',
  usage: '',
  takes: [0, 0],
  description:
    'Starts nats-server with the keys and the certificate of the hub, and again whenever it dies, until SIGTERM or SIGINT. ' +
    'It renews the certificate, and notifies systemd when it is ready.',
  options: [FOLDER_OPTION, PROGRAM_OPTION, ...sharedOptions('quiet')],
});

/** @throws EchosweepError CONFIG_INVALID, HUB_FAILED or OUTPUT_FAILED if it cannot start */
export async function runCommand(
  { values }: LineOf<typeof RUN>,
  surroundings: Surroundings,
): Promise<ExitCode> {
  const print = (words: string): void => printWords(surroundings, [errorLine(words)]);
  const notice = await serviceNotice(surroundings.env);
  const program = findServerProgram(values.natsServer, surroundings.env['PATH']);
  let hub: RunningHub | undefined;
  let end = (): void => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  // From the first moment, so that no signal leaves a server behind.
  const signals = new SweepSignals(surroundings.signals, {
    onStop: () => {
      notice.stopping();
      end();
    },
    onStopAtOnce: () => surroundings.exit(EXIT.interrupted),
    onReload: () => hub?.reload().catch((error: unknown) => print(String(error))),
  });
  try {
    hub = await RunningHub.start(values.folder, program, {
      onEvent: (event) => eventLines(event).forEach(print),
      onNotRenewed: (error) => print(messageOf(error)),
      kill: (pid, signal) => process.kill(pid, signal),
    });
    const { listen, agents } = hub.facts;
    if (!values.quiet) {
      print(
        `the hub listens on ${listen} (nats-server ${program.version}); agents with a key: ${agents}`,
      );
    }
    const doubt = versionDoubt(program.version);
    if (doubt !== undefined && !isLoopback(readListenAddress(listen))) print(doubt);
    notice.ready();
    await ended;
  } finally {
    await hub?.stop();
    signals.release();
  }
  return EXIT.ok;
}

function eventLines(event: ServerEvent): string[] {
  switch (event.kind) {
    case 'problem':
      return [`nats-server: ${event.line}`];
    case 'died':
      return [
        `nats-server has ended (${event.how}); it starts again in ${event.againInMs / 1000} s`,
      ];
    default:
      return [];
  }
}
