/** Every option that a document or an example names is one that the command has. */

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { ABOUT, COMMAND_OPTIONS } from '../../src/cli/command-options.ts';
import { allSubcommands } from '../../src/cli/commands-doc.ts';
import { FPING_OPTIONS } from '../../src/cli/fping/options.ts';
import { offFlagOf } from '../../src/option-spec.ts';
import { ROOT } from '../root.ts';
import { codeSpansOf, documents, fencesOf, textOf } from './markdown.ts';

const FLAG = /(?<![\w-])--?[a-z][a-z0-9-]*/gi;
const SUBCOMMANDS = await allSubcommands();
const ALL = [...COMMAND_OPTIONS, ...ABOUT, ...SUBCOMMANDS.flatMap(({ options }) => options)];
const FLAGS = ALL.flatMap((option) => [option.flags, offFlagOf(option)?.flags ?? '']);
const KNOWN = new Set(FLAGS.flatMap((flags) => flags.match(FLAG) ?? []));
/** The page about the one command with options of another program. */
const FPING_PAGE = 'docs/integrations/fping.md';
const KNOWN_THERE = new Set([
  ...KNOWN,
  ...FPING_OPTIONS.flatMap(({ letter, name }) => [`-${letter}`, `--${name}`]),
]);
/** The command, called by its name, through npm or as the built file, with its arguments up to the end of the command. */
const CALL = /(?:\bechosweep|\bnpm start(?: -s)? --|\/main\.js)((?: [^|;&\n]*)?)/g;

describe('options', () => {
  for (const path of [...documents(), ...configs()]) {
    test(`named in ${path} are options of the command`, () => {
      const text = textOf(path);
      const code = path.endsWith('.md')
        ? [...fencesOf(text).map((fence) => fence.code), ...codeSpansOf(text)]
        : [text.replaceAll(/^#.*$/gm, '')];
      const known = path === FPING_PAGE ? KNOWN_THERE : KNOWN;
      const unknown = code.flatMap(flagsOf).filter((flag) => !known.has(flag));
      assert.deepEqual(unknown, []);
    });
  }

  test('are found where a command is called, and not in what other commands are given', () => {
    assert.deepEqual(flagsOf('echosweep 127.0.0.1 -c 3 --rate max | sort -k3'), ['-c', '--rate']);
    assert.deepEqual(flagsOf('npm start -s -- 127.0.0.1 -q'), ['-q']);
    assert.deepEqual(flagsOf('npm install -g ./echosweep-*.tgz'), []);
    assert.deepEqual(flagsOf('--only down,error'), ['--only']);
  });
});

/** A piece of code that begins with a flag is about our options. */
function flagsOf(code: string): string[] {
  const calls = [...code.matchAll(CALL)].map(([, args]) => args!);
  if (code.startsWith('-')) calls.push(code);
  return calls.flatMap((args) => args.match(FLAG) ?? []);
}

/** Scripts, crontabs and units. */
function configs(): string[] {
  return readdirSync(join(ROOT, 'examples'), { recursive: true, encoding: 'utf8' })
    .filter((path) => /[.](sh|service)$|\/crontab$/.test(path))
    .map((path) => join('examples', path));
}
