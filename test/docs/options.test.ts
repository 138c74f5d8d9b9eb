/** docs/options.md says what the table of options says. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { commandsDocument, SUBCOMMANDS } from '../../src/cli/commands-doc.ts';
import { optionsDocument } from '../../src/cli/options-doc.ts';
import { subcommandHelp } from '../../src/cli/subcommand.ts';
import { OPTIONS } from '../../src/options.ts';
import { ROOT } from '../root.ts';

test('docs/options.md is as the table makes it; else run `node scripts/options-doc.mjs`', () => {
  const written = readFileSync(`${ROOT}docs/options.md`, 'utf8');
  assert.equal(written, optionsDocument());
});

test('docs/commands.md is as the commands make it; else run `node scripts/options-doc.mjs`', () => {
  const written = readFileSync(`${ROOT}docs/commands.md`, 'utf8');
  assert.equal(written, commandsDocument());
});

test('every command says in its help what its table has', () => {
  for (const command of SUBCOMMANDS) {
    const help = subcommandHelp(command, 100);
    for (const { flags } of command.options) assert.ok(help.includes(flags), flags);
  }
});

test('each option has one row, with its flags, its sentence and its name in the library', () => {
  const rows = optionsDocument()
    .split('\n')
    .filter((line) => line.startsWith('| `-'));
  assert.equal(rows.length, OPTIONS.length);
  for (const [i, option] of OPTIONS.entries()) {
    assert.ok(rows[i]!.startsWith(`| \`${option.flags}\` | ${option.help}`), option.flags);
    assert.equal(rows[i]!.endsWith(`| \`${option.key}\` |`), !option.isCommandOnly, option.flags);
  }
});
