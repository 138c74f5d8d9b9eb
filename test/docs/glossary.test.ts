/** The documentation and the sources' comments and strings held to the glossary and to plain English. */

import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { extname, join } from 'node:path';
import { describe, test } from 'node:test';
import { ROOT } from '../root.ts';
import { documents, tableOf, textOf } from './markdown.ts';
import {
  findingsIn,
  hashCommentsOf,
  proseOf,
  RULES,
  ruleAgainst,
  wordsOfCode,
} from './plain-english.ts';

/** Folders of TypeScript whose comments and strings are checked. */
const SOURCES: readonly string[] = ['src', 'workers', 'scripts'];

const PAGE = 'docs/glossary.md';
const TERMS = tableOf(textOf(PAGE), 'Term').map(([term, meaning, others]) => ({
  term: term!,
  meaning: meaning!,
  others: others === '' ? [] : others!.split(', '),
}));
const ALL_RULES = [
  ...RULES,
  ...TERMS.flatMap(({ term, others }) => others.map((words) => ruleAgainst(words, term))),
];

describe('the glossary', () => {
  test('has its terms in alphabetical order, each once', () => {
    const terms = TERMS.map(({ term }) => term);
    assert.ok(terms.length > 40);
    assert.deepEqual(terms, [...new Set(terms)].sort(byLetters));
  });

  test('explains each term in one sentence', () => {
    for (const { term, meaning } of TERMS) {
      assert.match(meaning, /^(?:[A-Z]|`)[^.]*(?:[.]\w[^.]*)*[.]$/, term);
    }
  });

  test('does not forbid a term', () => {
    const terms = new Set(TERMS.map(({ term }) => term));
    assert.deepEqual(
      TERMS.flatMap(({ others }) => others).filter((words) => terms.has(words)),
      [],
    );
  });
});

describe('plain English', () => {
  for (const path of [...documents(), 'test/lab/simulator/README.md']) {
    if (path === PAGE) continue;
    test(`in ${path}`, () => assertPlain(path, proseOf(textOf(path))));
  }

  for (const path of filesUnder('examples')) {
    if (/\.(md|csv)$/.test(path)) continue;
    test(`in the comments of ${path}`, () => {
      const text = textOf(path);
      assertPlain(path, extname(path) === '.mjs' ? wordsOfCode(text) : hashCommentsOf(text));
    });
  }

  for (const path of SOURCES.flatMap(filesUnder)) {
    if (!/\.(ts|mjs)$/.test(path)) continue;
    test(`in ${path}`, () => assertPlain(path, wordsOfCode(textOf(path))));
  }
});

describe('the check itself', () => {
  const linesOf = (text: string): number[] => findingsIn(text, ALL_RULES).map(({ line }) => line);

  test('finds a phrase with its line, also across a line end', () => {
    assert.deepEqual(linesOf('Hosts on the local network.\nA host on its own\nlink.'), [2]);
    assert.deepEqual(linesOf('Where it fails, this is no error.'), [1, 1]);
  });

  test('leaves code out of Markdown, and all but comments and strings out of code', () => {
    assert.deepEqual(linesOf(proseOf('`inventory tell`\n```sh\ntell anew\n```\nanew')), [5]);
    const code = "const told = 1;\n// told\nconst text = 'as told';\nfunction anew() {}";
    assert.deepEqual(linesOf(wordsOfCode(code)), [2, 3]);
    const names = "import { x } from './told.ts';\nrow['told'];\nrun(`SELECT told FROM hosts`);";
    assert.deepEqual(linesOf(wordsOfCode(names)), []);
    assert.deepEqual(linesOf(hashCommentsOf('anew=1 # anew\nanew')), [1]);
  });

  test('allows the same words with another sense', () => {
    assert.deepEqual(
      linesOf('There is no report. It is no longer up. %Y stands for the year.'),
      [],
    );
  });
});

function assertPlain(path: string, words: string): void {
  const findings = findingsIn(words, ALL_RULES).map(
    ({ line, found, instead }) => `${path}:${line}: "${found}": ${instead}`,
  );
  assert.deepEqual(findings, []);
}

function filesUnder(path: string): string[] {
  if (!existsSync(join(ROOT, path))) throw new Error(`there is no ${path}`);
  if (extname(path) !== '') return [path];
  return readdirSync(join(ROOT, path), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(ROOT.length))
    .sort();
}

function byLetters(a: string, b: string): number {
  return a.localeCompare(b, 'en');
}
