/** The option that limits a command to changes of some kinds. */

import { CHANGE_KINDS } from '../inventory/host-memory.ts';
import { choice } from '../option-spec.ts';

export const KINDS_OPTION = choice(
  'kinds',
  '--only <kind>',
  'Report only changes of these kinds, commas between.',
  { isRepeatable: true, choices: CHANGE_KINDS, otherwise: 'all' },
);
