/** The metrics of an inventory whose scans are known. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { metricsText } from '../../../src/inventory/metrics.ts';
import { prune } from '../../../src/inventory/prune.ts';
import { writeScan } from '../../../src/inventory/scan-writer.ts';
import { hourOf, RULES, recordOf, silentAt, upAt, withStore, writeOffice } from './samples.ts';

/** Without what explains them. */
function samplesOf(text: string): string[] {
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

test('metrics say how a network stands after its scans', () =>
  withStore((store) => {
    const rtts = Array.from({ length: 100 }, (_, i) => i + 1);
    const all = rtts.map((ms) => upAt(`192.0.2.${ms}`, 0, { rttAvgMs: ms }));
    writeOffice(store, 0, [...all, silentAt('192.0.2.200', 0)]);
    const later = [...all.slice(1), upAt('192.0.2.200', 1, { rttAvgMs: 101 })];
    const doubt = { doubts: ['drops'] };
    writeOffice(store, 1, [silentAt('192.0.2.1', 1), ...later]);
    writeOffice(store, 2, [], doubt);
    const networks = [
      { name: 'office', schedule: { cron: '0 * * * *', timeZone: 'UTC' } },
      { name: 'never', schedule: undefined },
    ];
    assert.deepEqual(samplesOf(metricsText(store, networks, hourOf(2))), [
      'echosweep_hosts{network="office",state="silent"} 0',
      'echosweep_hosts{network="office",state="up"} 100',
      'echosweep_hosts{network="office",state="missing"} 1',
      'echosweep_hosts{network="office",state="gone"} 0',
      'echosweep_hosts{network="office",state="unasked"} 0',
      'echosweep_hosts{network="never",state="silent"} 0',
      'echosweep_hosts{network="never",state="up"} 0',
      'echosweep_hosts{network="never",state="missing"} 0',
      'echosweep_hosts{network="never",state="gone"} 0',
      'echosweep_hosts{network="never",state="unasked"} 0',
      'echosweep_address_conflicts{network="office"} 0',
      'echosweep_address_conflicts{network="never"} 0',
      'echosweep_targets{network="office"} 3',
      'echosweep_rtt_seconds{network="office",quantile="0.5"} 0.051',
      'echosweep_rtt_seconds{network="office",quantile="0.9"} 0.091',
      'echosweep_rtt_seconds{network="office",quantile="0.99"} 0.1',
      'echosweep_scan_packets{network="office",kind="sent"} 5',
      'echosweep_scan_packets{network="office",kind="received"} 2',
      'echosweep_scan_packets{network="office",kind="dropped"} 0',
      `echosweep_scan_timestamp_seconds{network="office"} ${hourOf(2).getTime() / 1000}`,
      'echosweep_scan_duration_seconds{network="office"} 1.5',
      'echosweep_scan_trusted{network="office"} 0',
      `echosweep_next_scan_timestamp_seconds{network="office"} ${hourOf(3).getTime() / 1000}`,
      'echosweep_scans{network="office"} 3',
      'echosweep_scans{network="never"} 0',
      'echosweep_changes{network="office",change="new"} 1',
    ]);
  }));

test('changes are counted by network and kind, for a day', () =>
  withStore((store) => {
    const write = (network: string, n: number, hosts: Parameters<typeof writeOffice>[2]) =>
      writeScan(store, { network, record: recordOf(n), hosts, rules: RULES });
    for (const [network, late] of [
      ['office', '192.0.2.3'],
      ['plant', '192.0.2.4'],
    ] as const) {
      write(network, 0, [upAt('192.0.2.1', 0)]);
      write(network, 1, [upAt('192.0.2.1', 1), upAt('192.0.2.2', 1)]);
      write(network, 2, [upAt('192.0.2.1', 2, { hostname: 'a' }), upAt(late, 2)]);
    }
    write('plant', 3, [upAt('192.0.2.1', 3, { hostname: 'b' })]);
    const networks = ['plant', 'office'].map((name) => ({ name, schedule: undefined }));
    // The first change, an hour after the first scan, is a day and an hour ago.
    const samples = samplesOf(metricsText(store, networks, hourOf(26)));
    assert.deepEqual(
      samples.filter((sample) => sample.startsWith('echosweep_changes')),
      [
        'echosweep_changes{network="plant",change="name-changed"} 1',
        'echosweep_changes{network="plant",change="new"} 1',
        'echosweep_changes{network="office",change="new"} 1',
      ],
    );
  }));

test('each metric says what it is, once, and no label ends before its time', () =>
  withStore((store) => {
    const network = 'a"b\\c\nd';
    writeScan(store, { network, record: recordOf(0), hosts: [upAt('192.0.2.1', 0)], rules: RULES });
    const text = metricsText(store, [{ name: network, schedule: undefined }], hourOf(1));
    assert.match(
      text,
      /^# HELP echosweep_hosts Hosts by state\.\n# TYPE echosweep_hosts gauge\necho/,
    );
    assert.ok(text.includes('echosweep_targets{network="a\\"b\\\\c\\nd"} 3\n'));
    const explained = text.match(/^# TYPE \S+/gm)!;
    assert.equal(new Set(explained).size, explained.length);
  }));

test('hosts that are remembered for longer than all scans are counted all the same', () =>
  withStore(async (store) => {
    const record = recordOf(0, { partial: true });
    writeScan(store, { network: 'office', record, hosts: [upAt('192.0.2.1', 0)], rules: RULES });
    await prune(store, { days: 1 }, hourOf(1000));
    const samples = samplesOf(
      metricsText(store, [{ name: 'office', schedule: undefined }], hourOf(1000)),
    );
    assert.ok(samples.includes('echosweep_hosts{network="office",state="up"} 1'));
    assert.ok(samples.includes('echosweep_scans{network="office"} 0'));
  }));
