/** Options of every command that reports changes. */

import { CHANGE_KINDS } from '../inventory/host-memory.ts';
import { choice, toggle } from '../option-spec.ts';

export const KINDS_OPTION = choice(
  'kinds',
  '--only <kind>',
  'Report only changes of these kinds, commas between.',
  { isRepeatable: true, choices: CHANGE_KINDS, otherwise: 'all' },
);

export const FAIL_ON_CHANGE_OPTION = toggle(
  'failOnChange',
  '--fail-on-change',
  'Exit with code 1 if something changed.',
);
