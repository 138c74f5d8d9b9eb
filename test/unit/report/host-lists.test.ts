/** Lists of hosts for Prometheus, Zabbix and Ansible, read as those programs read them. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { hostShape } from '../../../src/inventory/host-report.ts';
import type { ListedHost } from '../../../src/inventory/known-hosts-join.ts';
import { pickColumns } from '../../../src/report/columns.ts';
import { FORMATS } from '../../../src/report/formats.ts';
import type { HostResult } from '../../../src/results/host-result.ts';
import { HOSTILE_NAMES } from '../../browser/hostile-names.ts';
import { listedHost } from '../inventory/samples.ts';
import { runOf, settingsOf, textOf, upHost } from './samples.ts';

const HOSTILE = [...HOSTILE_NAMES, '{{ lookup("pipe", "id") }}', '{$SECRET}', 'a"b\\c', '\uD800'];

function load(name: string) {
  return FORMATS.find((format) => format.name === name)!.load();
}

async function ofRows(name: string, rows: readonly HostResult[]): Promise<unknown> {
  const writer = (await load(name)).rows(settingsOf());
  // In two pieces, as a sweep brings them.
  const pieces = [rows.slice(0, 1), rows.slice(1)].map((piece) => textOf(writer, piece));
  return JSON.parse(
    writer.begin(runOf()) + pieces.join('') + String(Buffer.from(writer.end(runOf()))),
  );
}

const NETWORKS = [
  { name: 'office', site: 'Köln-Süd', tags: ['lan', 'floor 2'] },
  { name: 'lab', site: null, tags: [] },
];
const SHAPE = hostShape(['name', 'Rack No.', 'Rack-No '], NETWORKS);
const LISTED: readonly ListedHost[] = [
  listedHost({ address: '192.0.2.1', network: 'office', hostname: 'a.example' }),
  listedHost(
    { address: '2001:db8::1', network: 'lab', state: 'missing' },
    { name: 'b', 'Rack No.': '7', 'Rack-No ': '8' },
  ),
];

async function ofInventory(name: string, columns?: readonly string[]): Promise<unknown> {
  const settings = {
    ...settingsOf(),
    columns: columns === undefined ? undefined : pickColumns(columns, SHAPE.columns),
  };
  const writer = (await load(name)).hosts!(SHAPE, settings);
  return JSON.parse(
    writer.begin() + String(writer.rows(LISTED)) + String(Buffer.from(writer.end())),
  );
}

describe('targets for Prometheus', () => {
  interface Group {
    readonly targets: readonly string[];
    readonly labels: Readonly<Record<string, string>>;
  }

  test('have what identifies a host as labels, and what changes where no series gets it', async () => {
    const mac = '00:00:5e:00:53:01';
    assert.deepEqual(await ofRows('file-sd', [upHost({ hostname: 'a.example', mac }), upHost()]), [
      {
        targets: ['192.0.2.1'],
        labels: { hostname: 'a.example', mac, __meta_echosweep_status: 'up' },
      },
      { targets: ['192.0.2.1'], labels: { __meta_echosweep_status: 'up' } },
    ]);
  });

  test('of an inventory have the labels of its networks', async () => {
    assert.deepEqual(await ofInventory('file-sd'), [
      {
        targets: ['192.0.2.1'],
        labels: {
          hostname: 'a.example',
          __meta_echosweep_state: 'up',
          network: 'office',
          site: 'Köln-Süd',
          tags: 'lan,floor 2',
        },
      },
      { targets: ['2001:db8::1'], labels: { __meta_echosweep_state: 'missing', network: 'lab' } },
    ]);
  });

  test('have the columns that are named, as names that labels may have, each once', async () => {
    const [, second] = (await ofInventory('file-sd', [
      'known_Rack No.',
      'known_Rack-No ',
      'last_seen',
    ])) as Group[];
    assert.deepEqual(second!.labels, {
      known_Rack_No_: '7',
      known_Rack_No__2: '8',
      __meta_echosweep_last_seen: '2026-03-01T00:00:00.000Z',
    });
  });

  test('keep the names of hostile hosts as they are', async () => {
    const groups = (await ofRows(
      'file-sd',
      HOSTILE.map((hostname) => upHost({ hostname })),
    )) as Group[];
    assert.deepEqual(
      groups.map(({ labels }) => labels['hostname']),
      HOSTILE,
    );
    for (const { labels } of groups) {
      for (const label of Object.keys(labels)) assert.match(label, /^[a-zA-Z_][a-zA-Z0-9_]*$/);
    }
  });

  test('are a list even if there is none, and a name without an address is no target', async () => {
    assert.deepEqual(await ofRows('file-sd', []), []);
    assert.deepEqual(await ofRows('file-sd', [upHost({ address: null })]), []);
  });
});

describe('discovery for Zabbix', () => {
  type Macros = Readonly<Record<string, string>>;

  test('has a macro for each fact, empty if there is none', async () => {
    assert.deepEqual(await ofRows('zabbix-lld', [upHost({ hostname: 'a.example' }), upHost()]), [
      {
        '{#IP}': '192.0.2.1',
        '{#NAME}': 'a.example',
        '{#HOSTNAME}': 'a.example',
        '{#STATUS}': 'up',
        '{#MAC}': '',
      },
      {
        '{#IP}': '192.0.2.1',
        '{#NAME}': '192.0.2.1',
        '{#HOSTNAME}': '',
        '{#STATUS}': 'up',
        '{#MAC}': '',
      },
    ]);
  });

  test('of an inventory has networks, sites and tags', async () => {
    const [first] = (await ofInventory('zabbix-lld')) as Macros[];
    assert.equal(first!['{#NETWORK}'], 'office');
    assert.equal(first!['{#SITE}'], 'Köln-Süd');
    assert.equal(first!['{#TAGS}'], 'lan,floor 2');
  });

  test('gives hostile hosts no macro to resolve, and a name that a host may have', async () => {
    const rows = HOSTILE.map((hostname) => upHost({ hostname }));
    for (const macros of (await ofRows('zabbix-lld', rows)) as Macros[]) {
      for (const [macro, value] of Object.entries(macros)) {
        assert.match(macro, /^\{#[A-Z0-9_.]+\}$/);
        assert.ok(!value.includes('{'), value);
      }
      assert.match(macros['{#NAME}']!, /^[\w. -]+$/);
    }
  });
});

describe('an inventory for Ansible', () => {
  interface Inventory {
    readonly _meta: {
      readonly hostvars: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
    };
    readonly [group: string]: unknown;
  }

  test('of a sweep has its hosts with their variables, grouped by status', async () => {
    const rows = [upHost({ hostname: 'a.example' }), upHost({ address: 'fe80::1%eth0' })];
    assert.deepEqual(await ofRows('ansible', rows), {
      _meta: {
        hostvars: {
          '192.0.2.1': {
            ansible_host: '192.0.2.1',
            echosweep_hostname: 'a.example',
            echosweep_status: 'up',
          },
          'fe80::1%eth0': { ansible_host: 'fe80::1%eth0', echosweep_status: 'up' },
        },
      },
      status_up: { hosts: ['192.0.2.1', 'fe80::1%eth0'] },
    });
  });

  test('has groups by network, site, tag and state, under names that groups may have', async () => {
    const { _meta, ...groups } = (await ofInventory('ansible')) as Inventory;
    assert.deepEqual(groups, {
      state_up: { hosts: ['192.0.2.1'] },
      state_missing: { hosts: ['2001:db8::1'] },
      network_office: { hosts: ['192.0.2.1'] },
      network_lab: { hosts: ['2001:db8::1'] },
      site_Köln_Süd: { hosts: ['192.0.2.1'] },
      tag_lan: { hosts: ['192.0.2.1'] },
      tag_floor_2: { hosts: ['192.0.2.1'] },
    });
    assert.deepEqual(Object.keys(_meta.hostvars), ['192.0.2.1', '2001:db8::1']);
  });

  test('has no groups that would change what a sweep without hosts is', async () => {
    assert.deepEqual(await ofRows('ansible', []), { _meta: { hostvars: {} } });
  });

  test('gives a hostile zone no template to run', async () => {
    const rows = [upHost({ address: "fe80::1%{{lookup('pipe','id')}}" })];
    const { _meta, status_up } = (await ofRows('ansible', rows)) as Inventory;
    const name = "fe80::1%\uFFFD\uFFFDlookup('pipe','id')}}";
    assert.deepEqual(status_up, { hosts: [name] });
    assert.equal(_meta.hostvars[name]!['ansible_host'], name);
  });

  test('gives hostile hosts no template to run', async () => {
    const rows = HOSTILE.map((hostname, i) => upHost({ hostname, address: `192.0.2.${i}` }));
    const { _meta } = (await ofRows('ansible', rows)) as Inventory;
    for (const [i, hostname] of HOSTILE.entries()) {
      const value = _meta.hostvars[`192.0.2.${i}`]!['echosweep_hostname'];
      assert.deepEqual(value, /\{[{%#]/.test(hostname) ? { __ansible_unsafe: hostname } : hostname);
    }
  });

  test('of many hosts has every member of a group', async () => {
    const rows = Array.from({ length: 5000 }, (_, i) =>
      upHost({ address: `10.0.${i >> 8}.${i & 255}` }),
    );
    const { status_up } = (await ofRows('ansible', rows)) as Inventory;
    assert.deepEqual(
      (status_up as { hosts: string[] }).hosts,
      rows.map(({ address }) => address),
    );
  });
});
