/** `echosweep hub doctor`: whether a hub can run here, and what is wrong with it. */

import { paint } from '../../report/terminal-text.ts';
import { type Finding, hubFindings } from '../../sites/hub/hub-checks.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { type LineOf, subcommand } from '../subcommand.ts';
import { printData, type Surroundings, wantsColour } from '../terminal.ts';
import { FOLDER_OPTION, PROGRAM_OPTION } from './hub-options.ts';

export const DOCTOR = subcommand({
  name: 'hub doctor',
  usage: '',
  takes: [0, 0],
  description:
    'Checks the programs, the folder, the certificate, the connection and the agents of a hub, and says what to do.',
  options: [FOLDER_OPTION, PROGRAM_OPTION],
  notes: `Exit codes:
  0  all is well                   4  something keeps the hub from working
  5  it works, with the remarks shown
`,
});

const LABEL_WIDTH = 14;
const WORDS = { well: 'ok', remark: 'note', wrong: 'no' } as const;
const COLOURS = { well: 'up', remark: 'unreachable', wrong: 'error' } as const;
const VERDICT_WIDTH = 4;

/** @throws EchosweepError OUTPUT_FAILED */
export async function doctorCommand(
  { values }: LineOf<typeof DOCTOR>,
  surroundings: Surroundings,
): Promise<ExitCode> {
  const findings = await hubFindings({
    folder: values.folder,
    program: values.natsServer,
    searchPath: surroundings.env['PATH'],
    connect: async (access) => {
      const { connectHub } = await import('../../sites/nats/connected-hub.ts');
      return connectHub(access);
    },
  });
  const colour = wantsColour(surroundings.stdout, surroundings.env);
  await printData(surroundings, findings.map((each) => `${line(each, colour)}\n`).join(''));
  if (findings.some(({ verdict }) => verdict === 'wrong')) return EXIT.systemRefused;
  return findings.some(({ verdict }) => verdict === 'remark') ? EXIT.doubtful : EXIT.ok;
}

function line({ what, verdict, detail }: Finding, colour: boolean): string {
  const word = WORDS[verdict];
  const blanks = ' '.repeat(VERDICT_WIDTH - word.length);
  return `${what.padEnd(LABEL_WIDTH)}${paint(word, COLOURS[verdict], colour)}${blanks}  ${detail}`;
}
