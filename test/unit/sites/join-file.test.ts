import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import {
  type JoinFile,
  joinFileText,
  readAgentName,
  readJoinFile,
} from '../../../src/sites/join-file.ts';
import { newKeyPair } from '../../../src/sites/nats/keys.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'echosweep-test-'));
after(() => rmSync(FOLDER, { recursive: true }));
const PATH = join(FOLDER, 'a1.join');

const FILE: JoinFile = {
  site: 'berlin',
  agent: 'a1',
  urls: ['tls://hub.example:4222', 'tls://[2001:db8::1]:4222'],
  ca: '-----BEGIN CERTIFICATE-----\n',
  seed: newKeyPair().seed,
};

test('a join file is read as it was written', () => {
  writeFileSync(PATH, joinFileText(FILE));
  assert.deepEqual(readJoinFile(PATH), FILE);
});

const WRONG: readonly (readonly [what: string, text: string, message: RegExp])[] = [
  ['half of one', joinFileText(FILE).slice(0, 200), /is not whole/],
  ['a list', '[]', /is incomplete/],
  ['a later version', joinFileText(FILE).replace('"v": 1', '"v": 2'), /has version 2/],
  ['another site', joinFileText({ ...FILE, site: 'a.b' }), /does not name a site/],
  ['an agent that is a wildcard', joinFileText({ ...FILE, agent: '*' }), /does not name a site/],
  ['no address', joinFileText({ ...FILE, urls: [] }), /has no address/],
  ['a web address', joinFileText({ ...FILE, urls: ['https://hub.example'] }), /has no address/],
  [
    'the public half of a key',
    joinFileText({ ...FILE, seed: newKeyPair().publicKey }),
    /has no key/,
  ],
];
for (const [what, text, message] of WRONG) {
  test(`${what} is refused as a join file, with what to do`, () => {
    writeFileSync(PATH, text);
    assert.throws(() => readJoinFile(PATH), { code: 'CONFIG_INVALID', message });
  });
}

test('a join file that is not there is refused', () => {
  assert.throws(() => readJoinFile(join(FOLDER, 'none')), { code: 'CONFIG_INVALID' });
});

test('a site and an agent are two names', () => {
  assert.deepEqual(readAgentName('berlin/a1'), { site: 'berlin', agent: 'a1' });
  for (const text of [
    'berlin',
    'berlin/',
    '/a1',
    'berlin/a1/x',
    'Berlin/a1',
    'berlin/a.1',
    'b/>',
  ]) {
    assert.throws(() => readAgentName(text), { code: 'OPTION_INVALID' }, text);
  }
});
