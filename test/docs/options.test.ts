/** docs/options.md says what the table of options says. */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { COMMAND_GROUPS } from '../../src/cli/command-options.ts';
import { allSubcommands, commandsDocument } from '../../src/cli/commands-doc.ts';
import { optionsDocument } from '../../src/cli/options-doc.ts';
import { subcommandHelp } from '../../src/cli/subcommand.ts';
import { ENGINES, OPTIONS } from '../../src/options.ts';
import { ROOT } from '../root.ts';

const ENGINE_LIST = /`raw`, [`a-z, -]* or `system`/g;

test('docs/options.md is as the table makes it; else run `npm run docs`', () => {
  const written = readFileSync(`${ROOT}docs/options.md`, 'utf8');
  assert.equal(written, optionsDocument());
});

test('docs/commands.md is as the commands make it; else run `npm run docs`', async () => {
  const written = readFileSync(`${ROOT}docs/commands.md`, 'utf8');
  assert.equal(written, await commandsDocument());
});

test('documentation that lists the engines lists all of them', () => {
  const lists = readdirSync(`${ROOT}docs`)
    .filter((name) => name.endsWith('.md'))
    .flatMap((name) => readFileSync(`${ROOT}docs/${name}`, 'utf8').match(ENGINE_LIST) ?? []);
  const all = ENGINES.map((engine) => `\`${engine}\``);
  assert.ok(lists.length > 1);
  for (const list of lists) assert.equal(list, `${all.slice(0, -1).join(', ')} or ${all.at(-1)}`);
});

test('every command says in its help what its table has', async () => {
  for (const command of await allSubcommands()) {
    const help = subcommandHelp(command, 100);
    for (const { flags } of command.options) assert.ok(help.includes(flags), flags);
  }
});

test('each option has one row, with its flags, its sentence and its name in the library', () => {
  const rows = optionsDocument()
    .split('\n')
    .filter((line) => line.startsWith('| `-'));
  const options = COMMAND_GROUPS.flatMap((group) => group.options);
  assert.equal(rows.length, options.length);
  for (const [i, option] of options.entries()) {
    assert.ok(rows[i]!.startsWith(`| \`${option.flags}\``), option.flags);
    assert.ok(rows[i]!.includes(` | ${option.help}`), option.flags);
    const last = rows[i]!.split(' | ').at(-1)!;
    assert.equal(last.includes(`\`${option.key}`), OPTIONS.includes(option), option.flags);
  }
});
