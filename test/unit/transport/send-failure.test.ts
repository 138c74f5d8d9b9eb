/** What the words of a refusal to send mean: the raw-socket package and ping give strerror(3)'s words, and no number. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errnoOfWords } from '../../../src/results/errno-words.ts';
import { sendFailureOf } from '../../../src/transport/send-failure.ts';

/** As the prober is told. */
function failureOfWords(words: string): string {
  return sendFailureOf(errnoOfWords(words) ?? words);
}

test('on macOS and the BSDs, a neighbour that has not answered ARP is "Host is down"', () => {
  assert.equal(errnoOfWords('Host is down'), 'EHOSTDOWN');
  assert.equal(failureOfWords('Host is down'), 'unresolved');
});

test('no route and no permission are hopeless, full buffers are worth another try', () => {
  for (const words of ['Network is unreachable', 'No route to host', 'Permission denied'])
    assert.equal(failureOfWords(words), 'hopeless', words);
  for (const words of ['No buffer space available', 'Resource temporarily unavailable'])
    assert.equal(failureOfWords(words), 'busy', words);
});

test('words that are not of the system are no errno', () => {
  assert.equal(errnoOfWords('the cable is on fire'), undefined);
  assert.equal(failureOfWords('the cable is on fire'), 'refused');
});
