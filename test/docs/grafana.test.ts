/** The dashboard and the alert rules in examples/ held to the metrics that the code serves. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parse } from 'yaml';
import { CHANGE_KINDS, HOST_STATES } from '../../src/inventory/host-memory.ts';
import { HOST_METRICS, hostMetricsText } from '../../src/inventory/host-metrics.ts';
import { METRICS, metricsText } from '../../src/inventory/metrics.ts';
import { SITE_METRICS } from '../../src/inventory/site-metrics.ts';
import { hourOf, upAt, withStore, writeOffice } from '../unit/inventory/samples.ts';
import { textOf } from './markdown.ts';

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: {
    readonly x: number;
    readonly y: number;
    readonly w: number;
    readonly h: number;
  };
  readonly datasource?: { readonly uid: string };
  readonly targets?: readonly { readonly refId: string; readonly expr: string }[];
  readonly fieldConfig?: { readonly defaults: { readonly unit?: string } };
}

interface Dashboard {
  readonly title: string;
  readonly uid: string;
  readonly schemaVersion: number;
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { name: string; definition?: string }[] };
}

const DASHBOARD = JSON.parse(textOf('examples/grafana/echosweep.json')) as Dashboard;
const PANELS = DASHBOARD.panels.filter(({ type }) => type !== 'row');
const QUERIES = [
  ...PANELS.flatMap(({ targets }) => targets!.map(({ expr }) => expr)),
  ...DASHBOARD.templating.list.flatMap(({ definition }) => definition ?? []),
];
const RULES_FILE = parse(textOf('examples/inventory/echosweep-rules.yaml')) as {
  readonly groups: readonly { readonly rules: readonly { alert: string; expr: string }[] }[];
};
const ALERTS = RULES_FILE.groups.flatMap(({ rules }) => rules.map(({ expr }) => expr));
const NAMES = new Set([...METRICS, ...HOST_METRICS, ...SITE_METRICS].map(({ name }) => name));

const metricsIn = (query: string): string[] => query.match(/\bechosweep_\w+/g) ?? [];

/** Every label that a metric has in what is served, by the metric's name. */
async function servedLabels(): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const text = await withStore((store) => {
    writeOffice(store, 0, []);
    const hosts = [upAt('192.0.2.1', 1)];
    writeOffice(store, 1, hosts);
    const networks = [{ name: 'office', schedule: { cron: '0 * * * *', timeZone: 'UTC' } }];
    const config = { hosts: ['192.0.2.0/24'], tags: [], limit: 1 };
    return metricsText(store, networks, hourOf(2)) + hostMetricsText(store, networks, config);
  });
  const labels = new Map<string, Set<string>>();
  for (const [, name, list = ''] of text.matchAll(/^(echosweep_\w+)(?:\{(.*)\})? /gm)) {
    labels.set(name!, new Set([...list.matchAll(/(\w+)="/g)].map(([, label]) => label!)));
  }
  return labels;
}

describe('the dashboard', () => {
  test('queries every panel from metrics that there are, by labels that they have', async () => {
    const served = await servedLabels();
    for (const query of [...QUERIES, ...ALERTS]) {
      assert.ok(metricsIn(query).length > 0, query);
      for (const name of metricsIn(query)) assert.ok(NAMES.has(name), `${name} in ${query}`);
      for (const [, name, selector] of query.matchAll(/(echosweep_\w+)\{([^}]*)\}/g)) {
        for (const [, label] of selector!.matchAll(/(\w+)\s*=~?/g)) {
          assert.ok(served.get(name!)!.has(label!), `${label} of ${name}`);
        }
      }
    }
  });

  test('shows every metric but those that say little over time', () => {
    const shown = new Set(QUERIES.flatMap(metricsIn));
    const left = [...NAMES].filter((name) => !shown.has(name));
    assert.deepEqual(left, ['echosweep_scans', 'echosweep_host_metrics_limit']);
  });

  test('selects states and kinds of change that there are', () => {
    const words: readonly string[] = [...HOST_STATES, ...CHANGE_KINDS];
    for (const query of QUERIES) {
      for (const [, list] of query.matchAll(/\b(?:state|change)=~?"([^"]*)"/g)) {
        for (const word of list!.split('|')) assert.ok(words.includes(word), word);
      }
    }
  });

  test('has balanced queries, which know every variable', () => {
    const variables = DASHBOARD.templating.list.map(({ name }) => name);
    for (const query of QUERIES) {
      for (const [open, close] of ['()', '{}', '[]']) {
        assert.equal(query.split(open!).length, query.split(close!).length, query);
      }
      for (const [, name] of query.matchAll(/\$(\w+)/g)) assert.ok(variables.includes(name!), name);
    }
  });

  test('has a place of its own for every panel, with a title and the chosen data source', () => {
    const { panels } = DASHBOARD;
    assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
    const cells = new Set<string>();
    for (const { title, gridPos } of panels) {
      const { x, y, w, h } = gridPos;
      assert.ok(x >= 0 && w > 0 && x + w <= 24 && h > 0, title);
      for (let column = x; column < x + w; column++) {
        for (let line = y; line < y + h; line++) {
          const cell = `${column} ${line}`;
          assert.ok(!cells.has(cell), `${title} overlaps another`);
          cells.add(cell);
        }
      }
    }
    for (const { title, type, datasource, targets, fieldConfig } of PANELS) {
      assert.ok(title !== '' && ['stat', 'table', 'timeseries', 'state-timeline'].includes(type));
      assert.match(datasource!.uid, /^\$\{datasource\}$/);
      const references = targets!.map(({ refId }) => refId);
      assert.equal(new Set(references).size, references.length, title);
      const isOfSeconds = targets!.every(
        ({ expr }) => /_seconds\b/.test(expr) && !/^count/.test(expr),
      );
      if (isOfSeconds && type !== 'table') assert.equal(fieldConfig!.defaults.unit, 's', title);
    }
  });
});
