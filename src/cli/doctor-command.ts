/** `echosweep doctor`: which engines work on this host, tried and not guessed, and what would make the others work. */

import { arch, platform, release } from 'node:os';
import type { EngineTrial } from '../coordinator/engine-trials.ts';
import { optionInvalid } from '../option-value.ts';
import { paint } from '../report/terminal-text.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { printData, type Streams, wantsColour } from './terminal.ts';

const HELP = `Usage: echosweep doctor

Tries every engine on this host and shows, for each that does not work, the command that would make it work.
Sends nothing but to this host itself. Exit code 0 where an engine works, 4 where none does.
`;
const LABEL_WIDTH = 12;

/**
 * @param args what follows `doctor` on the command line
 * @throws EchosweepError OPTION_INVALID
 */
export async function doctorCommand(
  args: readonly string[],
  streams: Streams,
  tryEngines: () => Promise<readonly EngineTrial[]>,
): Promise<ExitCode> {
  const [first] = args;
  if (first === '-h' || first === '--help') {
    await printData(streams, HELP);
    return EXIT.ok;
  }
  if (first !== undefined) {
    throw optionInvalid(`doctor takes no ${JSON.stringify(first)}`, 'write echosweep doctor alone');
  }
  const trials = await tryEngines();
  const lines = [
    labelled('Node', process.version),
    labelled('system', `${platform()} ${release()}, ${arch()}`),
    ...formatTrials(trials, wantsColour(streams.stdout, streams.env)),
  ];
  await printData(streams, lines.map((line) => `${line}\n`).join(''));
  return trials.some((trial) => trial.works) ? EXIT.ok : EXIT.systemRefused;
}

/** @param trials best engine first */
function formatTrials(trials: readonly EngineTrial[], colour: boolean): string[] {
  const taken = trials.find((trial) => trial.works);
  return [
    ...trials.flatMap((trial) => trialLines(trial, colour)),
    labelled('auto takes', taken?.engine ?? 'none: no engine works here'),
  ];
}

function trialLines({ engine, works, detail, remedies }: EngineTrial, colour: boolean): string[] {
  const verdict = works ? paint('works', 'up', colour) : paint('no', 'error', colour);
  const blanks = ' '.repeat('works'.length - (works ? 'works' : 'no').length);
  return [
    labelled(engine, `${verdict}${blanks}  ${detail}`.trimEnd()),
    ...remedies.map((remedy) => labelled('', `       ${remedy}`)),
  ];
}

function labelled(label: string, words: string): string {
  return `${label.padEnd(LABEL_WIDTH)}${words}`;
}
