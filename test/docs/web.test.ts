/** docs/web.md held to the configuration that the code takes, and to the server. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configJsonSchema } from '../../src/inventory/config/config.ts';
import { parseConfig } from '../../src/inventory/config/config-file.ts';
import { codeIn, fencesOf, tableOf, textOf } from './markdown.ts';

const PAGE = textOf('docs/web.md');

interface Schema {
  readonly properties: Readonly<Record<string, Schema>>;
}

test('every field of the web interface is in the table, and no other', () => {
  const { properties } = (configJsonSchema() as unknown as Schema).properties['web']!;
  const told = tableOf(PAGE, 'Field').map(([name]) => codeIn(name!));
  assert.deepEqual(told.sort(), Object.keys(properties).sort());
});

test('every example of a configuration is right', () => {
  const examples = fencesOf(PAGE).filter(({ code }) => code.startsWith('web:'));
  assert.equal(examples.length, 3);
  for (const { code } of examples) {
    parseConfig(`${code}networks: { a: { targets: 192.0.2.1 } }\n`, 'docs/web.md');
  }
});

test('every attack of the table is tried by the test that it names', () => {
  const attacks = tableOf(PAGE, 'Attack');
  assert.ok(attacks.length > 10);
  for (const [attack, , test] of attacks) {
    const [, name, file] = /^\[(.*)\]\(\.\.\/(test\/.*)\)$/.exec(test!)!;
    assert.ok(textOf(file!).includes(name!), attack);
  }
});
