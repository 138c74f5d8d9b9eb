/** docs/commands.md, made from the commands' own tables. */

import { CHANGE_SHAPE } from '../inventory/change-report.ts';
import { CHANGE_MEANINGS } from '../inventory/host-memory.ts';
import { DIFF } from './diff-command.ts';
import { INVENTORY_COMMANDS } from './inventory-command.ts';
import { MAP } from './map-command.ts';
import { documentRow, optionCells, optionHeadings } from './options-doc.ts';
import { RENDER } from './render-command.ts';
import type { Subcommand } from './subcommand.ts';

/** Every command beside the sweep that has options of its own. */
export const SUBCOMMANDS: readonly Subcommand[] = [DIFF, RENDER, MAP, ...INVENTORY_COMMANDS];

const OPENING = `# Commands

Made from the commands' tables in \`src/cli\` by \`node scripts/options-doc.mjs\`; edit there. The sweep itself is in
[options.md](options.md); \`echosweep doctor\` takes no options.
`;

/** The whole file. */
export function commandsDocument(): string {
  return [OPENING, ...SUBCOMMANDS.map(commandSection), changeSection()].join('\n');
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
    documentRow(optionHeadings()),
    documentRow(optionHeadings().map(() => '---')),
    ...options.map((option) => documentRow(optionCells(option))),
    '',
  ].join('\n');
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
    ...CHANGE_SHAPE.columns.map(({ name, meaning }) => documentRow([`\`${name}\``, meaning])),
    '',
  ].join('\n');
}
