/** Metrics of single hosts: of those that are named, up to the limit. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { HOST_METRICS, hostMetricsText } from '../../../src/inventory/host-metrics.ts';
import { writeScan } from '../../../src/inventory/scan-writer.ts';
import type { Store } from '../../../src/inventory/store.ts';
import { hourOf, RULES, recordOf, silentAt, upAt, withStore, writeOffice } from './samples.ts';

const NETWORKS = [
  { name: 'office', tags: ['lan'] },
  { name: 'lab', tags: [] },
];

function fill(store: Store): void {
  const office = [
    upAt('192.0.2.1', 0, { hostname: 'core-1.example', mac: '00:00:5e:00:53:01', rttAvgMs: 2 }),
    upAt('192.0.2.2', 0),
    upAt('2001:db8::1', 0),
    silentAt('192.0.2.9', 0),
  ];
  const lab = [upAt('198.51.100.1', 0, { hostname: 'core-2 "x"\\' }), upAt('198.51.100.2', 0)];
  writeOffice(store, 0, office);
  writeScan(store, { network: 'lab', record: recordOf(0), hosts: lab, rules: RULES });
}

/** The addresses that have metrics, and how many hosts are left out. */
function measured(store: Store, hosts: string[], tags: string[] = [], limit = 100) {
  const text = hostMetricsText(store, NETWORKS, { hosts, tags, limit });
  const left = /^echosweep_host_metrics_left_out (\d+)$/m.exec(text)![1];
  return [[...text.matchAll(/^echosweep_host_up\{.*address="([^"]*)"/gm)].map((m) => m[1]), left];
}

describe('the hosts with metrics of their own', () => {
  test('are named by address, subnet and name', () =>
    withStore((store) => {
      fill(store);
      assert.deepEqual(measured(store, ['192.0.2.2']), [['192.0.2.2'], '0']);
      assert.deepEqual(measured(store, ['192.0.2.0/24']), [['192.0.2.1', '192.0.2.2'], '0']);
      assert.deepEqual(measured(store, ['2001:db8::/64']), [['2001:db8::1'], '0']);
      assert.deepEqual(measured(store, ['core-*']), [['192.0.2.1', '198.51.100.1'], '0']);
      assert.deepEqual(measured(store, ['core-2', '198.51.100.2/32']), [
        ['198.51.100.1', '198.51.100.2'],
        '0',
      ]);
      assert.deepEqual(measured(store, ['203.0.113.0/24']), [[], '0']);
    }));

  test('are those of a network with the tag', () =>
    withStore((store) => {
      fill(store);
      const [hosts] = measured(store, [], ['lan']);
      assert.deepEqual(hosts, ['192.0.2.1', '192.0.2.2', '2001:db8::1']);
    }));

  test('are those that people gave a tag or a name', () =>
    withStore((store) => {
      fill(store);
      const note = (key: string, column: string, value: string) =>
        store.database
          .prepare(
            `INSERT INTO host_notes (network, key, address, ${column}, changed_at, changed_by)
             SELECT id, ?, '', ?, 0, 'x' FROM networks WHERE name = 'lab'`,
          )
          .run(key, value);
      note(upAt('198.51.100.1', 0).key, 'tags', 'floor-1,server');
      note(upAt('198.51.100.2', 0).key, 'name', 'Printer');
      assert.deepEqual(measured(store, [], ['server']), [['198.51.100.1'], '0']);
      assert.deepEqual(measured(store, ['print*'], ['serv']), [['198.51.100.2'], '0']);
    }));

  test('are no more than the limit, which is said with how many are left out', () =>
    withStore((store) => {
      fill(store);
      assert.deepEqual(measured(store, ['core-*'], ['lan'], 2), [['192.0.2.1', '192.0.2.2'], '2']);
      const config = { hosts: ['core-*'], tags: [], limit: 2 };
      assert.match(hostMetricsText(store, NETWORKS, config), /^echosweep_host_metrics_limit 2$/m);
    }));
});

test('a host has its state, its figures and its names, which end no label early', () =>
  withStore((store) => {
    fill(store);
    const hosts = [silentAt('192.0.2.1', 1), upAt('192.0.2.2', 1), upAt('2001:db8::1', 1)];
    writeOffice(store, 1, hosts);
    const config = { hosts: ['core-*'], tags: [], limit: 9 };
    const lines = hostMetricsText(store, NETWORKS, config).split('\n');
    const seen = hourOf(0).getTime() / 1000;
    assert.deepEqual(
      lines.filter((line) => line.startsWith('echosweep_host_')),
      [
        'echosweep_host_up{network="office",address="192.0.2.1"} 0',
        'echosweep_host_up{network="lab",address="198.51.100.1"} 1',
        'echosweep_host_rtt_seconds{network="lab",address="198.51.100.1"} 0.001',
        'echosweep_host_missed_scans{network="office",address="192.0.2.1"} 1',
        'echosweep_host_missed_scans{network="lab",address="198.51.100.1"} 0',
        `echosweep_host_last_seen_timestamp_seconds{network="office",address="192.0.2.1"} ${seen}`,
        `echosweep_host_last_seen_timestamp_seconds{network="lab",address="198.51.100.1"} ${seen}`,
        'echosweep_host_info{network="office",address="192.0.2.1",hostname="core-1.example",mac="00:00:5e:00:53:01"} 1',
        'echosweep_host_info{network="lab",address="198.51.100.1",hostname="core-2 \\"x\\"\\\\",mac=""} 1',
        'echosweep_host_metrics_limit 9',
        'echosweep_host_metrics_left_out 0',
      ],
    );
    for (const { name } of HOST_METRICS) assert.ok(lines.some((line) => line.startsWith(name)));
  }));
