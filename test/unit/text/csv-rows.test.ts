/** CSV as spreadsheets and other programs write it. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { addressColumns, addressInCell } from '../../../src/text/address-columns.ts';
import { csvHeaderOf, csvRows } from '../../../src/text/csv-rows.ts';
import { peekedText } from '../../../src/text/peeked-text.ts';

const hasIp = (cells: readonly string[]): boolean => addressColumns(cells).length > 0;

async function rowsOf(text: string, isRagged = true): Promise<[number, ...string[]][]> {
  const pieces = async function* (): AsyncGenerator<string> {
    yield text;
  };
  const peeked = await peekedText(pieces());
  const rows: [number, ...string[]][] = [];
  const refuse = (line: number | undefined, problem: string) => new Error(`${line} ${problem}`);
  const header = csvHeaderOf(peeked.head, hasIp);
  for await (const { line, cells } of csvRows(peeked, header, { isRagged }, refuse))
    rows.push([line, ...cells]);
  return rows;
}

describe('the delimiter', () => {
  const headers: readonly (readonly [string, string])[] = [
    ['IP,Name', ','],
    ['Name;IP', ';'],
    ['Name\tIP', '\t'],
    ['Name|IP', '|'],
    ['IP;"Location, room, rack, unit";Name', ';'],
    ['"IP\r\nAddress";Name', ';'],
    ['IP', ','],
  ];
  for (const [header, delimiter] of headers) {
    test(`of ${JSON.stringify(header)} is ${JSON.stringify(delimiter)}`, () => {
      assert.equal(csvHeaderOf(`${header}\r\n`, hasIp).delimiter, delimiter);
    });
  }

  test('is the one that Excel is told in the first line', () => {
    assert.equal(csvHeaderOf('sep=;\r\nIP;Name, first\r\n', hasIp).delimiter, ';');
  });
});

describe('a row', () => {
  test('knows the line in which it begins, behind comments, blank lines and cells of several lines', async () => {
    const text = '#TYPE Selected.Lease\n\n"IP\nAddress";Name\n10.0.0.1;"a\r\nb"\n10.0.0.2;c\n';
    assert.deepEqual(await rowsOf(text), [
      [3, 'IP\nAddress', 'Name'],
      [5, '10.0.0.1', 'a\r\nb'],
      [7, '10.0.0.2', 'c'],
    ]);
  });

  test('may end with a CR alone, and be shorter than the header if that is allowed', async () => {
    assert.deepEqual(await rowsOf('IP;Name\r10.0.0.1\r'), [
      [1, 'IP', 'Name'],
      [2, '10.0.0.1'],
    ]);
    await assert.rejects(
      rowsOf('x\n\nIP;Name\n10.0.0.1\n'.slice(2), false),
      /3 the row is not as wide/,
    );
  });

  test('with broken quotes is refused with its line', async () => {
    await assert.rejects(rowsOf('IP,Name\n10.0.0.1,a"b"\n'), /2 the quotes are not those/);
  });
});

describe('the columns of addresses', () => {
  const names = [
    ...[
      'address',
      'IP',
      'ip address',
      'IP-Address',
      'ip_addr',
      'IPAddress',
      'ipv4',
      'IPv6 Address',
    ],
    ...['Management IP', 'primary_ip4', 'IP-Adresse', 'Adresse IP', 'IP\r\nAddress', ' Addr '],
  ];
  for (const name of names) {
    test(`may be called ${JSON.stringify(name)}`, () => {
      assert.deepEqual(addressColumns(['Name', name]), [1]);
    });
  }

  test('are not those of postal addresses, descriptions or scopes', () => {
    assert.deepEqual(addressColumns(['Address', 'IP']), [1]);
    assert.deepEqual(addressColumns(['IPv4', 'IPv6', 'Address']), [0, 1]);
    assert.deepEqual(
      addressColumns(['description', 'zip', 'scope_id', 'ip_range', 'mac_address']),
      [],
    );
  });

  test('hold hosts, with or without the mask of their network', () => {
    assert.equal(addressInCell(' 192.0.2.7/24 '), '192.0.2.7');
    assert.equal(addressInCell('192.0.2.7/255.255.255.0'), '192.0.2.7');
    assert.equal(addressInCell('fe80::1/64%eth0'), 'fe80::1%eth0');
    assert.equal(addressInCell('192.0.2.7'), '192.0.2.7');
  });
});
