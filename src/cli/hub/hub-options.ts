/** Options that several hub commands have. */

import { text } from '../../option-spec.ts';
import { USUAL_HUB_FOLDER } from '../../results/site-facts.ts';

export const FOLDER_OPTION = text('folder', '--folder <folder>', 'The folder of the hub.', {
  isPath: true,
  default: USUAL_HUB_FOLDER,
});

export const PROGRAM_OPTION = text(
  'natsServer',
  '--nats-server <file>',
  'The nats-server program.',
  { isPath: true, otherwise: 'the one in PATH or in the folders of packages' },
);
