/** The commands and configurations of docs/integrations/ipam.md, tried against the stand-ins of NetBox and phpIPAM. */

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { runCommand } from '../../src/cli/run-command.ts';
import { configJsonSchema } from '../../src/inventory/config/config.ts';
import { openStore } from '../../src/inventory/store.ts';
import { fakeSurroundings, KeptStream } from '../unit/cli/fakes.ts';
import { netboxImport, phpipamImport } from '../unit/inventory/ipam/bulk-imports.ts';
import { StandInNetBox, TOKEN } from '../unit/inventory/ipam/stand-in-netbox.ts';
import { silentAt, temporaryFolder, upAt, writeOffice } from '../unit/inventory/samples.ts';
import { codeIn, fencesOf, tableOf, textOf } from './markdown.ts';

const PAGE = textOf('docs/integrations/ipam.md');
const FENCES = fencesOf(PAGE);
const COMMANDS = FENCES.filter(({ info }) => info === 'sh').flatMap(({ code }) =>
  code.trim().split(/\n|; /),
);
const [FILES_CONFIG, SYNC_CONFIG] = FENCES.filter(({ info }) => info === 'yaml').map(
  ({ code }) => code,
);

let netbox: StandInNetBox;
before(async () => {
  netbox = await StandInNetBox.start();
  netbox.tags.push({ id: 1, name: 'Scan', slug: 'scan' });
  netbox.prefixes.push({ id: 1, prefix: '192.0.2.0/24', tags: ['scan'] });
});
after(() => netbox.stop());

const FOLDER = temporaryFolder();
const HERE = process.cwd();
after(() => process.chdir(HERE));

/** A folder with a configuration of the page and an inventory: .1 and .2 are there, and .3 is gone. */
async function folderWith(config: string, known?: string): Promise<string> {
  const folder = join(FOLDER, String(Math.random()).slice(2));
  mkdirSync(folder);
  writeFileSync(join(folder, 'echosweep.yaml'), config);
  if (known !== undefined) writeFileSync(join(folder, 'netbox_ip_addresses.csv'), known);
  const store = await openStore(join(folder, 'echosweep.db'));
  for (let scan = 0; scan < 3; scan++) {
    const last = scan === 0 ? upAt('192.0.2.3', scan) : silentAt('192.0.2.3', scan);
    const named = upAt('192.0.2.2', scan, { hostname: 'two.example' });
    const hosts = [upAt('192.0.2.1', scan), named, last];
    writeOffice(store, scan, hosts);
  }
  store.close();
  return folder;
}

/** Runs a command of the page in a folder, as a shell would. @returns its standard output */
async function tried(command: string, folder: string): Promise<string> {
  const [, args, file] = /^echosweep (.*?)(?: > (\S+))?$/.exec(command)!;
  const stdout = new KeptStream();
  const surroundings = fakeSurroundings({ stdout, env: { NETBOX_TOKEN: TOKEN } });
  process.chdir(folder);
  const code = await runCommand(args!.split(' '), surroundings);
  assert.equal(code, 0, `${command}: ${surroundings.stderr.text}`);
  if (file !== undefined) writeFileSync(file, stdout.text);
  return stdout.text;
}

function commandsOf(pattern: RegExp): string[] {
  const found = COMMANDS.filter((command) => pattern.test(command));
  assert.ok(found.length > 0, String(pattern));
  return found;
}

describe('the page on address management', () => {
  test('has files for NetBox, which it imports', async () => {
    const known =
      'ID,IP Address,Status,DNS name\n7,192.0.2.2/24,Active,\n8,192.0.2.3/24,Active,x\n';
    const folder = await folderWith(FILES_CONFIG!, known);
    const [command] = commandsOf(/--for netbox/);
    await tried(command!, folder);
    const fileOf = (name: string): string => readFileSync(join(folder, name), 'utf8');
    const existing = [2, 3].map((octet) => ({
      ...{ id: octet + 5, address: `192.0.2.${octet}/24`, status: 'active', description: 'kept' },
      dns_name: octet === 2 ? '' : 'x',
    }));
    const after = netboxImport(
      fileOf('netbox-stale.csv'),
      netboxImport(fileOf('netbox-new.csv'), existing),
    );
    assert.deepEqual(
      after.map(({ id, dns_name: name, status, description }) => [id, name, status, description]),
      [
        [7, 'two.example', 'active', 'kept'],
        [8, 'x', 'deprecated', 'kept'],
        [9, '', 'active', ''],
      ],
    );
    const columns = fileOf('netbox-new.csv').split('\n', 1)[0]!.split(',');
    assert.deepEqual(
      tableOf(PAGE, 'Column').map(([name]) => codeIn(name!)),
      columns,
    );
  });

  test('has a file for phpIPAM, which it imports', async () => {
    const [command] = commandsOf(/--for phpipam/);
    const config = FILES_CONFIG!.replace(/^known-hosts.*\n/, '');
    const folder = await folderWith(config);
    await tried(command!, folder);
    const text = readFileSync(join(folder, 'phpipam-new.csv'), 'utf8');
    assert.deepEqual(phpipamImport(text, [], ['192.0.2.0/24']).actions, ['add', 'add']);
  });

  test('has a synchronisation with a dry run, which is idempotent', async () => {
    const folder = await folderWith(SYNC_CONFIG!.replace('https://netbox.example', netbox.url));
    const commands = commandsOf(/inventory sync netbox(?! --prefixes)/);
    assert.match(commands[0]!, /--dry-run$/);
    await tried(commands[0]!, folder);
    assert.deepEqual(netbox.changes, []);
    for (const command of commands.slice(1)) await tried(command, folder);
    assert.equal(netbox.addresses.length, 2);
    assert.equal(netbox.changes.length, 2);
  });

  test('has prefixes of NetBox, which a sweep takes as targets', async () => {
    const folder = await folderWith(SYNC_CONFIG!.replace('https://netbox.example', netbox.url));
    const [print, sweep] = COMMANDS.slice(COMMANDS.indexOf(commandsOf(/--prefixes/)[0]!));
    await tried(print!, folder);
    assert.match(await tried(`${sweep} --dry-run`, folder), /\b254\b/);
  });

  test('explains every field of the configuration', () => {
    const schema = configJsonSchema() as {
      properties: Record<string, { properties: Record<string, unknown> }>;
    };
    assert.deepEqual(
      tableOf(PAGE, 'Field').flatMap(([names]) => names!.split(', ').map(codeIn)),
      Object.keys(schema.properties['netbox']!.properties),
    );
  });
});
