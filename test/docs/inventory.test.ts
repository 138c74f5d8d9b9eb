/** docs/inventory.md held to the configuration that the code takes. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configJsonSchema } from '../../src/inventory/config/config.ts';
import { parseConfig } from '../../src/inventory/config/config-file.ts';
import { HOST_STATES } from '../../src/inventory/host-memory.ts';
import { HOST_METRICS } from '../../src/inventory/host-metrics.ts';
import { KNOWN_STATES } from '../../src/inventory/known-hosts-join.ts';
import { METRICS } from '../../src/inventory/metrics.ts';
import { SITE_METRICS } from '../../src/inventory/site-metrics.ts';
import { codeIn, codeSpansOf, fencesOf, tableOf, textOf } from './markdown.ts';

const PAGE = textOf('docs/inventory.md');

interface Schema {
  readonly properties: Readonly<Record<string, Schema>>;
  readonly additionalProperties: Schema;
}

test('every field of a configuration is in the table, and no other', () => {
  const schema = configJsonSchema() as unknown as Schema;
  const network = schema.properties['networks']!.additionalProperties;
  const fields = new Set([...Object.keys(schema.properties), ...Object.keys(network.properties)]);
  const told = tableOf(PAGE, 'Field').flatMap(([names]) => names!.split(', ').map(codeIn));
  assert.deepEqual(told.sort(), [...fields].sort());
});

test('every example of a configuration is right', () => {
  const examples = fencesOf(PAGE).filter(({ info }) => info === 'yaml');
  assert.ok(examples.length >= 2);
  for (const { code } of examples) {
    const whole = code.includes('networks:')
      ? code
      : `${code}networks: { a: { targets: 192.0.2.1 } }\n`;
    parseConfig(whole, 'docs/inventory.md');
  }
  parseConfig(textOf('examples/inventory/echosweep.yaml'), 'example');
});

test('every state is explained', () => {
  assert.deepEqual(
    tableOf(PAGE, 'State')
      .map(([state]) => codeIn(state!))
      .sort(),
    [...HOST_STATES].sort(),
  );
  const spans = codeSpansOf(PAGE);
  for (const state of KNOWN_STATES) assert.ok(spans.includes(state), state);
});

test('every metric is explained in its own words', () => {
  assert.deepEqual(
    tableOf(PAGE, 'Metric'),
    METRICS.map(({ name, help }) => [`\`${name}\``, help]),
  );
  assert.deepEqual(
    tableOf(PAGE, 'Site metric'),
    SITE_METRICS.map(({ name, help }) => [`\`${name}\``, help]),
  );
  assert.deepEqual(
    tableOf(PAGE, 'Host metric'),
    HOST_METRICS.map(({ name, help }) => [`\`${name}\``, help]),
  );
});
