/** The file of hosts that should be there, as people and their programs save it. */

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { type KnownHosts, readKnownHosts } from '../../../src/inventory/known-hosts.ts';
import { temporaryFolder } from './samples.ts';

const FOLDER = temporaryFolder();
const PATH = join(FOLDER, 'hosts.csv');

function read(content: string | Uint8Array): Promise<KnownHosts> {
  writeFileSync(PATH, content);
  return readKnownHosts(PATH);
}

async function namesIn(content: string | Uint8Array): Promise<[address: string, name?: string][]> {
  const { byKey } = await read(content);
  return [...byKey.values()].map(({ address, fields }) => [address, fields['name']!]);
}

/** Notes without the path. */
async function notesOn(content: string): Promise<string[]> {
  return (await read(content)).notes.map((note) => note.replace(PATH, 'hosts.csv'));
}

describe('known hosts are read', () => {
  const files: readonly [what: string, content: string | Uint8Array][] = [
    ['with semicolons, and commas in a quoted header', 'IP;"Room, rack";Name\r\n192.0.2.1;x;a\r\n'],
    ['with a line end in a header', '"IP\r\nAddress";Name\r\n192.0.2.1;a\r\n'],
    ['with tabs', 'name\taddress\na\t192.0.2.1\n'],
    ['with bars', 'name|address\na|192.0.2.1\n'],
    ['with the separator in front', 'sep=|\r\nIP|Name\r\n192.0.2.1|a\r\n'],
    ['with the type of PowerShell in front', '#TYPE X\r\n"IP","Name"\r\n"192.0.2.1","a"\r\n'],
    ['with a byte order mark', '\uFEFFip,name\n192.0.2.1,a\n'],
    ['in UTF-16', Buffer.from('\uFEFFip,name\n192.0.2.1,a\n', 'utf16le')],
    ['with a prefix length', 'ip,name\n192.0.2.1/24,a\n'],
    ['with a netmask', 'ip,name\n192.0.2.1/255.255.255.0,a\n'],
    ['with a netmask after a blank', 'ip,name\n192.0.2.1 255.255.255.0,a\n'],
    ['with line ends of several kinds', 'ip,name\r\n192.0.2.1,a\n\r\n'],
    ['with cells missing at the end of a row', 'name,ip,owner\na,192.0.2.1\n'],
    ['with empty cells at the end of a row', 'ip,name\n192.0.2.1,a,,\n'],
  ];
  for (const [what, content] of files) {
    test(what, async () => {
      assert.deepEqual(await namesIn(content), [['192.0.2.1', 'a']]);
      assert.deepEqual((await read(content)).notes, []);
    });
  }

  test('with a column for each family', async () => {
    const file = 'Name,IPv4,IPv6\na,192.0.2.1,2001:DB8::1\nb,,2001:db8::2\n';
    assert.deepEqual(await namesIn(file), [
      ['192.0.2.1', 'a'],
      ['2001:db8::1', 'a'],
      ['2001:db8::2', 'b'],
    ]);
    assert.deepEqual((await read(file)).columns, ['name']);
  });
});

test('rows of one address are joined, each value once', async () => {
  const { byKey, notes } = await read(
    'ip,vrf,name,place\n192.0.2.1,,a,"x, y"\n192.0.2.1/32,red,b,"x, y"\n192.0.2.1,blue,a,"x, y"\n',
  );
  assert.deepEqual(
    [...byKey.values()].map(({ fields }) => ({ ...fields })),
    [{ vrf: 'red, blue', name: 'a, b', place: 'x, y' }],
  );
  assert.deepEqual(notes, []);
});

describe('a row that cannot be used is noted with its line, and costs nothing else', () => {
  const rows: readonly [what: string, row: string, problem: string][] = [
    ['no address', 'nowhere,x', '"nowhere" is not an address'],
    ['an empty address', ',x', 'the row has no address'],
    ['too many cells', '192.0.2.9,x,y', 'the row has more cells than the header'],
    ['text after a quote', '"192.0.2.9"x,y', 'the quotes are not those of a CSV (RFC 4180)'],
    ['a quote that is not closed', '192.0.2.9,"x', 'the quotes are not those of a CSV (RFC 4180)'],
    ['a quote inside a cell', '192.0.2.9,5" disk', 'the quotes are not those of a CSV (RFC 4180)'],
  ];
  for (const [what, row, problem] of rows) {
    test(what, async () => {
      const file = `ip,name\n192.0.2.1,"a\nb"\n${row}\n192.0.2.2,"c"\n`;
      assert.deepEqual(await namesIn(file), [
        ['192.0.2.1', 'a\nb'],
        ['192.0.2.2', 'c'],
      ]);
      assert.deepEqual(await notesOn(file), [`hosts.csv, line 4: ${problem}; skipped`]);
    });
  }

  test('however many there are, the notes stay short', async () => {
    const notes = await notesOn(`ip\n${'x\n'.repeat(1012)}192.0.2.1\n`);
    assert.equal(notes.length, 11);
    assert.equal(notes.at(-1), 'hosts.csv: 1,002 further rows skipped');
  });

  test('broken quotes in every row end the reading at some time', async () => {
    const file = `ip,name\n192.0.2.1,a\n${'192.0.2.9,"x"y\n'.repeat(500)}`;
    assert.deepEqual(await namesIn(file), [['192.0.2.1', 'a']]);
    assert.equal((await notesOn(file)).length, 11);
  });
});

test('a file without a column of addresses, or that is not text, is refused', async () => {
  await assert.rejects(read('name,place\na,b\n'), {
    code: 'REPORT_INVALID',
    message: /hosts\.csv: none of its columns is called address: name/,
  });
  await assert.rejects(read(Buffer.from([0x50, 0x4b, 3, 4, 0])), {
    message: /hosts\.csv is a spreadsheet or a ZIP archive: save the sheet as CSV/,
  });
  await assert.rejects(readKnownHosts(join(FOLDER, 'none.csv')), {
    code: 'REPORT_INVALID',
    message: /^cannot read .*none\.csv: there is no such file/,
  });
});
