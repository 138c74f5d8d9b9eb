/** A CSV with broken rows, read in steps. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CsvRow } from '../../../src/text/csv-rows.ts';
import { lenientCsvRows, type SkipRow } from '../../../src/text/lenient-csv.ts';

const HEADER = { delimiter: ',', skippedCharacters: 0, skippedLines: 0 };
const NONE_SKIPPED: SkipRow = (line, problem) => assert.fail(`line ${line}: ${problem}`);

async function stepsOf(text: string, skip = NONE_SKIPPED): Promise<(readonly CsvRow[])[]> {
  const steps: (readonly CsvRow[])[] = [];
  for await (const rows of lenientCsvRows(text, HEADER, skip)) steps.push(rows);
  return steps;
}

test('a long file is read a little at a time, and the process does other work in between', async () => {
  const count = 50_000;
  let turns = 0;
  let isOver = false;
  const turn = (): void => {
    turns++;
    if (!isOver) setImmediate(turn);
  };
  setImmediate(turn);
  const steps = await stepsOf('192.0.2.1,name,owner\n'.repeat(count));
  isOver = true;
  assert.equal(steps.flat().length, count);
  assert.ok(Math.max(...steps.map((rows) => rows.length)) <= count / 20);
  assert.ok(turns >= 20, `${turns} turns`);
});

test('no character, line end or quote is cut by the end of a step', async () => {
  // The length of a row is odd, so that the steps end at each of its places.
  const row = '"\u{1F600}, ""\r\n\u{1F600}",\u{1F600}\u{1F600}éa\r\n';
  const count = 20_000;
  assert.equal(row.length % 2, 1);
  const rows = (await stepsOf(row.repeat(count))).flat();
  const cells = ['\u{1F600}, "\r\n\u{1F600}', '\u{1F600}\u{1F600}éa'];
  assert.deepEqual(
    rows,
    Array.from({ length: count }, (_, i) => ({ line: 1 + 2 * i, cells })),
  );
});

test('a row that is broken far into the file costs itself', async () => {
  const rows = 'a,b\n'.repeat(20_000);
  const skipped: number[] = [];
  const steps = await stepsOf(`${rows}x,"y"z\n${rows}`, (line) => skipped.push(line));
  assert.equal(steps.flat().length, 40_000);
  assert.equal(steps.flat().at(-1)!.line, 40_001);
  assert.deepEqual(skipped, [20_001]);
});
