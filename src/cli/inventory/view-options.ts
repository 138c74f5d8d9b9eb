/** Options that several of the commands that show an inventory have. */

import { text } from '../../option-spec.ts';
import { HOST_REPORTS, RECORD_REPORTS, sharedOptions } from '../command-options.ts';

export const NETWORK_OPTION = text(
  'networks',
  '--network <name>',
  'Only this network, commas between several.',
  { isRepeatable: true, hasCommas: true, otherwise: 'all' },
);

/** @param usual what holds without it, such as `7d` */
export const sinceOption = (usual: string) =>
  text(
    'since',
    '--since <moment>',
    'Start of the span: a time back from now such as 12h, 7d or 2w, or a date.',
    {
      default: usual,
    },
  );

/** Of commands that write a report. */
export const REPORT_OPTIONS = [...RECORD_REPORTS, ...sharedOptions('quiet')] as const;

/** Of commands that write a report of hosts. */
export const HOST_REPORT_OPTIONS = [...HOST_REPORTS, ...sharedOptions('quiet')] as const;
