/** `echosweep inventory tell`: delivers what is pending for the receivers, or sends each a test message. */

import type { ConfigFile } from '../../inventory/config/config-file.ts';
import { deliverWaiting, trySending } from '../../inventory/notify/couriers.ts';
import { backlogs, makeDue } from '../../inventory/notify/outbox.ts';
import type { Receiver } from '../../inventory/notify/receivers.ts';
import { optionInvalid } from '../../option-value.ts';
import { sharedOptions } from '../command-options.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { SweepSignals } from '../signals.ts';
import { type LineOf, subcommand } from '../subcommand.ts';
import { errorLine, printWords, type Surroundings } from '../terminal.ts';
import { backlogLines } from './backlog-lines.ts';
import { CONFIG_OPTION, openStoreToRead, readConfigOf } from './config-and-database.ts';

export const TELL = subcommand({
  name: 'inventory tell',
  usage: '[receiver...]',
  takes: [0, 1000],
  description:
    'Delivers what is pending for the receivers, digests too, also in quiet hours. Exit code 4 if something is still ' +
    'pending or a test message did not arrive.',
  options: [
    CONFIG_OPTION,
    {
      key: 'try',
      flags: '--try',
      kind: 'switch',
      help: 'Send each receiver, or those named, a test message instead.',
    },
    ...sharedOptions('quiet'),
  ],
});

/** @throws EchosweepError CONFIG_INVALID, INVENTORY_FAILED */
export async function tellCommand(
  line: LineOf<typeof TELL>,
  surroundings: Surroundings,
): Promise<ExitCode> {
  const file = await readConfigOf(line);
  const receivers = receiversNamed(file, line.args);
  const signals = new SweepSignals(surroundings.signals, {
    onStop: () => {},
    onStopAtOnce: () => surroundings.exit(EXIT.interrupted),
  });
  const call = { file, receivers, line, surroundings, signal: signals.signal };
  try {
    return await (line.values.try ? tryAll(call) : deliverAll(call));
  } finally {
    signals.release();
  }
}

interface Call {
  readonly file: ConfigFile;
  readonly receivers: readonly Receiver[];
  readonly line: LineOf<typeof TELL>;
  readonly surroundings: Surroundings;
  readonly signal: AbortSignal;
}

async function deliverAll(call: Call): Promise<ExitCode> {
  const { file, receivers, line, surroundings, signal } = call;
  const store = await openStoreToRead(file, surroundings);
  try {
    // A receiver that the configuration no longer has can get nothing.
    const isWanted = (channel: string): boolean => receivers.some(({ name }) => name === channel);
    const waiting = backlogs(store).filter(({ channel }) => isWanted(channel));
    for (const { channel } of waiting) makeDue(store, channel, new Date());
    const config = { ...file.config, receivers };
    const problems = await deliverWaiting(store, config, secretsOf(call), signal, {
      disturb: true,
    });
    printWords(surroundings, problems.map(errorLine));
    const left = backlogLines(store, receivers, isWanted);
    const isDone = left.length === 0 && problems.length === 0;
    const words = waiting.length === 0 ? 'nothing pending' : 'all delivered';
    if (!line.values.quiet) printWords(surroundings, isDone ? [words] : left);
    return isDone ? EXIT.ok : EXIT.systemRefused;
  } finally {
    store.close();
  }
}

async function tryAll(call: Call): Promise<ExitCode> {
  const { receivers, line, surroundings, signal } = call;
  let failures = 0;
  for (const receiver of receivers) {
    const problem = await trySending(receiver, secretsOf(call), signal);
    if (problem !== undefined) failures++;
    const words = problem === undefined ? `${receiver.name}: delivered` : errorLine(problem);
    if (problem !== undefined || !line.values.quiet) printWords(surroundings, [words]);
  }
  if (receivers.length === 0 && !line.values.quiet) {
    printWords(surroundings, ['the configuration names no receiver that messages are queued for']);
  }
  return failures === 0 ? EXIT.ok : EXIT.systemRefused;
}

const secretsOf = ({ file, surroundings }: Call) => ({
  env: surroundings.env,
  resolve: file.resolve,
});

/** @throws EchosweepError OPTION_INVALID if the configuration has no receiver of a name */
function receiversNamed(
  { config, path }: ConfigFile,
  names: readonly string[],
): readonly Receiver[] {
  const { receivers } = config;
  const unknown = names.find((each) => receivers.every(({ name }) => name !== each));
  if (unknown === undefined) {
    return names.length === 0 ? receivers : receivers.filter(({ name }) => names.includes(name));
  }
  const known = receivers.map(({ name }) => name).join(', ');
  throw optionInvalid(
    `${path} has no receiver ${JSON.stringify(unknown)}`,
    known === '' ? 'add it' : `use ${known}`,
  );
}
