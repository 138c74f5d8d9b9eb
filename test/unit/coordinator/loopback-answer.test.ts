/** What doctor says about an engine's probe of the loopback address. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loopbackAnswer } from '../../../src/coordinator/loopback-answer.ts';
import { type BlockResults, emptyResults } from '../../../src/results/block-results.ts';
import { blockOfRanges } from '../../../src/results/block-targets.ts';
import { STATUSES } from '../../../src/results/outcome.ts';

const LOOPBACK = 0x7f000001n;

function resultsOf(status: (typeof STATUSES)[number], ...rttNs: readonly number[]): BlockResults {
  const targets = blockOfRanges([{ family: 4, zone: '', first: LOOPBACK, last: LOOPBACK }]);
  const results = emptyResults(targets, rttNs.length);
  results.status[0] = STATUSES.indexOf(status);
  results.rttNs.set(rttNs);
  return results;
}

test('a reply is told with its round-trip time, also if it is one to the second probe', () => {
  assert.equal(loopbackAnswer(resultsOf('up', 1_234_567)), '127.0.0.1 answered in 1.235 ms');
  assert.equal(
    loopbackAnswer(resultsOf('up', Number.NaN, 500_000)),
    '127.0.0.1 answered in 0.500 ms',
  );
});

test('a reply whose time is not known is a reply all the same', () => {
  assert.equal(loopbackAnswer(resultsOf('up', Number.NaN)), '127.0.0.1 answered');
});

test('without a reply there is nothing to tell', () => {
  assert.equal(loopbackAnswer(resultsOf('down', Number.NaN, Number.NaN)), undefined);
  assert.equal(loopbackAnswer(resultsOf('error', Number.NaN)), undefined);
});
