/** Lines, whichever way they end. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { linesOf } from '../../../src/text/text-lines.ts';

async function lines(pieces: readonly string[]): Promise<string[]> {
  const text = async function* (): AsyncGenerator<string> {
    yield* pieces;
  };
  const all: string[] = [];
  for await (const some of linesOf(text(), (line, problem) => new Error(`${line} ${problem}`)))
    all.push(...some);
  return all;
}

test('LF, CRLF and CR end a line, wherever the text is cut into pieces', async () => {
  const text = 'a\nb\r\nc\rd\r\n\r\ne';
  for (let size = 1; size < 6; size++) {
    const pieces = text.match(new RegExp(`[^]{1,${size}}`, 'g'))!;
    assert.deepEqual(await lines(pieces), ['a', 'b', 'c', 'd', '', 'e'], `${size} at a time`);
  }
});

test('the last line needs no end, and an end makes no further line', async () => {
  assert.deepEqual(await lines(['a\nb']), ['a', 'b']);
  assert.deepEqual(await lines(['a\nb\r']), ['a', 'b']);
  assert.deepEqual(await lines([]), []);
});

test('a line without an end is refused before it fills the memory', async () => {
  const endless = Array.from({ length: 1000 }, () => 'x'.repeat(10_000));
  await assert.rejects(lines(['ok\n', ...endless]), /2 is too long for a line/);
});
