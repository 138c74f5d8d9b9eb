/** CSV as spreadsheets and other programs write it. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { addressColumns, addressInCell } from '../../../src/text/address-columns.ts';
import { csvHeaderOf, csvRows } from '../../../src/text/csv-rows.ts';
import { literalText } from '../../../src/text/literal-cell.ts';
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
  for await (const batch of csvRows(peeked, header, { isRagged }, refuse)) {
    for (const { line, cells } of batch) rows.push([line, ...cells]);
  }
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

  test('that is wrong comes after the rows before it', async () => {
    const seen: number[] = [];
    const text = 'IP,Name\n10.0.0.1,a\n10.0.0.2\n';
    const pieces = async function* (): AsyncGenerator<string> {
      yield text;
    };
    const peeked = await peekedText(pieces());
    const header = csvHeaderOf(text, hasIp);
    const refuse = (line: number | undefined, problem: string) => new Error(`${line} ${problem}`);
    await assert.rejects(async () => {
      for await (const rows of csvRows(peeked, header, { isRagged: false }, refuse)) {
        seen.push(...rows.map(({ line }) => line));
      }
    }, /3 the row is not as wide/);
    assert.deepEqual(seen, [1, 2]);
  });
});

test('the records are those of the parser, wherever quotes begin and pieces end', async () => {
  const parts = [
    'a',
    '10',
    ',',
    ',',
    '\n',
    '\n',
    '"',
    '""',
    '"x,\ny"',
    '\r\n',
    '\r',
    ' ',
    "'",
    '="1"',
  ];
  const text = fc
    .tuple(
      // Files begin with lines that have no quotes, as most reports have none at all.
      fc.array(fc.constantFrom('a', ',', '\n'), { maxLength: 20, size: 'max' }),
      fc.array(fc.constantFrom(...parts), { maxLength: 20, size: 'max' }),
    )
    .map((both) => both.flat().join(''));
  await fc.assert(
    fc.asyncProperty(text, fc.integer({ min: 1, max: 9 }), async (whole, size) => {
      let expected: string[][] | undefined;
      try {
        expected = parse(whole, { delimiter: ',', relax_column_count: true });
      } catch {
        // Then it is refused.
      }
      const rows = cellsOf(whole, size);
      if (expected === undefined) await assert.rejects(rows, /the quotes are not those/);
      else
        assert.deepEqual(
          await rows,
          expected.map((cells) => cells.map(literalText)),
        );
    }),
    { numRuns: 500 },
  );
});

async function cellsOf(text: string, pieceSize: number): Promise<(readonly string[])[]> {
  const pieces = async function* (): AsyncGenerator<string> {
    for (let at = 0; at < text.length; at += pieceSize) yield text.slice(at, at + pieceSize);
  };
  const header = { delimiter: ',', skippedCharacters: 0, skippedLines: 0 };
  const refuse = (line: number | undefined, problem: string) => new Error(`${line} ${problem}`);
  const found: (readonly string[])[] = [];
  const peeked = { head: '', whole: pieces() };
  for await (const rows of csvRows(peeked, header, { isRagged: true }, refuse)) {
    found.push(...rows.map(({ cells }) => cells));
  }
  return found;
}

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
