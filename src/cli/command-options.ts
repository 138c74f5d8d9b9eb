/** The options that only the command has, each once, and all of its options in the groups of the help. */

import { choice, number, type OptionSpec, text, toggle, type ValuesOf } from '../option-spec.ts';
import { OPTION_GROUPS, OPTIONS, type OptionGroup } from '../options.ts';
import { FORMATS, type FormatEntry, HOST_FORMATS, RECORD_FORMATS } from '../report/formats.ts';
import { STATUSES } from '../results/outcome.ts';
import { SLOTS, USUAL_HUB_FOLDER } from '../results/site-facts.ts';

const REPEATABLE = { isRepeatable: true } as const;
const PATHS = { ...REPEATABLE, isPath: true } as const;

/** Where targets come from besides the arguments; `readTargets` reads them. */
const FILES = [
  text('files', '-f, --file <file>', 'Read targets from a file; - is standard input.', PATHS),
  toggle('local', '--local', 'Sweep the networks that this host is directly connected to.'),
  text('excludeFiles', '--exclude-file <file>', 'Leave out the targets in a file.', PATHS),
] as const;

const OUTPUTS = text(
  'outputs',
  '-o, --output <file>',
  'Write a report; its ending picks the format, - is stdout.',
  { ...PATHS, otherwise: 'standard output' },
);
const formatOption = (formats: readonly FormatEntry[]) =>
  choice('format', '--format <format>', 'Format of the reports, whatever their endings.', {
    choices: formats.map(({ name }) => name),
    otherwise: 'by the ending; on standard output a table on a terminal, else CSV',
  });
const COLUMNS_AND_CSV = [
  text('columns', '--columns <names>', 'Columns of the report in this order, commas between.', {
    ...REPEATABLE,
    hasCommas: true,
    otherwise: 'all; in a table the most useful',
  }),
  choice('csvProfile', '--csv-profile <profile>', 'CSV for programs, or for Excel.', {
    choices: ['plain', 'excel'],
    default: 'plain',
  }),
  text('csvDelimiter', '--csv-delimiter <char>', 'What separates CSV cells: a character, or tab.', {
    default: ',',
  }),
  choice('csvDecimal', '--csv-decimal <char>', 'Decimal sign in CSV.', {
    choices: ['.', ','],
    default: '.',
  }),
] as const;

/** The reports of a sweep; `reportRequests` reads them. */
const REPORTS = [
  OUTPUTS,
  formatOption(FORMATS),
  toggle(
    'stream',
    '--stream',
    'Write each row to standard output as soon as it is final, as CSV or JSON Lines.',
  ),
  choice('only', '--only <status>', 'Report only hosts with these statuses, commas between.', {
    ...REPEATABLE,
    choices: STATUSES,
    otherwise: 'all',
  }),
  ...COLUMNS_AND_CSV,
] as const;

/** The reports of a command that lists records, for which there is no page; `recordRequests` reads them. */
export const RECORD_REPORTS = [OUTPUTS, formatOption(RECORD_FORMATS), ...COLUMNS_AND_CSV] as const;

/** The same of a command that lists an inventory's hosts. */
export const HOST_REPORTS = [OUTPUTS, formatOption(HOST_FORMATS), ...COLUMNS_AND_CSV] as const;

/** How a sweep runs; `sweepCommand` reads the first two, the session the others. */
const RUN = [
  toggle('dryRun', '--dry-run', 'Print what would be swept and how; send nothing.'),
  text(
    'resume',
    '--resume <report>',
    'Sweep what a partial CSV or JSON Lines report lacks, and report the whole.',
    { isPath: true },
  ),
  number('expectUp', '--expect-up <n>', 'Exit with code 1 if fewer hosts are up.', {
    unit: 'hosts',
    from: 1,
    to: 2 ** 32,
  }),
  toggle('quiet', '-q, --quiet', 'Print nothing but the report and errors.'),
  toggle('live', '--live', 'Draw the addresses as a map while the sweep runs.'),
  toggle('progress', '--no-progress', 'Show no progress bar.', { default: true }),
] as const;

/** The hub of a sweep on several sites. */
export const HUB_OPTION = text(
  'hub',
  '--hub <file>',
  "The hub's hub.json or a copy of it, or the hub's folder.",
  {
    isPath: true,
    otherwise: `the folder ${USUAL_HUB_FOLDER}`,
  },
);
export const SLOTS_OPTION = number(
  'slots',
  '--slots <n>',
  'Chunks of up to 4096 hosts that the agents of a site sweep at once, all together.',
  { from: 1, to: SLOTS.most, default: SLOTS.usual },
);
export const DEADLINE_OPTION = number(
  'deadlineS',
  '--deadline <s>',
  'How long to wait for the sites; what they have not reported by then has no row.',
  {
    unit: 'seconds',
    isFractional: true,
    from: 1,
    to: 31_536_000,
    otherwise: 'an hour plus twice the time that --rate takes',
  },
);

/** Which rows of a report on several sites a command reads. */
export const SITE_OPTION = text(
  'site',
  '--site <name>',
  'Of a report on several sites, take the rows of this one.',
  { otherwise: 'all' },
);

/** Sites that sweep in place of this machine. */
const SITES = [
  text('sites', '--sites <names>', 'Sweep the targets at each of these sites, commas between.', {
    ...REPEATABLE,
    hasCommas: true,
    otherwise: 'this machine sweeps',
  }),
  text(
    'spread',
    '--spread <names>',
    'Share the targets among these sites, which see one network.',
    {
      ...REPEATABLE,
      hasCommas: true,
      otherwise: 'this machine sweeps',
    },
  ),
  HUB_OPTION,
  SLOTS_OPTION,
  DEADLINE_OPTION,
] as const;

/** What every command has. */
export const ABOUT = [
  toggle('help', '-h, --help', 'Print this help.'),
  toggle('version', '-V, --version', 'Print the version.'),
] as const;

/** Every option that the library does not have. */
export const COMMAND_ONLY = [...FILES, ...SITES, ...REPORTS, ...RUN, ...ABOUT] as const;

export type FileOptions = ValuesOf<typeof FILES>;
export type ReportOptions = ValuesOf<typeof REPORTS>;
export type RecordReportOptions = ValuesOf<typeof RECORD_REPORTS>;
export type SiteOptions = ValuesOf<typeof SITES>;
export type RunOptions = ValuesOf<typeof RUN>;
export type CommandOptions = ValuesOf<typeof COMMAND_ONLY>;

/** Every option of the command that sweeps, in the order of its help. */
export const COMMAND_GROUPS: readonly OptionGroup[] = [
  ...OPTION_GROUPS.map(({ title, options }) =>
    title === 'Targets' ? { title, options: [...FILES, ...options] } : { title, options },
  ),
  { title: 'Sites', options: SITES },
  { title: 'Reports', options: REPORTS },
  { title: 'Run', options: [...RUN, ...ABOUT] },
];

/** The same without groups. */
export const COMMAND_OPTIONS: readonly OptionSpec[] = [...OPTIONS, ...COMMAND_ONLY];

type CommandOnlyRow = (typeof COMMAND_ONLY)[number];
type RowOf<Key extends CommandOnlyRow['key']> = Extract<CommandOnlyRow, { readonly key: Key }>;

/** Options of the sweep that another command has as well. */
export function sharedOptions<const Keys extends readonly CommandOnlyRow['key'][]>(
  ...keys: Keys
): { readonly [Index in keyof Keys]: RowOf<Keys[Index]> } {
  // `map` keeps the order and number of the keys, which its type does not say.
  return keys.map((key) => COMMAND_ONLY.find((row) => row.key === key)!) as unknown as {
    readonly [Index in keyof Keys]: RowOf<Keys[Index]>;
  };
}
