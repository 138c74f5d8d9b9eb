/** The hosts of a configuration that have metrics of their own. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configOf, NETWORKS } from './config-texts.ts';

test('hosts with metrics of their own are named, and have a limit', () => {
  const metrics = (fields: string) =>
    configOf(`host-metrics: { ${fields} }\n${NETWORKS}`).hostMetrics;
  assert.deepEqual(metrics('hosts: core-*'), { hosts: ['core-*'], tags: [], limit: 200 });
  assert.deepEqual(metrics('tags: [a, b], limit: 5'), { hosts: [], tags: ['a', 'b'], limit: 5 });
  assert.throws(() => metrics('limit: 5'), /host-metrics names no hosts: add hosts or tags/);
});
