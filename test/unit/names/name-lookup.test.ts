/** Look-ups by the system's resolver, which may never come back. */

import assert from 'node:assert/strict';
import { beforeEach, describe, mock, test } from 'node:test';
import { connectionLookup, limitedLookup, sharedLookup } from '../../../src/names/name-lookup.ts';

const LIMIT_MS = 60_000;

/** What has become of a look-up: the addresses, or the code of an error. */
async function outcome(found: Promise<readonly string[]>): Promise<string> {
  return found.then(
    (addresses) => addresses.join(),
    (error: NodeJS.ErrnoException) => String(error.code),
  );
}

describe('a resolver that does not answer', () => {
  beforeEach(({ signal }) => {
    mock.timers.enable({ apis: ['setTimeout'] });
    signal.addEventListener('abort', () => mock.timers.reset(), { once: true });
  });

  /** Answers a name when it is released. */
  function slowResolver() {
    const release = new Map<string, (addresses: string[]) => void>();
    const queried: string[] = [];
    const lookup = limitedLookup((name) => {
      queried.push(name);
      return new Promise((resolve) => release.set(name, resolve));
    }, LIMIT_MS);
    const answer = async (name: string): Promise<void> => {
      release.get(name)!(['192.0.2.1']);
      await new Promise(setImmediate);
    };
    return { lookup, queried, answer };
  }

  test('costs the limit, and says as much as one that gives up by itself', async () => {
    const { lookup } = slowResolver();
    const found = outcome(lookup('stuck.example'));
    mock.timers.tick(LIMIT_MS);
    assert.equal(await found, 'EAI_AGAIN');
  });

  test('has the limit again after each answer', async () => {
    const { lookup, answer } = slowResolver();
    const names = ['a.example', 'b.example', 'c.example'];
    const found = names.map((name) => outcome(lookup(name)));
    for (const name of names) {
      mock.timers.tick(LIMIT_MS - 1);
      await answer(name);
    }
    assert.deepEqual(await Promise.all(found), ['192.0.2.1', '192.0.2.1', '192.0.2.1']);
  });

  test('has the whole limit for a name that is looked up after a pause', async () => {
    const { lookup, answer } = slowResolver();
    const first = outcome(lookup('a.example'));
    await answer('a.example');
    await first;
    mock.timers.tick(LIMIT_MS - 1);
    const second = outcome(lookup('b.example'));
    mock.timers.tick(LIMIT_MS - 1);
    await answer('b.example');
    assert.equal(await second, '192.0.2.1');
  });

  test('costs the limit once, however many names there are', async () => {
    const { lookup, queried } = slowResolver();
    const found = ['a.example', 'b.example'].map((name) => outcome(lookup(name)));
    mock.timers.tick(LIMIT_MS);
    assert.deepEqual(await Promise.all(found), ['EAI_AGAIN', 'EAI_AGAIN']);
    assert.equal(await outcome(lookup('c.example')), 'EAI_AGAIN');
    assert.deepEqual(queried, ['a.example', 'b.example']);
  });

  test('changes nothing by answering too late', async () => {
    const { lookup, answer } = slowResolver();
    const found = outcome(lookup('a.example'));
    mock.timers.tick(LIMIT_MS);
    await answer('a.example');
    assert.equal(await found, 'EAI_AGAIN');
  });
});

test('a name without an address is one at once', async () => {
  const lookup = limitedLookup(async (name) => {
    throw Object.assign(new Error(name), { code: 'ENOTFOUND' });
  });
  assert.equal(await outcome(lookup('nothing.example')), 'ENOTFOUND');
});

describe('a name whose look-up never ends', () => {
  /** Never answers names that begin with `stuck`. */
  function partlyStuck(mostRepeated: number) {
    const queried: string[] = [];
    const ends: (() => void)[] = [];
    const lookup = sharedLookup((name) => {
      queried.push(name);
      if (!name.startsWith('stuck')) return Promise.resolve(['192.0.2.1']);
      return new Promise((resolve) => ends.push(() => resolve(['192.0.2.2'])));
    }, mostRepeated);
    return { lookup, queried, ends };
  }

  test('keeps a bounded number of threads, however often it is looked up', async () => {
    const { lookup, queried } = partlyStuck(3);
    for (let scan = 0; scan < 100; scan++) {
      void lookup('stuck.example');
      void lookup('stuck-too.example');
    }
    assert.equal(queried.length, 2 + 3);
    assert.deepEqual(await lookup('other.example'), ['192.0.2.1']);
  });

  test('is looked up again once one of its look-ups has ended', async () => {
    const { lookup, queried, ends } = partlyStuck(1);
    const found = [1, 2, 3].map(() => lookup('stuck.example'));
    assert.equal(queried.length, 2);
    for (const end of ends) end();
    assert.deepEqual(await Promise.all(found), Array(3).fill(['192.0.2.2']));
    void lookup('stuck.example');
    void lookup('stuck.example');
    assert.equal(queried.length, 4);
  });
});

describe('the look-up of a connection', () => {
  const lookup = connectionLookup(async (name) => {
    if (name === 'host.example') return ['2001:db8::1', '192.0.2.1'];
    throw Object.assign(new Error(), { code: 'ENOTFOUND' });
  });
  const found = (name: string, all: boolean): Promise<unknown[]> =>
    new Promise((resolve) => lookup(name, { all }, (...result) => resolve(result)));

  test('gives every address with its family, in their order', async () => {
    assert.deepEqual(await found('host.example', true), [
      null,
      [
        { address: '2001:db8::1', family: 6 },
        { address: '192.0.2.1', family: 4 },
      ],
    ]);
  });

  test('gives the first address if there is to be one', async () => {
    assert.deepEqual(await found('host.example', false), [null, '2001:db8::1', 6]);
  });

  test('fails as the resolver does', async () => {
    const [error] = await found('other.example', true);
    assert.equal((error as NodeJS.ErrnoException).code, 'ENOTFOUND');
  });
});
