/** `echosweep inventory tell`: delivers what waits for the webhook, the mail server or the syslog server now. */

import { deliverWaiting } from '../../inventory/notify/couriers.ts';
import { backlogs, makeDue } from '../../inventory/notify/outbox.ts';
import { sharedOptions } from '../command-options.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { SweepSignals } from '../signals.ts';
import { type LineOf, subcommand } from '../subcommand.ts';
import { errorLine, printWords, type Surroundings } from '../terminal.ts';
import { backlogLines } from './backlog-lines.ts';
import { CONFIG_OPTION, openStoreToRead, readConfigOf } from './config-and-database.ts';

export const TELL = subcommand({
  name: 'inventory tell',
  usage: '',
  takes: [0, 0],
  description:
    'Delivers what waits for the webhook, the mail server and the syslog server now, digests too. Exit code 4 if ' +
    'something still waits.',
  options: [CONFIG_OPTION, ...sharedOptions('quiet')],
});

/** @throws EchosweepError CONFIG_INVALID, INVENTORY_FAILED */
export async function tellCommand(
  line: LineOf<typeof TELL>,
  surroundings: Surroundings,
): Promise<ExitCode> {
  const file = await readConfigOf(line);
  const store = await openStoreToRead(file);
  const signals = new SweepSignals(surroundings.signals, {
    onStop: () => {},
    onStopAtOnce: () => surroundings.exit(EXIT.interrupted),
    onSnapshot: () => {},
  });
  try {
    const waiting = backlogs(store);
    for (const { channel } of waiting) makeDue(store, channel, new Date());
    const secrets = { env: surroundings.env, resolve: file.resolve };
    const problems = await deliverWaiting(store, file.config, secrets, signals.signal);
    printWords(surroundings, problems.map(errorLine));
    const left = backlogLines(store);
    const isDone = left.length === 0 && problems.length === 0;
    const words = waiting.length === 0 ? 'nothing pending' : 'all delivered';
    if (!line.values.quiet) printWords(surroundings, isDone ? [words] : left);
    return isDone ? EXIT.ok : EXIT.systemRefused;
  } finally {
    signals.release();
    store.close();
  }
}
