/** What bash, zsh and fish complete with the scripts of `echosweep completion`, typed into a real terminal. */

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { modulePath } from '../root.ts';
import { NO_TMUX, Terminal } from './tmux.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'echosweep-test-'));
const MAIN = modulePath('src/cli/main.ts');

interface Shell {
  readonly name: string;
  readonly args: readonly string[];
  readonly label?: string;
  /** Run before the script is sourced. */
  readonly setup: string;
}

const SHELLS: readonly Shell[] = [
  { name: 'bash', args: ['--norc', '--noprofile'], setup: 'PS1="ready> "' },
  {
    name: 'bash',
    label: 'bash 3.2, which has no compopt,',
    args: ['--norc', '--noprofile'],
    setup: 'PS1="ready> "; enable -n compopt',
  },
  { name: 'zsh', args: ['-f'], setup: 'PS1="ready> "; autoload -U compinit; compinit -D -u' },
  {
    name: 'fish',
    args: ['--no-config'],
    setup: 'function fish_prompt; echo "ready> "; end; set fish_autosuggestion_enabled 0',
  },
];

/** What is typed before the Tab key, and the line that it makes. */
const COMPLETED: readonly (readonly [typed: string, line: string])[] = [
  ['doc', 'doctor'],
  ['inventory stat', 'inventory status'],
  ['help inventory cha', 'help inventory changes'],
  ['192.0.2.0/24 --dry', '192.0.2.0/24 --dry-run'],
  ['--engine sys', '--engine system'],
  ['--only up,unr', '--only up,unreachable'],
  ['diff --only mac', 'diff --only mac-changed'],
  ['-o sam', '-o sample-report.csv'],
  ['render sam', 'render sample-report.csv'],
  ['inventory hosts --config sam', 'inventory hosts --config sample-report.csv'],
  ['completion po', 'completion powershell'],
  // Unquoted, the shell would run what is in the name.
  ['render hos', String.raw`render hostile\\\$\\\(touch\\ x\\\).csv`],
];
/** Nothing fits, and no file is offered either. */
const NOT_COMPLETED = ['sam', 'doctor sam', '--count sam', '127.0.0.1 doc'];

describe('completion', { skip: NO_TMUX ?? false }, () => {
  before(() => {
    writeFileSync(join(FOLDER, 'sample-report.csv'), '');
    writeFileSync(join(FOLDER, 'hostile$(touch x).csv'), '');
  });
  after(() => rmSync(FOLDER, { recursive: true }));

  for (const shell of SHELLS) {
    const missing = spawnSync(shell.name, ['-c', 'true']).error;
    const skip =
      missing === undefined ? false : `no ${shell.name} here: apt-get install ${shell.name}`;

    const title = shell.label ?? shell.name;
    test(`${title} completes commands, options, values and files`, { skip }, async () => {
      const script = execFileSync(process.execPath, [MAIN, 'completion', shell.name]);
      const path = join(FOLDER, `script.${shell.name}`);
      writeFileSync(path, script);
      const terminal = new Terminal([shell.name, ...shell.args], {
        width: 100,
        height: 50,
        env: { TERM: 'screen', HOME: FOLDER },
      });
      try {
        terminal.type(
          `cd ${FOLDER}; ${shell.setup}; source ${path}; clear; echo sour''ced`,
          'Enter',
        );
        await terminal.screenWith(/^sourced$/);
        for (const [typed, line] of COMPLETED) {
          terminal.type('C-u', `echosweep ${typed}`, 'Tab');
          // zsh puts the next comma of a list, which a space would replace.
          await terminal.screenWith(new RegExp(`> echosweep ${line},?\\s*$`));
        }
        for (const typed of NOT_COMPLETED) {
          terminal.type('C-u');
          await terminal.screenWith(/^ready>\s*$/);
          // The last letter shows that the Tab key has had its effect.
          terminal.type(`echosweep ${typed}`, 'Tab', 'x');
          const screen = await terminal.screenWith(/> echosweep .*x\s*$/);
          assert.ok(
            screen.some((each) => each.endsWith(`echosweep ${typed}x`)),
            screen.join('\n'),
          );
        }
      } finally {
        terminal.close();
      }
    });
  }
});
