/** Scripts for shells, held to the tables of commands and options. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { COMMAND_OPTIONS } from '../../../../src/cli/command-options.ts';
import { COMMANDS } from '../../../../src/cli/command-table.ts';
import { allSubcommands } from '../../../../src/cli/commands-doc.ts';
import {
  type CompletedCommand,
  completedCommands,
} from '../../../../src/cli/completion/completed-commands.ts';
import { completionCommand } from '../../../../src/cli/completion/completion-command.ts';
import { bourneQuoted, fishQuoted, powershellQuoted } from '../../../../src/cli/shell-words.ts';
import { allOptionsOf } from '../../../../src/cli/subcommand.ts';
import { offFlagOf } from '../../../../src/option-spec.ts';
import { fakeSurroundings, KeptStream } from '../fakes.ts';

const COMPLETED = await completedCommands(COMMANDS);
const TABLES = [
  { name: '', options: COMMAND_OPTIONS },
  ...(await allSubcommands()).map((table) => ({ name: table.name, options: allOptionsOf(table) })),
];

describe('what is completed', () => {
  test('is every option of every command, with its short name and the flag that turns it off', () => {
    for (const { name, options } of TABLES) {
      const names = named(name).options.flatMap((option) => option.names);
      for (const option of options) {
        for (const flags of [option.flags, offFlagOf(option)?.flags ?? '']) {
          for (const flag of flags.match(/(?<!\S)--?[\w-]+/g) ?? [])
            assert.ok(names.includes(flag));
        }
      }
      assert.ok(names.includes('--help') && names.includes('--version'), name);
    }
  });

  test('is every command, also after help', () => {
    const words = (name: string) => named(name).words.map(({ word }) => word);
    assert.deepEqual(words(''), [...COMMANDS.map(({ name }) => name), 'help', 'version']);
    for (const { name } of TABLES.slice(1)) {
      const [group = '', word] = name.split(' ');
      if (word === undefined) continue;
      assert.ok(words(group).includes(word) && words(`help ${group}`).includes(word), name);
    }
  });

  test('is a path if and only if the placeholder says so', () => {
    for (const { name, options } of TABLES) {
      for (const option of options) {
        const { value } = named(name).options.find(({ names }) =>
          names.includes(option.flags.split(/[ ,]/, 1)[0]!),
        )!;
        assert.equal(value === 'path', /<(file|folder|report)>$/.test(option.flags), option.flags);
      }
    }
    const takers = COMPLETED.filter(({ takesPaths }) => takesPaths).map(({ name }) => name);
    assert.deepEqual(takers, ['diff', 'render', 'map', 'inventory import']);
  });
});

describe('echosweep completion', () => {
  for (const shell of ['bash', 'zsh', 'fish', 'powershell']) {
    test(`names every option of every command for ${shell}`, async () => {
      const script = await scriptFor(shell);
      for (const { names } of COMPLETED.flatMap(({ options }) => options)) {
        for (const name of names) assert.ok(script.includes(wordIn(shell, name)), name);
      }
    });
  }

  test('refuses a shell that it does not know, and says which it knows', async () => {
    await assert.rejects(scriptFor('tcsh'), {
      code: 'OPTION_INVALID',
      message: /"tcsh": use bash, zsh, fish or powershell$/,
    });
  });
});

test('words are quoted as each shell reads them', () => {
  assert.equal(bourneQuoted("it's \\"), "'it'\\''s \\'");
  assert.equal(fishQuoted("it's \\"), "'it\\'s \\\\'");
  assert.equal(powershellQuoted("it's $x"), "'it''s $x'");
});

function named(name: string): CompletedCommand {
  return COMPLETED.find((command) => command.name === name)!;
}

async function scriptFor(shell: string): Promise<string> {
  const stdout = new KeptStream();
  await completionCommand(COMMANDS).run([shell], fakeSurroundings({ stdout }));
  return stdout.text;
}

/** How a script writes an option. */
function wordIn(shell: string, name: string): string {
  if (shell !== 'fish') return name;
  return name.startsWith('--') ? ` -l ${name.slice(2)}` : ` -s ${name.slice(1)}`;
}
