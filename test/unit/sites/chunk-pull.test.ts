/** Requests of an agent for chunks: how each ends, and that none leaves anything behind. */

import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { mock, test } from 'node:test';
import type { NatsConnection } from '@nats-io/transport-node';
import { ChunkPull } from '../../../src/sites/nats/chunk-pull.ts';

const AGENT = { site: 'berlin', agent: 'a1' };

/** A connection over which the server answers each request with this, or not at all. */
function connectionThat(answers?: { readonly reply?: string; readonly headers?: unknown }) {
  let subscribed: ((error: null, message: unknown) => void) | undefined;
  const connection = {
    subscribe(_inbox: string, { callback }: { callback: typeof subscribed }) {
      subscribed = callback;
      const drain = async (): Promise<void> => {
        if (late !== undefined) subscribed!(null, late);
      };
      return { isClosed: () => false, unsubscribe() {}, drain };
    },
    publish() {
      if (answers !== undefined) setImmediate(() => subscribed!(null, answers));
    },
  } as unknown as NatsConnection;
  let late: unknown;
  const arrivesDraining = (message: unknown): void => {
    late = message;
  };
  const gone = new AbortController();
  const end = new AbortController();
  const offer = { octets: new Uint8Array(0) } as never;
  const pull = () => new ChunkPull(connection, gone.signal, AGENT, () => offer).wait(end.signal);
  const listeners = (): number =>
    [gone, end].reduce((sum, { signal }) => sum + getEventListeners(signal, 'abort').length, 0);
  return { pull, gone, end, offer, listeners, arrivesDraining };
}

test('a chunk ends the request, and so does the word that there is none', async () => {
  const taken = connectionThat({ reply: '$JS.ACK.work.berlin.1.2.3.4.5' });
  assert.equal(await taken.pull(), taken.offer);
  const none = connectionThat({ headers: { code: 408 } });
  assert.equal(await none.pull(), undefined);
});

test('a chunk that is still on its way when the request is over is taken', async (context) => {
  mock.timers.enable({ apis: ['setTimeout'] });
  context.after(() => mock.timers.reset());
  const slow = connectionThat();
  const pulled = slow.pull();
  slow.arrivesDraining({ reply: '$JS.ACK.work.berlin.1.2.3.4.5' });
  mock.timers.tick(4_000);
  assert.equal(await pulled, slow.offer);
  const lost = connectionThat();
  const pulledInVain = lost.pull();
  mock.timers.tick(4_000);
  assert.equal(await pulledInVain, undefined);
});

test('the end of the connection or of the agent ends the request', async () => {
  for (const what of ['gone', 'end'] as const) {
    const silent = connectionThat();
    const pulled = silent.pull();
    silent[what].abort();
    assert.equal(await pulled, undefined);
  }
});

test('a connection that stays keeps nothing of the requests that are over', async () => {
  const none = connectionThat({ headers: { code: 408 } });
  for (let i = 0; i < 20; i++) await none.pull();
  assert.equal(none.listeners(), 0);
});
