/** `echosweep doctor`: which engines work on this host, tried rather than guessed, and what would make the others work. */

import { arch, platform, release } from 'node:os';
import type { EngineTrial } from '../coordinator/engine-trials.ts';
import type { LinkSendingTrial } from '../coordinator/link-sending-trial.ts';
import type { LocalNetworkTrial } from '../coordinator/local-network-trial.ts';
import { paint } from '../report/terminal-text.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { runnable, subcommand } from './subcommand.ts';
import { printData, type Streams, wantsColour } from './terminal.ts';

const DOCTOR = subcommand({
  name: 'doctor',
  usage: '',
  takes: [0, 0],
  description:
    'Tries every engine on this host and shows, for each that does not work, the command that would enable it. ' +
    'If raw works, it also says, for IPv4 and IPv6, whether a large sweep could send past the system (--send link), and whether it would do so by itself. ' +
    'Sends only to this host itself; on macOS 15 and later also one probe to a neighbour that the system knows.',
  options: [],
  notes: `Exit codes:
  0  an engine works               4  none does
  3  the command line is wrong
`,
});
const LABEL_WIDTH = 12;

/** `echosweep doctor`. What tries the engines is loaded only when it is needed. */
export const doctorCommand = runnable(DOCTOR, async (_line, streams) => {
  return reportEngines(streams, await import('../coordinator/engine-trials.ts'));
});

/** What the doctor tries. */
export interface Trials {
  tryEngines(): Promise<readonly EngineTrial[]>;
  /** Called only if the engine `raw` works. */
  tryOwnLinkSending(): Promise<readonly LinkSendingTrial[]>;
  tryOwnLocalNetwork(): Promise<LocalNetworkTrial | undefined>;
}

/** Prints what works here, after the versions that a bug report needs. */
export async function reportEngines(
  streams: Streams,
  { tryEngines, tryOwnLinkSending, tryOwnLocalNetwork }: Trials,
): Promise<ExitCode> {
  const trials = await tryEngines();
  const colour = wantsColour(streams.stdout, streams.env);
  const isRawWorking = trials.some(({ engine, works }) => engine === 'raw' && works);
  const lines = [
    labelled('Node', process.version),
    labelled('system', `${platform()} ${release()}, ${arch()}`),
    ...formatTrials(trials, colour),
    ...(isRawWorking ? sendingLines(await tryOwnLinkSending(), colour) : []),
    ...localNetworkLines(await tryOwnLocalNetwork(), colour),
  ];
  await printData(streams, lines.map((line) => `${line}\n`).join(''));
  return trials.some((trial) => trial.works) ? EXIT.ok : EXIT.systemRefused;
}

/** @param trials best engine first */
function formatTrials(trials: readonly EngineTrial[], colour: boolean): string[] {
  const taken = trials.find((trial) => trial.works);
  return [
    ...trials.flatMap((trial) => trialLines(trial.engine, trial, colour)),
    labelled('auto takes', taken?.engine ?? 'none: no engine works here'),
  ];
}

/** By which ways the requests of the engine `raw` would leave. */
function sendingLines(trials: readonly LinkSendingTrial[], colour: boolean): string[] {
  return [
    ...trialLines('--send raw', { works: true, detail: 'through the system' }, colour),
    ...trials.flatMap((trial) => trialLines('--send link', trial, colour)),
  ];
}

function localNetworkLines(trial: LocalNetworkTrial | undefined, colour: boolean): string[] {
  if (trial === undefined) return [];
  if (!trial.isKnown) return [labelled('neighbours', `?      ${trial.detail}`)];
  return trialLines('neighbours', trial, colour);
}

/** What a trial showed. */
type Verdict = Pick<EngineTrial, 'works' | 'detail'> & Partial<Pick<EngineTrial, 'remedies'>>;

function trialLines(
  label: string,
  { works, detail, remedies = [] }: Verdict,
  colour: boolean,
): string[] {
  const verdict = works ? paint('works', 'up', colour) : paint('no', 'error', colour);
  const blanks = ' '.repeat('works'.length - (works ? 'works' : 'no').length);
  return [
    labelled(label, `${verdict}${blanks}  ${detail}`.trimEnd()),
    ...remedies.map((remedy) => labelled('', `       ${remedy}`)),
  ];
}

function labelled(label: string, words: string): string {
  return `${label.padEnd(LABEL_WIDTH)}${words}`;
}
