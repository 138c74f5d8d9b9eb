/** docs/options.md, made from the tables of options. */

import {
  defaultText,
  isOnByDefault,
  type OptionSpec,
  offFlagOf,
  rangeText,
} from '../option-spec.ts';
import { OPTIONS } from '../options.ts';
import { COMMAND_GROUPS } from './command-options.ts';

const OPENING = `# Options

Made from \`src/options.ts\` and \`src/cli/command-options.ts\` by \`npm run docs\`; edit there.

\`echosweep [options] <target...>\` sweeps; the other commands are in [commands.md](commands.md). The last column
names an option in the library's \`sweep({ targets, … })\`; numbers are plain numbers there, and a repeatable option
takes a list too. Options without a name there belong to the command alone.
`;

const HEADINGS = ['Option', 'Meaning', 'Values', 'Default'];

/** Of a table of options. */
export function optionHeadings(): readonly string[] {
  return HEADINGS;
}

/** The whole file. */
export function optionsDocument(): string {
  const groups = COMMAND_GROUPS.map(({ title, options }) =>
    [
      `## ${title}`,
      '',
      documentRow([...HEADINGS, 'Library']),
      documentRow([...HEADINGS, 'Library'].map(() => '---')),
      ...options.map((option) => documentRow([...optionCells(option), libraryCell(option)])),
      '',
    ].join('\n'),
  );
  return [OPENING, ...groups].join('\n');
}

/** An option's row below `optionHeadings`. */
export function optionCells(option: OptionSpec): string[] {
  const again = option.isRepeatable ? ' Repeatable.' : '';
  const off = offFlagOf(option);
  const flags = [option.flags, ...(off === undefined ? [] : [off.flags])];
  const sentences = [option.help, ...(off === undefined ? [] : [`\`${off.flags}\`: ${off.help}`])];
  return [
    flags.map((each) => `\`${each}\``).join(', '),
    sentences.join(' ') + again,
    rangeText(option),
    defaultText(option),
  ];
}

/** How a program gives the option; '' if only the command has it. */
function libraryCell(option: OptionSpec): string {
  if (!OPTIONS.includes(option)) return '';
  if (isOnByDefault(option)) return `\`${option.key}: false\``;
  const off = offFlagOf(option) === undefined ? '' : `, or \`${option.key}: false\``;
  return `\`${option.key}\`${off}`;
}

/** A bar inside a cell would end it; `<name>` outside of code would be taken for HTML, and is only in code. */
export function documentRow(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}
