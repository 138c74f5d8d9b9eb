/** The launchd job of the examples is a property list that launchd takes, and sweeps only this host. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import sax from 'sax';
import { textOf } from './markdown.ts';

const PATH = 'examples/launchd/com.example.echosweep.plist';
/** Keys of launchd.plist(5) and the elements of their values. */
const KEYS: Readonly<Record<string, string>> = {
  Label: 'string',
  ProgramArguments: 'array',
  StartInterval: 'integer',
  UserName: 'string',
  WorkingDirectory: 'string',
  StandardErrorPath: 'string',
  ProcessType: 'string',
};

interface Element {
  readonly name: string;
  readonly children: Element[];
  text: string;
}

function parsed(xml: string): Element {
  const root: Element = { name: '', children: [], text: '' };
  const open = [root];
  const parser = sax.parser(true);
  parser.onerror = (error) => {
    throw error;
  };
  parser.onopentag = ({ name }) => {
    const element = { name, children: [], text: '' };
    open.at(-1)!.children.push(element);
    open.push(element);
  };
  parser.onclosetag = () => {
    open.pop();
  };
  parser.ontext = (text) => {
    open.at(-1)!.text += text;
  };
  parser.write(xml).close();
  return root.children[0]!;
}

test('it has the keys of a job with values of their kinds', () => {
  const plist = parsed(textOf(PATH));
  assert.equal(plist.name, 'plist');
  const entries = plist.children[0]!.children;
  const pairs = entries.flatMap((key, at) =>
    at % 2 === 0 ? [[key.text, entries[at + 1]!.name]] : [],
  );
  assert.deepEqual(Object.fromEntries(pairs), KEYS);
  const words = entries[3]!.children.map(({ text }) => text);
  assert.deepEqual(words.slice(1, 3), ['/usr/local/bin/echosweep', '127.0.0.1']);
});
