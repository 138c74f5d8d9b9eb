/** The option by which commands are asked for changes of some kinds. */

import { CHANGE_KINDS } from '../inventory/host-memory.ts';
import { choice, type OptionSpec } from '../option-spec.ts';

export const KINDS_OPTION: OptionSpec = choice(
  'kinds',
  '--only <kind>',
  'Tell only changes of these kinds, commas between.',
  { isRepeatable: true, isCommandOnly: true, choices: CHANGE_KINDS, otherwise: 'all' },
);
