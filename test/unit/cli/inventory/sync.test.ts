/** `inventory sync netbox` against a stand-in of NetBox 4: what it creates, changes and leaves alone, and how it fails. */

import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, test } from 'node:test';
import { inventoryCommand } from '../../../../src/cli/inventory/inventory-command.ts';
import type { ScannedHost } from '../../../../src/inventory/host-writer.ts';
import { writeScan } from '../../../../src/inventory/scan-writer.ts';
import { openStore } from '../../../../src/inventory/store.ts';
import { type Fault, StandInNetBox, TOKEN } from '../../inventory/ipam/stand-in-netbox.ts';
import { RULES, recordOf, silentAt, temporaryFolder, upAt } from '../../inventory/samples.ts';
import { readCsv } from '../../report/read-csv.ts';
import { fakeSurroundings, KeptStream } from '../fakes.ts';

const FOLDER = temporaryFolder();
const running: StandInNetBox[] = [];
afterEach(() => {
  for (const netbox of running.splice(0)) netbox.stop();
});

async function standIn(): Promise<StandInNetBox> {
  const netbox = await StandInNetBox.start();
  running.push(netbox);
  return netbox;
}

let folders = 0;

/** An inventory of one network, and the command with its configuration. */
class Inventory {
  private readonly folder = join(FOLDER, String(folders++));
  readonly config = join(this.folder, 'echosweep.yaml');
  private scans = 0;
  /** Of the latest run. */
  signals = new EventEmitter();
  env: Record<string, string> = { NETBOX_TOKEN: TOKEN };

  constructor(url: string, more = '', targets = '192.0.2.0/24') {
    mkdirSync(this.folder);
    const netbox = `netbox: { url: "${url}", token-env: NETBOX_TOKEN${more} }\n`;
    writeFileSync(this.config, `${netbox}networks: { office: { targets: "${targets}" } }\n`);
  }

  /** A scan that finds these hosts by their last octet, and not the others that it knows. */
  async scan(
    hosts: Readonly<Record<number, Partial<ScannedHost> | null>>,
    record: Parameters<typeof recordOf>[1] = {},
  ): Promise<this> {
    const store = await openStore(join(this.folder, 'echosweep.db'));
    const scan = this.scans++;
    const rows = Object.entries(hosts).map(([octet, values]) =>
      values === null ? silentAt(`192.0.2.${octet}`, scan) : upAt(`192.0.2.${octet}`, scan, values),
    );
    const whole = { network: 'office', record: recordOf(scan, record), hosts: rows, rules: RULES };
    writeScan(store, whole);
    store.close();
    return this;
  }

  async sync(...args: string[]) {
    const stdout = new KeptStream();
    const surroundings = fakeSurroundings({ stdout, env: this.env });
    this.signals = surroundings.signals;
    const code = await inventoryCommand.run(
      ['sync', 'netbox', '--config', this.config, ...args],
      surroundings,
    );
    const columns = 'action,address,changes,reason,result'.split(',');
    const [header = [], ...rows] = readCsv(stdout.text);
    return {
      code,
      stdout: stdout.text,
      rows: rows.map((row) =>
        columns.map((name) => row[header.indexOf(name)]).filter((cell) => cell !== ''),
      ),
      words: surroundings.stderr.text.trimEnd().split('\n'),
    };
  }
}

describe('a synchronisation', () => {
  test('a dry run shows what a real run does, and sends nothing', async () => {
    const netbox = await standIn();
    netbox.add({ address: '192.0.2.2/24', dns_name: 'persons.example' });
    const inventory = await new Inventory(netbox.url).scan({
      1: { hostname: 'One.example' },
      2: { hostname: 'two.example' },
      3: { hostname: '=cmd()' },
    });
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
    assert.deepEqual(
      real.rows.map((row) => row.at(-1)),
      ['created', 'has no tag echosweep', 'created'],
    );
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
    const netbox = await standIn();
    netbox.customFields.push(
      { id: 1, name: 'first_seen', type: 'date', object_types: ['ipam.ipaddress'] },
      { id: 2, name: 'last_seen', type: 'datetime', object_types: ['ipam.ipaddress'] },
    );
    const inventory = await new Inventory(netbox.url).scan({ 1: {}, 2: { hostname: 'b.example' } });
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
    const netbox = await standIn();
    const foreign = netbox.add({ address: '192.0.2.2/24' });
    const inventory = await new Inventory(netbox.url).scan({ 1: {}, 2: {}, 3: {} });
    await inventory.sync();
    const [, first, third] = netbox.addresses as [unknown, { status: string }, { status: string }];
    third.status = 'dhcp';
    const gone = { 1: null, 2: null, 3: null };
    await (await inventory.scan(gone)).scan(gone);
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
      const netbox = await standIn();
      const inventory = await new Inventory(netbox.url).scan({ 1: {} });
      await inventory.sync();
      await (await inventory.scan({ 1: null })).scan({ 1: null });
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
    const outside = await new Inventory(netbox.url).scan(hosts);
    const dry = await outside.sync('--dry-run');
    assert.deepEqual(
      dry.rows.map((row) => row.at(-1)),
      [...Array(2).fill('is in another VRF, "blue"'), 'is not in NetBox'],
    );
    assert.match(dry.words[0]!, /since they are in another VRF: 192\.0\.2\.1, 192\.0\.2\.2$/);
    const inside = await new Inventory(netbox.url, ', vrf: blue').scan(hosts);
    assert.deepEqual((await inside.sync()).rows, [
      ['update', '192.0.2.1/24', 'status: deprecated to active', 'is present', 'updated'],
      [
        ...['leave', '192.0.2.2/24', 'status: deprecated to active, dns_name: none to b.example'],
        'NetBox has the address more than once',
      ],
      ['create', '192.0.2.3/24', 'is not in NetBox', 'created'],
    ]);
    assert.equal(netbox.addresses.at(-1)!.vrf, 5);
    const wrong = await new Inventory(netbox.url, ', vrf: red').scan(hosts);
    await assert.rejects(wrong.sync(), { message: 'NetBox has no VRF "red": correct netbox.vrf' });
  });

  test('reads and writes long lists in parts, and goes to no other server', async () => {
    const netbox = await standIn();
    netbox.maxPageSize = 7;
    for (let octet = 1; octet <= 20; octet++) netbox.add({ address: `192.0.2.${octet}/24` });
    const hosts = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [i + 1, {}]));
    const inventory = await new Inventory(netbox.url).scan(hosts);
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
    const inventory = await new Inventory(netbox.url, '', '192.0.2.1-192.0.2.9').scan({
      1: {},
      2: {},
    });
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
    const netbox = await standIn();
    netbox.customFields.push(
      { id: 1, name: 'first_seen', type: 'integer', object_types: ['ipam.ipaddress'] },
      { id: 2, name: 'last_seen', type: 'date', object_types: ['dcim.device'] },
    );
    const { words, code } = await (await new Inventory(netbox.url).scan({ 1: {} })).sync();
    assert.equal(code, 0);
    assert.deepEqual(netbox.addresses[0]!.custom_fields, { first_seen: null });
    assert.match(words[0]!, /^note: the custom field first_seen is not of the type date/);
  });

  test('takes tokens of either version, and an address with /api', async () => {
    const netbox = await standIn();
    const inventory = await new Inventory(`${netbox.url}/api/`).scan({ 1: {} });
    inventory.env = { NETBOX_TOKEN: 'nbt_key.secret' };
    assert.equal((await inventory.sync()).code, 0);
  });

  test('goes through the proxy that the environment names', async () => {
    const netbox = await standIn();
    const seen: string[] = [];
    const proxy = createServer((request, response) => {
      seen.push(request.url!);
      const { pathname, search } = new URL(request.url!);
      const { method, headers } = request;
      void (async () => {
        let body = '';
        for await (const chunk of request) body += String(chunk);
        const answer = await fetch(`${netbox.url}${pathname}${search}`, {
          method: method!,
          headers: { authorization: headers.authorization!, 'content-type': 'application/json' },
          ...(body !== '' && { body }),
        });
        response.writeHead(answer.status).end(await answer.text());
      })();
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const inventory = await new Inventory('http://netbox.example').scan({ 1: {} });
    const { port } = proxy.address() as AddressInfo;
    inventory.env = { ...inventory.env, http_proxy: `http://127.0.0.1:${port}` };
    const { code } = await inventory.sync();
    proxy.closeAllConnections();
    proxy.close();
    assert.equal(code, 0);
    assert.ok(seen.length > 3 && seen.every((url) => url.startsWith('http://netbox.example/api/')));
    assert.equal(netbox.addresses.length, 1);
  });
});

describe('what NetBox refuses', () => {
  test('one address that it refuses costs only itself', async () => {
    const netbox = await standIn();
    const inventory = await new Inventory(netbox.url).scan({ 1: {}, 2: {}, 3: {} });
    // Another one creates the address between the reading and the writing.
    netbox.before = (request) => {
      if (request !== 'POST /api/extras/tags/') return;
      netbox.add({ address: '192.0.2.2/32', dns_name: 'faster.example' });
    };
    const { code, rows, words } = await inventory.sync();
    assert.equal(code, 4);
    assert.deepEqual(
      rows.map((row) => row.at(-1)),
      [
        'created',
        'refused: address: Duplicate IP address found in global table: 192.0.2.2/32',
        'created',
      ],
    );
    assert.equal(
      words.at(-1),
      '2 created, 0 updated, 1 failed, 0 left alone, 0 unchanged, 0 of others agree',
    );
    // The next run finds it and leaves it alone.
    netbox.before = () => {};
    assert.equal((await inventory.sync()).code, 0);
  });

  test('without a permission it stops there, and does the rest', async () => {
    const netbox = await standIn();
    const inventory = await new Inventory(netbox.url).scan({ 1: {} });
    await inventory.sync();
    await inventory.scan({ 1: { hostname: 'one.example' }, 2: {}, 3: {} });
    netbox.permissions.delete('add ip');
    const { code, rows } = await inventory.sync();
    assert.equal(code, 4);
    const refused = 'refused: You do not have permission to perform this action.';
    assert.deepEqual(
      rows.map((row) => row.at(-1)),
      ['updated', refused, refused],
    );
    netbox.permissions.delete('add tag');
    const other = await new Inventory(netbox.url, ', tag: other').scan({ 5: {} });
    const failed = await other.sync();
    assert.equal(failed.code, 4);
    assert.match(failed.words.at(-1)!, /the tag other cannot be created .*: create it in NetBox/);
    assert.deepEqual(failed.rows[0]!.at(-1), 'not sent');
  });

  test('a change that it leaves out without a word is not believed', async () => {
    const netbox = await standIn();
    const inventory = await new Inventory(netbox.url).scan({ 1: {}, 2: {} });
    await inventory.sync();
    netbox.protectedIds.add(1);
    await inventory.scan({ 1: { hostname: 'a.example' }, 2: { hostname: 'b.example' } });
    const { code, rows } = await inventory.sync();
    assert.equal(code, 4);
    assert.deepEqual(
      rows.map((row) => row.at(-1)),
      ['refused: the token may not change it', 'updated'],
    );
  });

  test('an address that a person takes over meanwhile is left alone', async () => {
    const netbox = await standIn();
    const inventory = await new Inventory(netbox.url).scan({ 1: {}, 2: {} });
    await inventory.sync();
    await inventory.scan({ 1: { hostname: 'a.example' }, 2: { hostname: 'b.example' } });
    const reads = netbox.requests.filter((each) => each === 'GET /api/ipam/ip-addresses/').length;
    netbox.before = () => {
      const now = netbox.requests.filter((each) => each === 'GET /api/ipam/ip-addresses/').length;
      if (now === reads + 2) netbox.addresses[0]!.tags = [];
    };
    const { code, rows } = await inventory.sync();
    assert.equal(code, 0);
    assert.deepEqual(
      rows.map((row) => row.at(-1)),
      ['left alone: it has lost the tag echosweep', 'updated'],
    );
    assert.equal(netbox.addresses[0]!.dns_name, '');
  });
});

describe('a NetBox that fails', () => {
  const reading: readonly [what: string, fault: Fault, message: RegExp][] = [
    ['an error of its own', { status: 502, body: '<html>' }, /answered with status 502: run it/],
    ['a page of HTML', { status: 200, body: '<html>' }, /does not answer as NetBox 4 does/],
    ['another JSON', { status: 200, body: '[]' }, /does not answer as NetBox 4 does/],
    ['no API', { status: 404 }, /is not the API of NetBox \(status 404\): correct netbox\.url/],
    [
      'a redirect',
      { status: 301, headers: { location: 'https://netbox.example/api/x?y=secret' } },
      /redirects to https:\/\/netbox\.example: write the address/,
    ],
    ['a broken connection', 'cut', /cannot be reached/],
    ['half an answer', 'half', /cannot be reached/],
    ['no answer', 'hang', /did not answer in time/],
  ];
  for (const [what, fault, message] of reading) {
    test(`${what} ends it before anything is changed`, async () => {
      const netbox = await standIn();
      const inventory = await new Inventory(netbox.url, ', timeout: 1').scan({ 1: {} });
      netbox.fault = (request) => (request === 'GET /api/ipam/ip-addresses/' ? fault : undefined);
      await assert.rejects(inventory.sync(), { code: 'NETBOX_FAILED', message });
      assert.deepEqual(netbox.changes, []);
    });
  }

  test('a wrong token ends it, and no message has a part of the token', async () => {
    const netbox = await standIn();
    const inventory = await new Inventory(netbox.url).scan({ 1: {} });
    inventory.env = { NETBOX_TOKEN: 'wrong-secret' };
    await assert.rejects(inventory.sync(), (error: Error) => {
      assert.match(
        error.message,
        /refuses the token for extras\/tags\/ \(Invalid v1 token\): check that it is valid/,
      );
      assert.ok(!error.message.includes('secret'));
      return true;
    });
    for (const [env, message] of [
      [{}, /the environment has no NETBOX_TOKEN/],
      [{ NETBOX_TOKEN: 'a b' }, /has characters that no token has/],
    ] as const) {
      inventory.env = env;
      await assert.rejects(inventory.sync(), { code: 'CONFIG_INVALID', message });
    }
  });

  test('429 and 503 are waited for as long as they say', async () => {
    const netbox = await standIn();
    const inventory = await new Inventory(netbox.url).scan({ 1: {} });
    netbox.fault = (request, count) => {
      if (request !== 'POST /api/ipam/ip-addresses/' || count > 2) return undefined;
      return { status: count === 1 ? 429 : 503, headers: { 'retry-after': '1' } };
    };
    assert.equal((await inventory.sync()).code, 0);
    assert.equal(netbox.addresses.length, 1);
    netbox.fault = () => ({ status: 429, headers: { 'retry-after': '3600' } });
    await assert.rejects(inventory.sync(), { message: /answered with status 429/ });
  });

  const writing: readonly [what: string, fault: Fault][] = [
    ['fails', { status: 500 }],
    ['breaks off', 'cut'],
    ['breaks off after it has done it', 'done-then-cut'],
    ['does not answer', 'hang'],
  ];
  for (const [what, fault] of writing) {
    test(`if it ${what}, the rest is not sent, and the next run completes it`, async () => {
      const netbox = await standIn();
      const hosts = Object.fromEntries(Array.from({ length: 120 }, (_, i) => [i + 1, {}]));
      const inventory = await new Inventory(netbox.url, ', timeout: 2').scan(hosts);
      netbox.fault = (request, count) =>
        request === 'POST /api/ipam/ip-addresses/' && count === 2 ? fault : undefined;
      const { code, rows, words } = await inventory.sync();
      assert.equal(code, 4);
      const results = rows.map((row) => row.at(-1));
      assert.deepEqual(new Set(results.slice(0, 50)), new Set(['created']));
      assert.deepEqual(
        new Set(results.slice(50, 100)),
        new Set(['unknown: NetBox did not confirm it']),
      );
      assert.deepEqual(new Set(results.slice(100)), new Set(['not sent']));
      assert.match(words.at(-1)!, /^echosweep: http:\/\/127\.0\.0\.1:\d+ /);
      netbox.fault = () => undefined;
      assert.equal((await inventory.sync()).code, 0);
      assert.equal(netbox.addresses.length, 120);
    });
  }
});

test('a signal lets the request under way end, and sends no other', async () => {
  const netbox = await standIn();
  const hosts = Object.fromEntries(Array.from({ length: 120 }, (_, i) => [i + 1, {}]));
  const inventory = await new Inventory(netbox.url).scan(hosts);
  netbox.before = (request) => {
    if (request === 'POST /api/ipam/ip-addresses/') inventory.signals.emit('SIGTERM');
  };
  const { code, rows, words } = await inventory.sync();
  assert.equal(code, 143);
  assert.equal(netbox.addresses.length, 50);
  const results = rows.map((row) => row.at(-1));
  assert.deepEqual(new Set(results.slice(0, 50)), new Set(['created']));
  assert.deepEqual(new Set(results.slice(50)), new Set(['not sent']));
  assert.equal(words.at(-1), 'echosweep: stopped: run it again');
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
    const { stdout, words } = await new Inventory(netbox.url).sync('--prefixes', 'scan');
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
    await assert.rejects(new Inventory(netbox.url).sync('--prefixes', 'none'), {
      message: /refuses the query \(tag: Select a valid choice\. none is not/,
    });
  });
});

test('what cannot be synchronised is refused', async () => {
  const inventory = new Inventory('http://127.0.0.1:9');
  const run = (...args: string[]) =>
    inventoryCommand.run(['sync', ...args, '--config', inventory.config], fakeSurroundings());
  await assert.rejects(run('phpipam'), { message: /"phpipam" cannot be synchronised/ });
  writeFileSync(inventory.config, 'networks: { a: { targets: 192.0.2.1 } }\n');
  await assert.rejects(run('netbox'), { message: /has no netbox: add netbox with url/ });
});
