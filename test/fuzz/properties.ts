/** Every fuzzed property, for the unit run and the nightly one alike. */

import { BLOCK_ROWS } from './block-rows.ts';
import { HOSTILE_NETWORK } from './hostile-network.ts';
import { KERNEL_TABLES } from './kernel-tables.ts';
import { LINUX_SOCKETS } from './linux-sockets.ts';
import { OPTION_VALUES } from './options.ts';
import { PACKETS } from './packets.ts';
import { PINGS } from './pings.ts';
import type { FuzzProperty } from './property.ts';
import { REPORTS } from './reports.ts';
import { SITE_MESSAGES } from './site-messages.ts';
import { TARGET_FILES } from './target-files.ts';
import { TARGET_SETS } from './target-sets.ts';
import { TARGET_TEXTS } from './target-texts.ts';

export const PROPERTIES: readonly FuzzProperty[] = [
  ...PACKETS,
  ...HOSTILE_NETWORK,
  ...TARGET_SETS,
  ...TARGET_TEXTS,
  ...TARGET_FILES,
  ...PINGS,
  ...KERNEL_TABLES,
  ...LINUX_SOCKETS,
  ...OPTION_VALUES,
  ...REPORTS,
  ...BLOCK_ROWS,
  ...SITE_MESSAGES,
];
