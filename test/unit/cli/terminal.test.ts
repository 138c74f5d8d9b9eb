/** What is known of a terminal, and what a closed pipe means. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { printData, wantsColour, widthOf } from '../../../src/cli/terminal.ts';
import { EchosweepError } from '../../../src/errors.ts';
import { ClosedPipe, FullDisk, fakeSurroundings, KeptStream } from './fakes.ts';

describe('colour', () => {
  const cases: [boolean, Record<string, string>, boolean][] = [
    [true, {}, true],
    [false, {}, false],
    [true, { NO_COLOR: '1' }, false],
    [true, { NO_COLOR: '' }, true],
    [true, { TERM: 'dumb' }, false],
    [false, { FORCE_COLOR: '1' }, true],
    [false, { FORCE_COLOR: '' }, true],
    [true, { FORCE_COLOR: '0' }, false],
    [true, { FORCE_COLOR: 'false' }, false],
    [true, { FORCE_COLOR: '1', NO_COLOR: '1', TERM: 'dumb' }, true],
  ];
  for (const [isTTY, env, expected] of cases) {
    test(`${isTTY ? 'on a terminal' : 'in a pipe'} with ${JSON.stringify(env)}: ${expected}`, () => {
      assert.equal(wantsColour(new KeptStream({ isTTY }), env), expected);
    });
  }
});

test('lines are as wide as the terminal, and without one as long as they like', () => {
  assert.equal(widthOf(new KeptStream({ isTTY: true, columns: 132 })), 132);
  assert.equal(widthOf(new KeptStream({ isTTY: true, columns: 0 })), 80);
  assert.equal(widthOf(new KeptStream({ columns: 132 })), Number.POSITIVE_INFINITY);
});

describe('data', () => {
  test('is written as it is', async () => {
    const stdout = new KeptStream();
    await printData(fakeSurroundings({ stdout }), 'help\n');
    assert.equal(stdout.text, 'help\n');
  });

  test('into a closed pipe is nobody’s loss', async () => {
    const stdout = new ClosedPipe().on('error', () => {});
    await printData(fakeSurroundings({ stdout }), 'help\n');
  });

  test('onto a full disk is an error that says so', async () => {
    const stdout = new FullDisk().on('error', () => {});
    await assert.rejects(printData(fakeSurroundings({ stdout }), 'help\n'), (error) => {
      assert.ok(error instanceof EchosweepError);
      assert.match(error.message, /standard output: the disk is full/);
      return error.code === 'OUTPUT_FAILED';
    });
  });
});
