/** The files that are kept current with an inventory. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseConfig } from '../../../src/inventory/config/config-file.ts';
import { writeScanFiles } from '../../../src/inventory/scan-files.ts';
import { writeScan } from '../../../src/inventory/scan-writer.ts';
import type { Store } from '../../../src/inventory/store.ts';
import {
  RULES,
  recordOf,
  silentAt,
  temporaryFolder,
  upAt,
  withStore,
  writeOffice,
} from './samples.ts';

const FOLDER = temporaryFolder();

/** Writes the files of a configuration. @returns problems */
function write(exports: string, store: Store): Promise<string[]> {
  const config = `metrics-file: m.prom
export-files: ${exports}
networks:
  office: { targets: 192.0.2.0/24, site: Berlin, tags: [lan] }
  again: { targets: 192.0.2.1 }
`;
  return writeScanFiles(parseConfig(config, 'x.yaml'), (path) => join(FOLDER, path), store);
}

function text(name: string): string {
  return readFileSync(join(FOLDER, name), 'utf8');
}

/** Three scans, after which .1 is up, .2 missing, and .3 gone; .4 never answered. */
function scanOffice(store: Store): void {
  const scans = [
    [upAt('192.0.2.2', 0), upAt('192.0.2.3', 0)],
    [upAt('192.0.2.2', 1), silentAt('192.0.2.3', 1)],
    [silentAt('192.0.2.2', 2), silentAt('192.0.2.3', 2)],
  ];
  scans.forEach((others, n) => {
    const hosts = [upAt('192.0.2.1', n), ...others, silentAt('192.0.2.4', n)];
    writeOffice(store, n, hosts);
  });
  const hosts = [upAt('192.0.2.1', 0)];
  writeScan(store, { network: 'again', record: recordOf(0), hosts, rules: RULES });
}

test('a list for another program has the hosts that are up or missing, each address once', () =>
  withStore(async (store) => {
    scanOffice(store);
    assert.deepEqual(await write('[t.sd.json, all.csv]', store), []);
    const groups = JSON.parse(text('t.sd.json')) as { targets: string[]; labels: object }[];
    assert.deepEqual(
      groups.map(({ targets }) => targets.join()),
      ['192.0.2.1', '192.0.2.2'],
    );
    assert.deepEqual(groups[1]!.labels, {
      __meta_echosweep_state: 'missing',
      network: 'office',
      site: 'Berlin',
      tags: 'lan',
    });
    const addresses = text('all.csv')
      .split('\n')
      .slice(1, -1)
      .map((line) => line.split(',')[0]);
    assert.deepEqual(addresses, ['192.0.2.1', '192.0.2.1', '192.0.2.2', '192.0.2.3']);
    assert.match(text('m.prom'), /echosweep_hosts\{network="office",state="up"\} 1\n/);
  }));

test('one that cannot be written does not cost the others', () =>
  withStore(async (store) => {
    scanOffice(store);
    const problems = await write('[no/such/t.sd.json, t.lld.json]', store);
    assert.equal(problems.length, 1);
    assert.match(problems[0]!, /^cannot write the report to .*no[/\\]such[/\\]t\.sd\.json/);
    assert.match(text('t.lld.json'), /"\{#IP\}":"192\.0\.2\.2"/);
  }));
