/** Code that is loaded with what V8 compiled of it earlier: the same as by `require`, whatever became of what was kept. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { after, beforeEach, describe, test } from 'node:test';
import { requireKept } from '../../../src/cli/kept-code.ts';
import { assertPrivate, NO_MODES } from '../file-mode.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'echosweep-test-'));
const FILE = join(FOLDER, 'code.cjs');
const KEPT = join(FOLDER, 'kept');
const load = createRequire(import.meta.url);

/** A module that is a script as well, as the command's bundle is. */
const fileOf = (code: string): string =>
  `(this === globalThis ? (run) => run : (run) => run(exports, require, module, __filename, __dirname))(
function (exports, require, module, __filename, __dirname) {${code}\n})\n`;

/** Text with the answer, always as long. */
const codeOf = (answer: number): string =>
  fileOf(`module.exports = { answer: () => ${answer}, word: 'dirección 漢', file: __filename, folder: __dirname,
  path: () => require('node:path'), where: () => new Error().stack };`);

interface Loaded {
  answer(): number;
  word: string;
  file: string;
  folder: string;
  path(): unknown;
  where(): string;
}

/** @returns whether it came from what was kept, and what it exports */
function loaded(file = FILE, folder = KEPT): [boolean, Loaded] {
  delete load.cache[file];
  const isKept = requireKept(file, folder);
  return [isKept, load(file) as Loaded];
}

/** What another process says of the same. */
function loadedElsewhere(...options: string[]): string {
  const ours = import.meta
    .resolve('../../../src/cli/kept-code.ts')
    .replace(/[.]ts$/, import.meta.filename.slice(-3));
  // CommonJS, where `module` and the like are global.
  const script = `import(${JSON.stringify(ours)}).then(({ requireKept }) => {
    const isKept = requireKept(${JSON.stringify(FILE)}, ${JSON.stringify(KEPT)});
    const { answer } = require(${JSON.stringify(FILE)});
    process.stdout.write(isKept + ' ' + answer());
  });`;
  return execFileSync(process.execPath, [...options, '-e', script], { encoding: 'utf8' });
}

const keptFiles = (): string[] => readdirSync(KEPT).map((name) => join(KEPT, name));

beforeEach(() => {
  rmSync(KEPT, { recursive: true, force: true });
  writeFileSync(FILE, codeOf(10));
});

after(() => rmSync(FOLDER, { recursive: true, force: true }));

describe('code that is kept', () => {
  test('is compiled once, and is a module like any other each time', () => {
    for (const wasKept of [false, true, true]) {
      const [isKept, code] = loaded();
      assert.equal(isKept, wasKept);
      assert.equal(code.answer(), 10);
      assert.equal(code.word, 'dirección 漢');
      assert.deepEqual([code.file, code.folder], [FILE, FOLDER]);
      assert.equal(code.path(), load('node:path'));
      const column = codeOf(10).split('\n')[2]!.indexOf('new Error') + 1;
      assert.ok(code.where().includes(`${FILE}:3:${column}`), code.where());
    }
    const [file, ...others] = keptFiles();
    assert.deepEqual(others, []);
    // Where V8 need not copy it.
    assert.equal((readFileSync(file!).indexOf('\n') + 1) % 8, 0);
  });

  test('is compiled again once the file has changed, even if it is as long as before', () => {
    loaded();
    const { ctimeMs } = statSync(FILE);
    while (statSync(FILE).ctimeMs === ctimeMs) writeFileSync(FILE, codeOf(11));
    const [isKept, code] = loaded();
    assert.equal(isKept, false);
    assert.equal(code.answer(), 11);
    assert.equal(loaded()[0], true);
  });

  test('is loaded all the same if what is kept is damaged or cut, and kept again', () => {
    // In other processes: V8 remembers in each what it has compiled there.
    assert.equal(loadedElsewhere(), 'false 10');
    assert.equal(loadedElsewhere(), 'true 10');
    const [file] = keptFiles();
    const whole = readFileSync(file!);
    const head = whole.indexOf('\n') + 1;
    const damaged = [0, head, head + 16, (head + whole.length) >> 1, whole.length - 1].map((at) => {
      const content = Buffer.from(whole);
      content[at]! ^= 0xff;
      return content;
    });
    const cut = [whole.length - 1, head + 10, head, head - 1, 0].map((octets) =>
      whole.subarray(0, octets),
    );
    for (const content of [...damaged, ...cut]) {
      writeFileSync(file!, content);
      assert.equal(loadedElsewhere(), 'false 10');
    }
    assert.equal(loadedElsewhere(), 'true 10');
  });

  test('is compiled again for other options of V8', () => {
    loadedElsewhere();
    assert.equal(loadedElsewhere('--no-opt'), 'false 10');
    assert.equal(loadedElsewhere('--no-opt'), 'true 10');
    assert.equal(loadedElsewhere(), 'false 10');
  });

  test('is readable by its user alone, and leaves nothing else', { skip: NO_MODES }, () => {
    loaded();
    assert.equal(keptFiles().length, 1);
    for (const path of [KEPT, ...keptFiles()]) assertPrivate(path);
  });

  test('is that of the four latest installations, and of no killed start', () => {
    ['a', 'b', 'c', 'd', 'e', 'f'].forEach((name, i) => {
      const file = join(FOLDER, `${name}.cjs`);
      writeFileSync(file, codeOf(12));
      loaded(file);
      for (const kept of keptFiles())
        if (kept.startsWith(join(KEPT, name))) utimesSync(kept, 1000 + i, 1000 + i);
    });
    writeFileSync(join(KEPT, 'old.kept.0123'), '');
    writeFileSync(join(KEPT, 'new.kept.0123'), '');
    utimesSync(join(KEPT, 'old.kept.0123'), 1000, 1000);
    loaded();
    const names = keptFiles().map((file) => file.slice(KEPT.length + 1).split('.')[0]);
    assert.deepEqual(names.sort(), ['code', 'd', 'e', 'f', 'new']);
  });

  test('is not kept where that is impossible', () => {
    const file = join(FOLDER, 'a-file');
    writeFileSync(file, '');
    for (const folder of [file, join(file, 'below')]) {
      const [isKept, code] = loaded(FILE, folder);
      assert.equal(isKept, false);
      assert.equal(code.answer(), 10);
    }
  });

  test('throws what its file throws', () => {
    writeFileSync(FILE, fileOf('module.exports = (;'));
    assert.throws(() => loaded(), SyntaxError);
    writeFileSync(FILE, fileOf("throw new Error('from the file');"));
    assert.throws(() => loaded(), /from the file/);
    assert.deepEqual(
      keptFiles().filter((each) => !each.endsWith('.kept')),
      [],
    );
  });
});
