/** `echosweep inventory password`: makes the hash of a password for the configuration. */

import { hashPassword } from '../../inventory/password-hash.ts';
import { optionInvalid } from '../../option-value.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { type LineOf, subcommand } from '../subcommand.ts';
import { printData, type Surroundings } from '../terminal.ts';
import { readHiddenLine } from './hidden-line.ts';

export const PASSWORD = subcommand({
  name: 'inventory password',
  usage: '',
  takes: [0, 0],
  description:
    'Prints the hash of a password for web.users in the configuration. It reads the password from standard input, ' +
    'and does not show what is typed.',
  options: [],
});

const SHORTEST = 8;

/** @throws EchosweepError OPTION_INVALID for a password that is too short */
export async function passwordCommand(
  _line: LineOf<typeof PASSWORD>,
  surroundings: Surroundings,
): Promise<ExitCode> {
  const password = await readHiddenLine(surroundings, 'Password: ');
  if (password.length < SHORTEST) {
    throw optionInvalid('the password is too short', `use ${SHORTEST} characters or more`);
  }
  await printData(surroundings, `${await hashPassword(password)}\n`);
  return EXIT.ok;
}
