/** The manual pages, made from the tables of commands and options: echosweep(1), and a page for each command. */

import { type OptionSpec, offFlagOf } from '../../option-spec.ts';
import { PACKAGE_VERSION } from '../../package-version.ts';
import { SWEEP_DESCRIPTION, SWEEP_NOTES } from '../command-line.ts';
import { COMMAND_GROUPS } from '../command-options.ts';
import { COMMANDS } from '../command-table.ts';
import { helpSentence } from '../option-parser.ts';
import {
  allOptionsOf,
  type CommandEntry,
  firstSentence,
  type Subcommand,
  subcommandsOf,
} from '../subcommand.ts';
import {
  bold,
  entry,
  italic,
  pageReference,
  pageTitle,
  paragraph,
  prose,
  section,
  subsection,
  verbatim,
} from './roff.ts';

/** Headings of the help that a manual page has other words for. */
const HEADINGS: Readonly<Record<string, string>> = { 'A target is one of': 'Targets' };

/** The text of each page by the name of its file, such as `echosweep-diff.1`. */
export async function manPages(): Promise<ReadonlyMap<string, string>> {
  const tables = await subcommandsOf(COMMANDS);
  const pages = new Map([['echosweep', sweepPage()]]);
  for (const entry of COMMANDS) {
    const members = tables.filter(({ name }) => name.startsWith(`${entry.name} `));
    if (members.length > 0) pages.set(pageName(entry.name), groupPage(entry, members));
  }
  for (const table of tables) pages.set(pageName(table.name), commandPage(table));
  return new Map([...pages].map(([name, text]) => [`${name}.1`, text]));
}

/** `echosweep-inventory-scan` of `inventory scan`. */
function pageName(command: string): string {
  return `echosweep-${command.replaceAll(' ', '-')}`;
}

function sweepPage(): string {
  return page({
    name: 'echosweep',
    summary: 'sweep subnets with ICMP echo and report every address',
    synopsis: [
      `${bold('echosweep')} [options] ${italic('target')} ...`,
      `${bold('echosweep')} ${italic('command')} [options] [arguments]`,
    ],
    body: [
      section('Description'),
      prose(SWEEP_DESCRIPTION),
      section('Options'),
      ...COMMAND_GROUPS.flatMap(({ title, options }) => [
        subsection(title),
        ...options.flatMap(optionEntries),
      ]),
      section('Commands'),
      ...COMMANDS.map(({ name, summary }) => entry(pageReference(pageName(name)), summary)),
      ...blocks(SWEEP_NOTES),
    ],
    others: COMMANDS.map(({ name }) => pageName(name)),
  });
}

function groupPage({ name, summary }: CommandEntry, members: readonly Subcommand[]): string {
  return page({
    name: pageName(name),
    summary,
    synopsis: [`${bold(`echosweep ${name}`)} ${italic('command')} [options] [arguments]`],
    body: [
      section('Commands'),
      ...members.map((each) => entry(pageReference(pageName(each.name)), firstSentence(each))),
    ],
    others: ['echosweep'],
  });
}

function commandPage(table: Subcommand): string {
  const { name, usage, description, notes } = table;
  return page({
    name: pageName(name),
    summary: firstSentence(table),
    synopsis: [`${bold(`echosweep ${name}`)} [options] ${italic(usage)}`],
    body: [
      section('Description'),
      prose(withoutLinks(description)),
      section('Options'),
      ...allOptionsOf(table).flatMap(optionEntries),
      ...(notes === undefined ? [] : blocks(notes)),
    ],
    others: name.includes(' ') ? ['echosweep', pageName(name.split(' ')[0]!)] : ['echosweep'],
  });
}

interface Page {
  readonly name: string;
  readonly summary: string;
  /** Already formatted. */
  readonly synopsis: readonly string[];
  readonly body: readonly string[];
  /** Pages to see as well. */
  readonly others: readonly string[];
}

function page({ name, summary, synopsis, body, others }: Page): string {
  return [
    '.\\" Made from the tables in src/cli by `npm run docs`; edit there.',
    pageTitle(name, { version: `echosweep ${PACKAGE_VERSION}`, manual: 'Manual of echosweep' }),
    // Words with hyphens and options are not broken at the ends of lines.
    '.nh',
    '.ad l',
    section('Name'),
    `${prose(name)} \\- ${prose(summary)}`,
    section('Synopsis'),
    synopsis.join('\n.br\n'),
    ...body,
    section('See also'),
    others.map(pageReference).join(',\n'),
    '',
  ].join('\n');
}

function optionEntries(option: OptionSpec): string[] {
  const off = offFlagOf(option);
  return [
    entry(flagsTerm(option.flags), helpSentence(option)),
    ...(off === undefined ? [] : [entry(flagsTerm(off.flags), off.help)]),
  ];
}

/** `-t, --timeout <ms>`, with the names in bold and the value in italics. */
function flagsTerm(flags: string): string {
  const [names = '', value] = flags.split(/ (?=<)/);
  const term = names.split(', ').map(bold).join(', ');
  return value === undefined ? term : `${term} ${italic(value.slice(1, -1))}`;
}

/** A link of the documentation, in a text that cannot be clicked. */
function withoutLinks(text: string): string {
  return text.replaceAll(/\[([^\]]+)\]\(([^)]+)\)/g, '$1: docs/$2');
}

/** Blocks of lines, each with a heading such as `Examples:`, as sections; one without is a paragraph. */
function blocks(notes: string): string[] {
  return notes
    .trimEnd()
    .split('\n\n')
    .flatMap((block) => {
      const [heading = '', ...lines] = block.split('\n');
      if (!heading.endsWith(':')) return [paragraph(block)];
      const title = heading.replace(/:$/, '');
      return [section(HEADINGS[title] ?? title), verbatim(lines)];
    });
}
