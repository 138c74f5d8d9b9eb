/** What a report on standard output promises. */

import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { borrowedStream } from '../../../src/report/output-stream.ts';

function failingStream(code: string): Writable {
  return new Writable({
    write: (_chunk, _encoding, done) => done(Object.assign(new Error(code), { code })),
  });
}

test('a write is done when the reader has taken it, not before', async () => {
  let taken = () => {};
  const stream = new Writable({
    write: (_chunk, _encoding, done) => {
      taken = done;
    },
  });
  const output = borrowedStream(stream, 'standard output');
  let isDone = false;
  const writing = output.write('rows').then(() => {
    isDone = true;
  });
  await new Promise(setImmediate);
  assert.equal(isDone, false);
  taken();
  await writing;
  assert.equal(isDone, true);
});

test('the stream stays open for whoever writes next', async () => {
  const chunks: string[] = [];
  const stream = new Writable({
    write: (chunk, _encoding, done) => {
      chunks.push(String(chunk));
      done();
    },
  });
  const output = borrowedStream(stream, 'standard output');
  await output.write('rows');
  await output.commit();
  await output.discard();
  assert.equal(stream.writableEnded || stream.destroyed, false);
  assert.deepEqual(chunks, ['rows']);
});

test('a closed pipe is an error with cause EPIPE, at the first write and at every later one', async () => {
  const output = borrowedStream(failingStream('EPIPE'), 'standard output');
  for (let i = 0; i < 3; i++) {
    await assert.rejects(output.write('rows'), (error: Error & { code: string }) => {
      assert.equal(error.code, 'OUTPUT_FAILED');
      assert.equal((error.cause as NodeJS.ErrnoException).code, 'EPIPE');
      assert.match(error.message, /^cannot write the report to standard output: its reader/);
      return true;
    });
    await new Promise(setImmediate);
  }
});

test('reports that follow each other on one stream do not pile up listeners', () => {
  const stream = failingStream('EPIPE');
  for (let i = 0; i < 20; i++) borrowedStream(stream, 'standard output');
  assert.equal(stream.listenerCount('error'), 1);
});
