/** Streams of events: what they say when nothing happens, and to whom they end. */

import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import type { Inventory } from '../../../../src/service/inventory.ts';
import { EventStreams } from '../../../../src/web/api/event-streams.ts';

test('streams say every 15 s that they are alive, to those who may still read them', async () => {
  mock.timers.enable({ apis: ['setInterval'] });
  const streams = new EventStreams({ subscribe: () => () => {} } as unknown as Inventory);
  try {
    const cut: string[] = [];
    let mayRead = true;
    const stream = streams.open(
      () => true,
      () => cut.push('reader'),
    )!;
    streams.open(
      () => mayRead,
      () => cut.push('other'),
    );
    const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
    assert.deepEqual(await reader.read(), { done: false, value: 'retry: 3000\n\n' });
    mock.timers.tick(15_000);
    assert.deepEqual(await reader.read(), { done: false, value: 'event: alive\ndata: {}\n\n' });
    assert.deepEqual(cut, []);
    mayRead = false;
    mock.timers.tick(15_000);
    assert.deepEqual(cut, ['other']);
  } finally {
    streams.close();
    mock.timers.reset();
  }
});
