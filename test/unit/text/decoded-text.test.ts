/** Text in the encodings that people save, and what is not text. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { decodedText } from '../../../src/text/decoded-text.ts';

const TEXT = 'münchen.example\n日本.example 😀\n';

/** One piece for each `size` octets. */
async function decoded(octets: Uint8Array, size: number): Promise<string> {
  const pieces = async function* (): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < octets.length; at += size) yield octets.subarray(at, at + size);
  };
  let text = '';
  for await (const piece of decodedText(
    pieces(),
    (line, problem) => new Error(`${line} ${problem}`),
  ))
    text += piece;
  return text;
}

const utf16le = Buffer.from(`\ufeff${TEXT}`, 'utf16le');
const encodings: Readonly<Record<string, Buffer>> = {
  'UTF-8': Buffer.from(TEXT),
  'UTF-8 with a byte order mark': Buffer.from(`\ufeff${TEXT}`),
  'UTF-16 LE': utf16le,
  'UTF-16 BE': Buffer.from(utf16le).swap16(),
};

describe('a text', () => {
  for (const [name, octets] of Object.entries(encodings)) {
    test(`in ${name} is the same, however it is cut into pieces`, async () => {
      for (const size of [1, 2, 3, 5, 1000]) assert.equal(await decoded(octets, size), TEXT);
    });
  }

  test('may be empty, or a single letter', async () => {
    assert.equal(await decoded(Buffer.from(''), 10), '');
    assert.equal(await decoded(Buffer.from('a'), 10), 'a');
    assert.equal(await decoded(Buffer.from('\ufeff'), 1), '');
  });
});

describe('what is not text is refused', () => {
  const others: readonly (readonly [string, Buffer, RegExp])[] = [
    ['Latin-1', Buffer.from('a\nb\ngr\u00fcn\n', 'latin1'), /^3 is neither UTF-8 nor UTF-16/],
    ['a cut character', Buffer.from([0x61, 0x0a, 0xc3]), /^2 is neither UTF-8/],
    ['UTF-16 without a mark', Buffer.from('ab\ncd\n', 'utf16le'), /^1 is not text/],
    ['gzip', Buffer.from([0x1f, 0x8b, 8, 0, 0]), /^undefined is compressed/],
    ['Parquet', Buffer.from('PAR1rest'), /^undefined is a Parquet file/],
    ['a workbook', Buffer.from('PK\u0003\u0004rest'), /^undefined is a spreadsheet/],
  ];
  for (const [name, octets, problem] of others) {
    test(`${name}, with its line`, async () => {
      for (const size of [1, 1000])
        await assert.rejects(decoded(octets, size), { message: problem });
    });
  }
});
