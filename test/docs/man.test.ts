/** The manual pages say what the tables say, and groff and man show them without complaint. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { COMMAND_OPTIONS } from '../../src/cli/command-options.ts';
import { allSubcommands } from '../../src/cli/commands-doc.ts';
import { FPING_OPTIONS } from '../../src/cli/fping/options.ts';
import { manPages } from '../../src/cli/man/man-pages.ts';
import { prose } from '../../src/cli/man/roff.ts';
import { allOptionsOf } from '../../src/cli/subcommand.ts';
import { offFlagOf } from '../../src/option-spec.ts';
import { ROOT } from '../root.ts';

const MAN = join(ROOT, 'man');
const PAGES = await manPages();
const NO_GROFF = spawnSync('groff', ['--version']).error
  ? 'no groff here: apt-get install groff-base'
  : false;
const NO_MAN = spawnSync('man', ['--version']).error
  ? 'no man here: apt-get install man-db'
  : false;

test('man/ is as the tables make it; else run `npm run docs`', () => {
  assert.deepEqual(readdirSync(MAN).sort(), [...PAGES.keys()].sort());
  for (const [name, text] of PAGES) {
    assert.equal(readFileSync(join(MAN, name), 'utf8'), text, name);
  }
});

test('npm installs every page: those that package.json lists; else run `npm run docs`', () => {
  const { man } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  assert.deepEqual(
    man,
    [...PAGES.keys()].sort().map((name) => `./man/${name}`),
  );
});

test('every command has a page, with all of its options', async () => {
  const commands = (await allSubcommands()).map((table) => ({
    name: table.name,
    options: allOptionsOf(table),
  }));
  for (const { name, options } of [{ name: '', options: COMMAND_OPTIONS }, ...commands]) {
    const page = plain(PAGES.get(`${`echosweep ${name}`.trim().replaceAll(' ', '-')}.1`)!);
    for (const option of options) {
      const off = offFlagOf(option);
      for (const { flags, help } of off === undefined ? [option] : [option, off]) {
        assert.ok(page.includes(`\n${flags.replaceAll(/[<>]/g, '')}\n${help}`), `${name} ${flags}`);
      }
    }
  }
});

test('the page of fping has the options of fping, and no others', () => {
  const terms = plain(PAGES.get('echosweep-fping.1')!).match(/(?<=\.TP\n)-\S/g)!;
  assert.deepEqual(
    terms,
    FPING_OPTIONS.map(({ letter }) => `-${letter}`),
  );
});

test('only headings are headings', () => {
  for (const [name, text] of PAGES) {
    for (const [heading] of text.matchAll(/^\.SH .*$/gm))
      assert.match(heading, /^\.SH [A-Z ]{4,20}$/, name);
  }
});

test('groff has nothing to say about any page', { skip: NO_GROFF }, () => {
  const files = [...PAGES.keys()].map((name) => join(MAN, name));
  const done = spawnSync('groff', ['-man', '-Tutf8', '-ww', '-rLL=78n', ...files]);
  assert.deepEqual([done.status, String(done.stderr)], [0, '']);
});

test('man shows the options, their values and the examples', { skip: NO_MAN }, () => {
  const env = { ...process.env, MANWIDTH: '80', LC_ALL: 'C.UTF-8' };
  const done = spawnSync('man', ['-l', join(MAN, 'echosweep.1')], { env });
  const shown = String(done.stdout);
  assert.deepEqual([done.status, String(done.stderr)], [0, '']);
  assert.match(shown, /^ECHOSWEEP\(1\) +Manual of echosweep +ECHOSWEEP\(1\)$/m);
  assert.match(shown, /^ +-t, --timeout ms\n +How long to wait .* \(1 to 600000;/m);
  assert.match(shown, /^ +echosweep 192\.168\.1\.0\/24 -o report\.csv$/m);
});

test('text that roff would take for a request or a glyph stays text', () => {
  assert.equal(prose(".so x\n'a \\n 2^20 ~/x"), "\\&.so x\n\\&'a \\en 2\\(ha20 \\(ti/x");
});

/** The source without its escapes and fonts. */
function plain(roff: string): string {
  const glyphs: Readonly<Record<string, string>> = {
    '\\e': '\\',
    '\\-': '-',
    '\\(ha': '^',
    '\\(ti': '~',
    '\\(ga': '`',
    '\\&': '',
  };
  return roff
    .replaceAll(/\\f[BIR]/g, '')
    .replaceAll(/\\(?:[e&-]|\((?:ha|ti|ga))/g, (glyph) => glyphs[glyph]!);
}
