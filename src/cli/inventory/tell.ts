/** `echosweep inventory tell`: delivers what waits for a webhook or a mail server, without waiting for its time. */

import { backlogs, makeDue } from '../../inventory/notify/outbox.ts';
import { sharedOptions } from '../command-options.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { SweepSignals } from '../signals.ts';
import { type LineOf, subcommand } from '../subcommand.ts';
import { errorLine, printWords, type Surroundings } from '../terminal.ts';
import { CONFIG_OPTION, openStoreToAsk, readConfigOf } from './config-and-database.ts';
import { backlogLines, deliverWaiting } from './telling.ts';

export const TELL = subcommand({
  name: 'inventory tell',
  usage: '',
  takes: [0, 0],
  description:
    'Delivers now what waits for the webhook and the mail server, digests too. Exit code 4 where something still waits.',
  options: [CONFIG_OPTION, ...sharedOptions('quiet')],
});

/** @throws EchosweepError CONFIG_INVALID, INVENTORY_FAILED */
export async function tellCommand(
  line: LineOf<typeof TELL>,
  surroundings: Surroundings,
): Promise<ExitCode> {
  const file = await readConfigOf(line);
  const store = await openStoreToAsk(file);
  const signals = new SweepSignals(surroundings.signals, {
    onStop: () => {},
    onStopAtOnce: () => surroundings.exit(EXIT.interrupted),
    onSnapshot: () => {},
  });
  try {
    const waiting = backlogs(store);
    for (const { channel } of waiting) makeDue(store, channel, new Date());
    const problems = await deliverWaiting(store, file, surroundings, signals.signal);
    printWords(surroundings, problems.map(errorLine));
    const left = backlogLines(store);
    const words = waiting.length === 0 ? 'nothing waits' : 'all is told';
    if (!line.values.quiet) {
      printWords(surroundings, left.length === 0 && problems.length === 0 ? [words] : left);
    }
    return left.length === 0 && problems.length === 0 ? EXIT.ok : EXIT.systemRefused;
  } finally {
    signals.release();
    store.close();
  }
}
