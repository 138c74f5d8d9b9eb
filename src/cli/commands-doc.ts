/** docs/commands.md, made from the commands' own tables. */

import { SITE_CHANGE_SHAPE } from '../inventory/change-report.ts';
import { CHANGE_MEANINGS } from '../inventory/host-memory.ts';
import type { OptionSpec } from '../option-spec.ts';
import { COMMANDS } from './command-table.ts';
import { documentRow, optionCells, optionHeadings } from './options-doc.ts';
import { type Subcommand, subcommandsOf } from './subcommand.ts';

/** Every command besides the sweep, in the order of the help. */
export async function allSubcommands(): Promise<readonly Subcommand[]> {
  return subcommandsOf(COMMANDS);
}

const OPENING = `# Commands

Made from the commands' tables in \`src/cli\` by \`npm run docs\`; edit there. The sweep itself is in
[options.md](options.md). Every command but \`fping\` also has \`-h, --help\` and \`-V, --version\`.
`;

/** The whole file. */
export async function commandsDocument(): Promise<string> {
  const sections = (await allSubcommands()).map(commandSection);
  return [OPENING, ...sections, changeSection()].join('\n');
}

function commandSection({ name, usage, description, options }: Subcommand): string {
  return [
    `## ${name}`,
    '',
    '```sh',
    `echosweep ${name} [options] ${usage}`.trimEnd(),
    '```',
    '',
    description,
    '',
    ...(options.length === 0 ? [] : [...optionTable(options), '']),
  ].join('\n');
}

function optionTable(options: readonly OptionSpec[]): string[] {
  return [
    documentRow(optionHeadings()),
    documentRow(optionHeadings().map(() => '---')),
    ...options.map((option) => documentRow(optionCells(option))),
  ];
}

function changeSection(): string {
  return [
    '## Changes',
    '',
    '| Change | Meaning |',
    '| --- | --- |',
    ...Object.entries(CHANGE_MEANINGS).map(([kind, meaning]) =>
      documentRow([`\`${kind}\``, meaning]),
    ),
    '',
    'A report of changes has these columns, and JSON Lines have fields of the same names:',
    '',
    '| Column | Meaning |',
    '| --- | --- |',
    ...SITE_CHANGE_SHAPE.columns.map(({ name, meaning }) => documentRow([`\`${name}\``, meaning])),
    '',
  ].join('\n');
}
