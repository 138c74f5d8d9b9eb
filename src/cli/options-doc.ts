/** docs/options.md, made from the table of options. */

import { defaultText, type OptionSpec, rangeText } from '../option-spec.ts';
import { OPTION_GROUPS } from '../options.ts';

const OPENING = `# Options

Made from the table in \`src/options.ts\` by \`node scripts/options-doc.mjs\`; edit there.

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
  const groups = OPTION_GROUPS.map(({ title, options }) =>
    [
      `## ${title}`,
      '',
      documentRow([...HEADINGS, 'Library']),
      documentRow([...HEADINGS, 'Library'].map(() => '---')),
      ...options.map((option) =>
        documentRow([...optionCells(option), option.isCommandOnly ? '' : `\`${option.key}\``]),
      ),
      '',
    ].join('\n'),
  );
  return [OPENING, ...groups].join('\n');
}

/** An option's row below `optionHeadings`. */
export function optionCells(option: OptionSpec): string[] {
  const again = option.isRepeatable ? ' Repeatable.' : '';
  return [`\`${option.flags}\``, option.help + again, rangeText(option), defaultText(option)];
}

/** A bar inside a cell would end it; `<name>` outside of code would be taken for HTML, and is only in code. */
export function documentRow(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}
