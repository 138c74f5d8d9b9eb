/** The search of the API: what a text is taken for, and what it finds. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { addresses, type HostLine, serveScannedOffice } from '../scanned-office.ts';

const { ask, annotate } = serveScannedOffice();

describe('the search', () => {
  for (const [text, kind, found] of [
    ['192.0.2.2', 'address', ['192.0.2.2']],
    ['print', 'name', ['192.0.2.3']],
    ['0000.5e00.5304', 'mac', ['192.0.2.4']],
    ['00-00-5E-00-53-04', 'mac', ['192.0.2.4']],
    ['unseen 1d', 'unseen', []],
    ['free in office', 'free', ['192.0.2.2', '192.0.2.6']],
    ['nothing', 'name', []],
  ] as const) {
    test(`takes ${text}`, async () => {
      const answer = await ask<{ kind: string; items: HostLine[] }>(
        'GET',
        `/search?q=${encodeURIComponent(text)}`,
        '/search',
      );
      assert.equal(answer.kind, kind);
      assert.deepEqual(addresses(answer), found);
    });
  }
});

test('an address with a note is free unless it is known, for the search as for the count', async () => {
  const found = async (): Promise<[number | null, string[]]> => {
    const { hosts: counts } = await ask<{ hosts: { free: number | null } }>(
      'GET',
      '/networks/office',
      '/networks/{name}',
    );
    return [counts.free, addresses(await ask('GET', '/search?q=free+in+office', '/search'))];
  };
  const [before] = await found();
  await annotate('192.0.2.6', { note: 'for a printer, perhaps' });
  const [withNote, free] = await found();
  assert.deepEqual([withNote, free.includes('192.0.2.6')], [before, true]);
  await annotate('192.0.2.6', { known: true });
  const [whenKnown, freeThen] = await found();
  assert.deepEqual([whenKnown, freeThen.includes('192.0.2.6')], [before! - 1, false]);
});
