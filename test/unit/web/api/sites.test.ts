/** What the API answers about sites. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keepHearing } from '../../../../src/inventory/site-agents.ts';
import { START, serveScannedOffice } from '../scanned-office.ts';

const { ask, server } = serveScannedOffice();

test('a site is listed with its networks, and its agents with what is wrong with them', async () => {
  const sites = () => ask<{ items: unknown[] }>('GET', '/sites', '/sites');
  assert.deepEqual((await sites()).items, [
    { site: 'paris', state: 'unknown', heard_at: null, networks: ['lab'], agents: [] },
  ]);
  const heardAt = new Date(START);
  const agent = { site: 'paris', agent: 'a1', version: '0.1.0', heardAt, clockOffsetMs: 2500 };
  keepHearing(server().store, {
    agents: [{ ...agent, chunks: 0, unsent: 0, problem: null }],
    listened: { from: heardAt, until: new Date(START + 60_000) },
  });
  server().emit({ type: 'updated' });
  const at = heardAt.toISOString();
  assert.deepEqual((await sites()).items, [
    {
      ...{ site: 'paris', state: 'silent', heard_at: at, networks: ['lab'] },
      agents: [
        {
          ...{ agent: 'a1', state: 'silent', version: '0.1.0', heard_at: at, clock_s: 2.5 },
          ...{ chunks: 0, unsent: 0 },
          doubts: [`not heard of since ${at}`, 'its clock is 2.5 s ahead of ours'],
        },
      ],
    },
  ]);
});
