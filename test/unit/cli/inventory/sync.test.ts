/** `inventory sync netbox` against a stand-in of NetBox 4: what it creates, changes and leaves alone. */

import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { inventoryCommand } from '../../../../src/cli/inventory/inventory-command.ts';
import { fakeSurroundings } from '../fakes.ts';
import { hostsUpTo, NetBoxInventory, netboxAndInventory, standIn } from './netbox-inventory.ts';

describe('a synchronisation', () => {
  test('a dry run shows what a real run does, and sends nothing', async () => {
    const { netbox, inventory } = await netboxAndInventory({
      1: { hostname: 'One.example' },
      2: { hostname: 'two.example' },
      3: { hostname: '=cmd()' },
    });
    netbox.add({ address: '192.0.2.2/24', dns_name: 'persons.example' });
    const dry = await inventory.sync('--dry-run');
    assert.equal(dry.code, 0);
    assert.deepEqual(netbox.changes, []);
    assert.deepEqual(dry.rows, [
      ['create', '192.0.2.1/24', 'dns_name: one.example', 'is not in NetBox'],
      [
        ...['leave', '192.0.2.2/24', 'dns_name: "persons.example" to two.example'],
        'has no tag echosweep',
      ],
      ['create', '192.0.2.3/24', 'is not in NetBox'],
    ]);
    assert.deepEqual(dry.words, [
      'note: without a name, since NetBox does not take it: 192.0.2.3 "=cmd()"',
      'the tag echosweep would be created',
      '2 to create, 0 to update, 1 left alone, 0 unchanged, 0 of others agree',
    ]);
    const real = await inventory.sync();
    assert.equal(real.code, 0);
    assert.deepEqual(real.results, ['created', 'has no tag echosweep', 'created']);
    assert.deepEqual(
      netbox.addresses.map(({ address, status, dns_name, tags }) => [
        address,
        status,
        dns_name,
        tags,
      ]),
      [
        ['192.0.2.2/24', 'active', 'persons.example', []],
        ['192.0.2.1/24', 'active', 'one.example', ['echosweep']],
        ['192.0.2.3/24', 'active', '', ['echosweep']],
      ],
    );
  });

  test('a second run changes nothing', async () => {
    const { netbox, inventory } = await netboxAndInventory({
      1: {},
      2: { hostname: 'b.example' },
    });
    netbox.customFields.push(
      { id: 1, name: 'first_seen', type: 'date', object_types: ['ipam.ipaddress'] },
      { id: 2, name: 'last_seen', type: 'datetime', object_types: ['ipam.ipaddress'] },
    );
    await inventory.sync();
    assert.deepEqual(netbox.addresses[0]!.custom_fields, {
      first_seen: '2026-03-01',
      last_seen: '2026-03-01T00:00:00+00:00',
    });
    const first = netbox.changes.length;
    const again = await inventory.sync();
    assert.equal(netbox.changes.length, first);
    assert.deepEqual([again.code, again.rows], [0, []]);
    assert.equal(
      again.words.at(-1),
      '0 created, 0 updated, 0 left alone, 2 unchanged, 0 of others agree',
    );
  });

  test('a gone host is deprecated and becomes active again, if it is our own', async () => {
    const { netbox, inventory } = await netboxAndInventory(hostsUpTo(3));
    const foreign = netbox.add({ address: '192.0.2.2/24' });
    await inventory.sync();
    const [, first, third] = netbox.addresses as [unknown, { status: string }, { status: string }];
    third.status = 'dhcp';
    const gone = { 1: null, 2: null, 3: null };
    await inventory.scan(gone);
    await inventory.scan(gone);
    const { rows } = await inventory.sync();
    assert.deepEqual(rows, [
      ['update', '192.0.2.1/24', 'status: active to deprecated', 'is gone', 'updated'],
      ['leave', '192.0.2.2/24', 'status: active to deprecated', 'has no tag echosweep'],
    ]);
    assert.deepEqual(
      [first.status, foreign.status, third.status],
      ['deprecated', 'active', 'dhcp'],
    );
    await inventory.scan({ 1: { hostname: 'back.example' }, 2: {}, 3: {} });
    assert.deepEqual((await inventory.sync()).rows, [
      [
        ...[
          'update',
          '192.0.2.1/24',
          'status: deprecated to active, dns_name: none to back.example',
        ],
        ...['is present', 'updated'],
      ],
    ]);
  });

  test('a doubted or partial scan deprecates nothing', async () => {
    for (const record of [{ doubts: ['the canary failed'] }, { partial: true }]) {
      const { netbox, inventory } = await netboxAndInventory({ 1: {} });
      await inventory.sync();
      await inventory.scan({ 1: null });
      await inventory.scan({ 1: null });
      await inventory.scan({ 1: null }, record);
      const { rows, code } = await inventory.sync();
      assert.equal(code, 0);
      assert.deepEqual(rows, [
        [
          ...['leave', '192.0.2.1/24', 'status: active to deprecated'],
          'gone by a scan that may be unreliable',
        ],
      ]);
      assert.equal(netbox.addresses[0]!.status, 'active');
    }
  });

  test('an address in another VRF, or twice in NetBox, is left alone', async () => {
    const netbox = await standIn();
    netbox.vrfs.push({ id: 5, name: 'blue', enforce_unique: false });
    netbox.add({ address: '192.0.2.1/24', vrf: 5, tags: ['echosweep'], status: 'deprecated' });
    netbox.add({ address: '192.0.2.2/24', vrf: 5, tags: ['echosweep'], status: 'deprecated' });
    netbox.add({ address: '192.0.2.2/32', vrf: 5, tags: ['echosweep'] });
    const hosts = { 1: {}, 2: { hostname: 'b.example' }, 3: {} };
    const outside = await new NetBoxInventory(netbox.url).scan(hosts);
    const dry = await outside.sync('--dry-run');
    assert.deepEqual(dry.results, [
      ...Array(2).fill('is in another VRF, "blue"'),
      'is not in NetBox',
    ]);
    assert.match(dry.words[0]!, /since they are in another VRF: 192\.0\.2\.1, 192\.0\.2\.2$/);
    const inside = await new NetBoxInventory(netbox.url, ', vrf: blue').scan(hosts);
    assert.deepEqual((await inside.sync()).rows, [
      ['update', '192.0.2.1/24', 'status: deprecated to active', 'is present', 'updated'],
      [
        ...['leave', '192.0.2.2/24', 'status: deprecated to active, dns_name: none to b.example'],
        'NetBox has the address more than once',
      ],
      ['create', '192.0.2.3/24', 'is not in NetBox', 'created'],
    ]);
    assert.equal(netbox.addresses.at(-1)!.vrf, 5);
    const wrong = await new NetBoxInventory(netbox.url, ', vrf: red').scan(hosts);
    await assert.rejects(wrong.sync(), { message: 'NetBox has no VRF "red": correct netbox.vrf' });
  });

  test('reads and writes long lists in parts, and goes to no other server', async () => {
    const { netbox, inventory } = await netboxAndInventory(hostsUpTo(200));
    netbox.maxPageSize = 7;
    for (let octet = 1; octet <= 20; octet++) netbox.add({ address: `192.0.2.${octet}/24` });
    const { words } = await inventory.sync();
    assert.equal(
      words.at(-1),
      '180 created, 0 updated, 0 left alone, 0 unchanged, 20 of others agree',
    );
    assert.equal(netbox.changes.filter((each) => each.startsWith('POST /api/ipam')).length, 4);
  });

  test('a host that a range or a name has is looked up too', async () => {
    const netbox = await standIn();
    netbox.add({ address: '192.0.2.1/24', tags: ['echosweep'], status: 'deprecated' });
    const inventory = await new NetBoxInventory(netbox.url, '', '192.0.2.1-192.0.2.9').scan(
      hostsUpTo(2),
    );
    const { rows } = await inventory.sync();
    assert.deepEqual(
      rows.map(([action, address]) => [action, address]),
      [
        ['update', '192.0.2.1/24'],
        ['create', '192.0.2.2/32'],
      ],
    );
  });

  test('times go only into custom fields that can hold them', async () => {
    const { netbox, inventory } = await netboxAndInventory({ 1: {} });
    netbox.customFields.push(
      { id: 1, name: 'first_seen', type: 'integer', object_types: ['ipam.ipaddress'] },
      { id: 2, name: 'last_seen', type: 'date', object_types: ['dcim.device'] },
    );
    const { words, code } = await inventory.sync();
    assert.equal(code, 0);
    assert.deepEqual(netbox.addresses[0]!.custom_fields, { first_seen: null });
    assert.match(words[0]!, /^note: the custom field first_seen is not of the type date/);
  });
});

describe('--prefixes', () => {
  test('prints the prefixes with a tag as targets', async () => {
    const netbox = await standIn();
    netbox.tags.push({ id: 1, name: 'Scan', slug: 'scan' });
    const prefixes = ['192.0.2.0/24', '10.0.0.0/8', '2001:db8::/64', '2001:db8::/112'];
    netbox.prefixes.push(...prefixes.map((prefix, i) => ({ id: i + 1, prefix, tags: ['scan'] })), {
      id: 9,
      prefix: '198.51.100.0/24',
      tags: [],
    });
    const { stdout, words } = await new NetBoxInventory(netbox.url).sync('--prefixes', 'scan');
    assert.equal(stdout, '192.0.2.0/24\n2001:db8::/112\n');
    assert.deepEqual(words, [
      'note: 10.0.0.0/8 left out: it is too large to sweep',
      'note: 2001:db8::/64 left out: it is too large to sweep',
      '2 prefixes',
    ]);
    assert.deepEqual(netbox.changes, []);
  });

  test('of a tag that does not exist are an error', async () => {
    const netbox = await standIn();
    await assert.rejects(new NetBoxInventory(netbox.url).sync('--prefixes', 'none'), {
      message: /refuses the query \(tag: Select a valid choice\. none is not/,
    });
  });
});

describe('a report of it', () => {
  test('that has no place is refused before NetBox is changed', async () => {
    const { netbox, inventory } = await netboxAndInventory(hostsUpTo(2));
    await assert.rejects(inventory.sync('-o', `${inventory.config}.missing/report.csv`), {
      message: /: its folder does not exist: create it first$/,
    });
    assert.deepEqual(netbox.changes, []);
  });

  test('that does not fit on the disk leaves what was done on the screen', {
    skip: !existsSync('/dev/full') && 'no /dev/full here',
  }, async () => {
    const { netbox, inventory } = await netboxAndInventory(hostsUpTo(2));
    const surroundings = fakeSurroundings({ env: inventory.env });
    const args = ['sync', 'netbox', '--config', inventory.config, '-o', '/dev/full'];
    await assert.rejects(inventoryCommand.run(args, surroundings), {
      message: /: the disk is full: /,
    });
    assert.equal(netbox.addresses.length, 2);
    assert.equal(
      surroundings.stderr.text,
      '2 created, 0 updated, 0 left alone, 0 unchanged, 0 of others agree\n',
    );
  });
});

test('what cannot be synchronised is refused', async () => {
  const inventory = new NetBoxInventory('http://127.0.0.1:9');
  const run = (...args: string[]) =>
    inventoryCommand.run(['sync', ...args, '--config', inventory.config], fakeSurroundings());
  await assert.rejects(run('phpipam'), { message: /"phpipam" cannot be synchronised/ });
  writeFileSync(inventory.config, 'networks: { a: { targets: 192.0.2.1 } }\n');
  await assert.rejects(run('netbox'), { message: /has no netbox: add netbox with url/ });
});
