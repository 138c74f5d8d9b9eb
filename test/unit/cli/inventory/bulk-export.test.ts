/** `inventory export --for netbox|phpipam`: what the bulk imports make of the files, and what they leave alone. */

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { inventoryCommand } from '../../../../src/cli/inventory/inventory-command.ts';
import { writeScan } from '../../../../src/inventory/scan-writer.ts';
import { openStore } from '../../../../src/inventory/store.ts';
import {
  type NetBoxRow,
  netboxImport,
  type PhpipamRow,
  phpipamImport,
} from '../../inventory/ipam/bulk-imports.ts';
import {
  RULES,
  recordOf,
  silentAt,
  temporaryFolder,
  upAt,
  writeOffice,
} from '../../inventory/samples.ts';
import { readCsv } from '../../report/read-csv.ts';
import { ClosedPipe, fakeSurroundings, KeptStream } from '../fakes.ts';

const FOLDER = temporaryFolder();
let folders = 0;

interface Given {
  readonly known?: string;
  readonly targets?: string;
  /** Scans that were reliable, and then what is special about the last one. */
  readonly last?: Parameters<typeof recordOf>[1];
}

const MAC = '02:00:00:00:00:05';

/** .1 to .5 are present, .6 and .7 are gone, and .8 never answered. */
async function inventoryOf({ known, targets = '192.0.2.0/24', last }: Given): Promise<string> {
  const folder = join(FOLDER, String(folders++));
  mkdirSync(folder);
  const config = join(folder, 'echosweep.yaml');
  const knownHosts = known === undefined ? '' : 'known-hosts: known.csv\n';
  writeFileSync(config, `${knownHosts}networks: { office: { targets: "${targets}" } }\n`);
  if (known !== undefined) writeFileSync(join(folder, 'known.csv'), known);
  const store = await openStore(join(folder, 'echosweep.db'));
  const up = [
    { hostname: 'One.example.net' },
    { hostname: 'two.example.net', mac: MAC },
    { hostname: '=cmd()' },
    { hostname: "-dash 4's.example" },
    { hostname: '_sip._tcp.example.net', mac: MAC },
    { hostname: 'six.example.net' },
    {},
  ];
  const hostsOf = (scan: number, present: number) => [
    ...up.map((host, i) =>
      i < present ? upAt(`192.0.2.${i + 1}`, scan, host) : silentAt(`192.0.2.${i + 1}`, scan, host),
    ),
    silentAt('192.0.2.8', scan),
  ];
  for (let scan = 0; scan < 4; scan++) {
    const hosts = hostsOf(scan, scan === 0 ? 7 : 5);
    writeOffice(store, scan, hosts);
  }
  if (last !== undefined) {
    const record = recordOf(4, last);
    writeScan(store, { network: 'office', record, hosts: hostsOf(4, 5), rules: RULES });
  }
  store.close();
  return folder;
}

async function exportFor(folder: string, ...args: string[]) {
  const stdout = new KeptStream();
  const surroundings = fakeSurroundings({ stdout });
  const stale = join(folder, 'stale.csv');
  const code = await inventoryCommand.run(
    ['export', '--config', join(folder, 'echosweep.yaml'), '--stale', stale, ...args],
    surroundings,
  );
  assert.equal(code, 0);
  return {
    hosts: stdout.text,
    stale: readFileSync(stale, 'utf8'),
    words: surroundings.stderr.text.trimEnd().split('\n'),
  };
}

describe('--for netbox', () => {
  const EXISTING: readonly NetBoxRow[] = [
    {
      id: 11,
      address: '192.0.2.1/25',
      status: 'reserved',
      dns_name: 'kept.example',
      description: 'a',
    },
    { id: 12, address: '192.0.2.2/24', status: 'dhcp', dns_name: '', description: "b's" },
    { id: 16, address: '192.0.2.6/24', status: 'active', dns_name: 'six.example', description: '' },
    { id: 17, address: '192.0.2.7/24', status: 'reserved', dns_name: '', description: 'held' },
    { id: 18, address: '192.0.2.8/24', status: 'active', dns_name: '', description: 'never up' },
  ];
  /** As "All Data (CSV)" of NetBox's list. */
  const LABELS: Readonly<Record<string, string>> = { dhcp: 'DHCP', slaac: 'SLAAC' };
  const EXPORT = [
    'ID,IP Address,VRF,Status,Role,Tenant,Assigned,DNS name,Description,Tags',
    ...EXISTING.map(({ id, address, status, dns_name, description }) => {
      const label = LABELS[status] ?? status[0]!.toUpperCase() + status.slice(1);
      return `${id},${address},Global,${label},,,,${dns_name},"${description}","core,edge"`;
    }),
    '',
  ].join('\r\n');

  test('without known hosts, every present host is new, with the mask of its subnet', async () => {
    const folder = await inventoryOf({});
    const { hosts, stale, words } = await exportFor(folder, '--for', 'netbox');
    assert.deepEqual(readCsv(hosts), [
      ['address', 'status', 'dns_name'],
      ['192.0.2.1/24', 'active', 'one.example.net'],
      ['192.0.2.2/24', 'active', 'two.example.net'],
      ['192.0.2.3/24', 'active', ''],
      ['192.0.2.4/24', 'active', '-dash'],
      ['192.0.2.5/24', 'active', '_sip._tcp.example.net'],
    ]);
    assert.equal(stale, 'id,address,status\n');
    assert.equal(netboxImport(hosts, []).length, 5);
    assert.match(words[0]!, /^note: without a name, .* 192\.0\.2\.3 "=cmd\(\)"$/);
    assert.match(words[1]!, /^note: .*echosweep\.yaml names no known-hosts, so every host is/);
    assert.equal(words[2], '5 new hosts, 0 known hosts to complete, 0 unchanged, 0 gone');
  });

  test('known hosts keep their id, their mask, their status and every filled field', async () => {
    const folder = await inventoryOf({ known: EXPORT });
    const { hosts, stale, words } = await exportFor(folder, '--for', 'netbox');
    assert.deepEqual(readCsv(hosts), [
      ['id', 'address', 'status', 'dns_name'],
      ['12', '192.0.2.2/24', 'dhcp', 'two.example.net'],
      ['', '192.0.2.3/24', 'active', ''],
      ['', '192.0.2.4/24', 'active', '-dash'],
      ['', '192.0.2.5/24', 'active', '_sip._tcp.example.net'],
    ]);
    assert.equal(stale, 'id,address,status\n16,192.0.2.6/24,deprecated\n');
    assert.equal(words.at(-1), '3 new hosts, 1 known host to complete, 1 unchanged, 1 gone');
    const after = netboxImport(stale, netboxImport(hosts, EXISTING));
    assert.deepEqual(
      after.filter(({ id }) => id <= 18),
      EXISTING.map((row) => {
        if (row.id === 12) return { ...row, dns_name: 'two.example.net' };
        return row.id === 16 ? { ...row, status: 'deprecated' } : row;
      }),
    );
    assert.equal(after.length, 8);
  });

  test('an import of what was exported after it changes nothing', async () => {
    const folder = await inventoryOf({ known: EXPORT });
    const { hosts } = await exportFor(folder, '--for', 'netbox');
    const imported = netboxImport(hosts, EXISTING);
    const again = await inventoryOf({
      known: [
        'ID,IP Address,Status,DNS name',
        ...imported.map((row) => `${row.id},${row.address},${row.status},${row.dns_name}`),
        '',
      ].join('\n'),
    });
    const second = await exportFor(again, '--for', 'netbox');
    // Hosts without any name have nothing to fill.
    assert.equal(second.hosts, 'address,status,dns_name\n');
  });

  test('a doubted or partial scan gives no stale hosts', async () => {
    for (const last of [{ doubts: ['the canary failed'] }, { partial: true }]) {
      const folder = await inventoryOf({ known: EXPORT, last });
      const { stale, words } = await exportFor(folder, '--for', 'netbox');
      assert.equal(stale, 'id,address,status\n');
      assert.ok(words.includes('note: gone by a scan that may be unreliable: 192.0.2.6'), words[0]);
    }
  });

  test('known hosts that cannot be updated safely are left out, with a note', async () => {
    const cases: readonly [known: string, note: RegExp][] = [
      ['ip,name\n192.0.2.2,x\n', /the known hosts have no id, status, dns_name, .* 192\.0\.2\.2$/],
      ['ip,status,dns_name\n192.0.2.2,Active,\n', /the known hosts have no id, so/],
      ['id,ip,status,dns_name\nx,192.0.2.2,Active,\n', /the id of a known host is not a number/],
      ['id,ip,status,dns_name\n2,192.0.2.2,Parked,\n', /takes no status "parked": 192\.0\.2\.2$/],
      [
        'id,ip,status,dns_name\n2,192.0.2.2,Active,\n3,192.0.2.2/32,Active,\n',
        /several known hosts have the same address/,
      ],
    ];
    for (const [known, note] of cases) {
      const { hosts, words } = await exportFor(await inventoryOf({ known }), '--for', 'netbox');
      assert.ok(!hosts.includes('192.0.2.2'), known);
      assert.ok(
        words.some((line) => note.test(line)),
        words.join('\n'),
      );
    }
  });

  test('subnets with commas between are as many subnets', async () => {
    const folder = await inventoryOf({ targets: '198.51.100.0/24, 192.0.2.0/25' });
    const { hosts } = await exportFor(folder, '--for', 'netbox');
    assert.match(hosts, /^192\.0\.2\.1\/25,/m);
  });

  test('a host of a range has the mask of a single host, and a note', async () => {
    const folder = await inventoryOf({ targets: '192.0.2.1-192.0.2.9' });
    const { hosts, words } = await exportFor(folder, '--for', 'netbox');
    assert.match(hosts, /^192\.0\.2\.1\/32,active/m);
    assert.ok(words.some((line) => line.includes('in no subnet of the configuration')));
  });
});

describe('--for phpipam', () => {
  const SUBNETS = ['192.0.2.0/28', '192.0.2.0/24'];
  const HEADER =
    'Section,IP Address,Hostname,Description,VRF,Subnet,MAC,Owner,Device,Note,Tag,Gateway';
  const row = (values: PhpipamRow): PhpipamRow => ({
    ...{ section: 'Customers', hostname: '', description: '', vrf: '', subnet: '192.0.2.0/28' },
    ...{ mac: '', owner: '', device: '', note: '', tag: 'Used', is_gateway: '0' },
    ...{ port: '', location: '' },
    ...values,
  });
  const EXISTING: readonly PhpipamRow[] = [
    row({
      ip_addr: '192.0.2.1',
      hostname: 'kept.example',
      mac: '02:00:00:00:00:01',
      is_gateway: '1',
    }),
    row({ ip_addr: '192.0.2.2', owner: 'Ann, 2nd floor', note: 'rack 4', port: 'Gi0/2' }),
    row({ ip_addr: '192.0.2.6', description: 'printer', tag: 'Used', port: 'Gi0/6' }),
    row({ ip_addr: '192.0.2.7', tag: 'Reserved' }),
  ];
  const exported = (rows: readonly PhpipamRow[], more: readonly string[]) =>
    [
      [HEADER, ...more].join(','),
      ...rows.map((each) =>
        [
          ...['section', 'ip_addr', 'hostname', 'description', 'vrf', 'subnet', 'mac', 'owner'],
          ...['device', 'note', 'tag', 'is_gateway', ...more],
        ]
          .map((name) => {
            const value = each[name]!;
            if (name === 'tag') return value === 'Used' ? '' : value;
            if (name === 'is_gateway') return value === '1' ? 'Yes' : 'No';
            return value.includes(',') ? `"${value}"` : value;
          })
          .join(','),
      ),
      '',
    ].join('\n');

  test('new hosts go into the section and the subnet of their known neighbours', async () => {
    const folder = await inventoryOf({ known: exported(EXISTING, ['port', 'location']) });
    const { hosts, stale, words } = await exportFor(folder, '--for', 'phpipam');
    const main = phpipamImport(hosts, EXISTING, SUBNETS);
    assert.deepEqual(main.actions, ['edit', 'add', 'add', 'add'], hosts);
    const after = phpipamImport(stale, main.rows, SUBNETS);
    assert.deepEqual(after.actions, ['edit'], stale);
    assert.deepEqual(after.rows, [
      EXISTING[0],
      { ...EXISTING[1], hostname: 'two.example.net', mac: MAC },
      { ...EXISTING[2], tag: 'Offline' },
      EXISTING[3],
      row({ ip_addr: '192.0.2.3' }),
      // A name that begins with a hyphen is not one for phpIPAM.
      row({ ip_addr: '192.0.2.4' }),
      row({ ip_addr: '192.0.2.5', mac: MAC }),
    ]);
    assert.equal(words.at(-1), '3 new hosts, 1 known host to complete, 1 unchanged, 1 gone');
  });

  test('a known host whose port would be emptied is left out', async () => {
    const folder = await inventoryOf({ known: exported(EXISTING, []) });
    const { hosts, stale, words } = await exportFor(folder, '--for', 'phpipam');
    assert.deepEqual(phpipamImport(hosts, EXISTING, SUBNETS).actions, ['add', 'add', 'add']);
    assert.equal(readCsv(stale).length, 1);
    assert.ok(
      words.includes(
        'note: left out, since the import would empty what the known hosts do not have (port, location): 192.0.2.2, 192.0.2.6',
      ),
      words.join('\n'),
    );
  });

  test('a known host is left out if the import would misread one of its cells', async () => {
    for (const [field, value, note] of [
      ['note', "Bob's", /refuses quotes/],
      ['is_gateway', 'Ja', /reads "ja" as no gateway/],
    ] as const) {
      const known = exported([row({ ip_addr: '192.0.2.2', [field]: value })], ['port', 'location']);
      const fixed = field === 'is_gateway' ? known.replace(',No,', `,${value},`) : known;
      const folder = await inventoryOf({ known: fixed });
      const { hosts, words } = await exportFor(folder, '--for', 'phpipam');
      assert.ok(!hosts.includes('192.0.2.2'), hosts);
      assert.ok(
        words.some((line) => note.test(line)),
        words.join('\n'),
      );
    }
  });

  test('without known hosts it takes --section and the configured subnet', async () => {
    const folder = await inventoryOf({});
    const { hosts } = await exportFor(folder, '--for', 'phpipam', '--section', 'Offices');
    const { actions, rows } = phpipamImport(hosts, [], SUBNETS);
    assert.deepEqual(actions, Array(5).fill('add'));
    assert.deepEqual([rows[0]!['section'], rows[0]!['subnet']], ['Offices', '192.0.2.0/24']);
    const { words } = await exportFor(folder, '--for', 'phpipam');
    assert.ok(
      words.some((line) => line.includes('(give --section): 192.0.2.1')),
      words.join('\n'),
    );
  });

  test('a doubted scan gives no stale hosts', async () => {
    const known = exported(EXISTING, ['port', 'location']);
    const folder = await inventoryOf({ known, last: { doubts: ['the canary failed'] } });
    assert.equal(readCsv((await exportFor(folder, '--for', 'phpipam')).stale).length, 1);
  });
});

test('a reader that has read enough is not a failure', async () => {
  const folder = await inventoryOf({});
  const surroundings = fakeSurroundings({ stdout: new ClosedPipe() });
  const config = join(folder, 'echosweep.yaml');
  assert.equal(
    await inventoryCommand.run(['export', '--for', 'netbox', '--config', config], surroundings),
    0,
  );
});

test('options that have no meaning together are refused before anything is written', async () => {
  const folder = await inventoryOf({});
  for (const [args, message] of [
    [['--for', 'netbox', '--columns', 'address'], /--for writes the CSV that the program takes/],
    [['--for', 'netbox', '--csv-profile', 'excel'], /--for writes the CSV/],
    [['--for', 'netbox', '--section', 'x'], /--section needs --for phpipam/],
    [[], /--stale needs --for/],
    [['--for', 'netbox', '-o', join(folder, 'stale.csv')], /two reports would go to/],
  ] as const) {
    await assert.rejects(exportFor(folder, ...args), { code: 'OPTION_INVALID', message });
  }
});
