/** What agents said about themselves, and what follows for their sites. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MS_A_DAY } from '../../../src/durations.ts';
import {
  type AgentFacts,
  keepHearing,
  SILENT_MS,
  silenceOf,
  siteStatuses,
} from '../../../src/inventory/site-agents.ts';
import { siteMetricsText } from '../../../src/inventory/site-metrics.ts';
import type { Store } from '../../../src/inventory/store.ts';
import { hourOf, withStore } from './samples.ts';

const SITES = [{ name: 'berlin' }, { name: 'paris' }];
const START = hourOf(0).getTime();

function agentAt(heardMs: number, facts: Partial<AgentFacts> = {}): AgentFacts {
  return {
    ...{ site: 'berlin', agent: 'a1', version: '0.1.0', clockOffsetMs: 300 },
    ...{ chunks: 2, unsent: 0, problem: null },
    heardAt: new Date(START + heardMs),
    ...facts,
  };
}

const listenedUntil = (ms: number, fromMs = 0) => ({
  from: new Date(START + fromMs),
  until: new Date(START + ms),
});

test('a site is silent once a process listened for long enough and heard none of its agents', () =>
  withStore((store) => {
    keepHearing(store, { agents: [agentAt(0)], listened: listenedUntil(SILENT_MS - 1) });
    const silences = () => siteStatuses(store, SITES).map(silenceOf);
    assert.deepEqual(silences(), [undefined, undefined]);
    keepHearing(store, { agents: [agentAt(0)], listened: listenedUntil(SILENT_MS) });
    assert.deepEqual(silences(), [
      'berlin is not heard of since 2026-03-01T00:00:00.000Z',
      'paris was never heard of',
    ]);
    // Another agent of the site is enough.
    const other = agentAt(SILENT_MS, { agent: 'a2' });
    keepHearing(store, { agents: [other], listened: listenedUntil(SILENT_MS + 1) });
    const [berlin] = siteStatuses(store, SITES);
    assert.equal(berlin?.isSilent, false);
    assert.deepEqual(
      berlin?.agents.map(({ agent, isSilent }) => [agent, isSilent]),
      [
        ['a1', true],
        ['a2', false],
      ],
    );
  }));

test('an agent that was removed is listed for a week', () =>
  withStore((store) => {
    const [before, after] = [6, 8].map((days) => days * MS_A_DAY) as [number, number];
    const agents = () => siteStatuses(store, SITES)[0]!.agents.map(({ agent }) => agent);
    for (const heardMs of [0, before]) {
      const agent = heardMs === 0 ? 'removed' : 'a1';
      keepHearing(store, { agents: [agentAt(heardMs, { agent })], listened: undefined });
    }
    assert.deepEqual(agents(), ['a1', 'removed']);
    keepHearing(store, { agents: [agentAt(after)], listened: undefined });
    assert.deepEqual(agents(), ['a1']);
  }));

test('time without a connection to the hub makes no agent silent', () =>
  withStore((store) => {
    keepHearing(store, { agents: [agentAt(0)], listened: undefined });
    const late = 100 * SILENT_MS;
    keepHearing(store, { agents: [], listened: listenedUntil(late + 1, late) });
    assert.equal(silenceOf(siteStatuses(store, SITES)[0]!), undefined);
  }));

test('what was heard before another process heard more is not kept', () =>
  withStore((store) => {
    keepHearing(store, { agents: [agentAt(2, { version: '0.2.0' })], listened: undefined });
    keepHearing(store, { agents: [agentAt(1)], listened: undefined });
    assert.equal(siteStatuses(store, SITES)[0]?.agents[0]?.version, '0.2.0');
  }));

describe('after the clock was years ahead', () => {
  const ahead = 10_000 * MS_A_DAY;
  const hearAhead = (store: Store): void =>
    keepHearing(store, { agents: [agentAt(ahead)], listened: listenedUntil(ahead) });

  test('an agent that is heard of is not silent, not even while that is not known yet', () =>
    withStore((store) => {
      hearAhead(store);
      for (const ms of [1, SILENT_MS]) {
        keepHearing(store, { agents: [agentAt(ms)], listened: listenedUntil(ms) });
        const [berlin] = siteStatuses(store, SITES);
        assert.deepEqual([berlin?.heardAt, berlin?.isSilent], [new Date(START + ms), false]);
      }
    }));

  test('a site that is dead is silent', () =>
    withStore((store) => {
      hearAhead(store);
      keepHearing(store, { agents: [], listened: listenedUntil(SILENT_MS) });
      assert.equal(
        silenceOf(siteStatuses(store, SITES)[0]!),
        'berlin is not heard of since 2026-03-01T00:00:00.000Z',
      );
    }));

  test('an agent that is gone does not hide others of its site', () =>
    withStore((store) => {
      hearAhead(store);
      const other = agentAt(SILENT_MS, { agent: 'a2' });
      keepHearing(store, { agents: [other], listened: listenedUntil(SILENT_MS) });
      const [berlin] = siteStatuses(store, SITES);
      assert.deepEqual(
        berlin?.agents.map(({ agent, isSilent }) => [agent, isSilent]),
        [
          ['a1', true],
          ['a2', false],
        ],
      );
    }));
});

test('a clock that differs by more than two seconds and a problem are doubts', () =>
  withStore((store) => {
    const agents = [
      agentAt(0, { clockOffsetMs: 2000 }),
      agentAt(0, { agent: 'a2', clockOffsetMs: -2100 }),
      agentAt(0, { agent: 'a3', clockOffsetMs: 90_000, problem: 'it cannot open sockets' }),
    ];
    keepHearing(store, { agents, listened: undefined });
    assert.deepEqual(
      siteStatuses(store, SITES)[0]?.agents.map(({ doubts }) => doubts),
      [
        [],
        ['its clock is 2.1 s behind ours'],
        ['its clock is 90.0 s ahead of ours', 'it cannot open sockets'],
      ],
    );
  }));

test('metrics have each site and each agent', () =>
  withStore((store) => {
    const slow = agentAt(0, { agent: 'a2', clockOffsetMs: -2500, unsent: 3, version: '0.2.0' });
    keepHearing(store, { agents: [agentAt(0), slow], listened: listenedUntil(59_999) });
    const lines = siteMetricsText(store, SITES)
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    const at = START / 1000;
    assert.deepEqual(lines, [
      'echosweep_site_silent{site="berlin"} 0',
      'echosweep_site_silent{site="paris"} 0',
      `echosweep_site_heard_timestamp_seconds{site="berlin"} ${at}`,
      'echosweep_site_agent_info{site="berlin",agent="a1",version="0.1.0"} 1',
      'echosweep_site_agent_info{site="berlin",agent="a2",version="0.2.0"} 1',
      'echosweep_site_agent_healthy{site="berlin",agent="a1"} 1',
      'echosweep_site_agent_healthy{site="berlin",agent="a2"} 0',
      `echosweep_site_agent_heard_timestamp_seconds{site="berlin",agent="a1"} ${at}`,
      `echosweep_site_agent_heard_timestamp_seconds{site="berlin",agent="a2"} ${at}`,
      'echosweep_site_agent_clock_offset_seconds{site="berlin",agent="a1"} 0.3',
      'echosweep_site_agent_clock_offset_seconds{site="berlin",agent="a2"} -2.5',
      'echosweep_site_agent_chunks{site="berlin",agent="a1"} 2',
      'echosweep_site_agent_chunks{site="berlin",agent="a2"} 2',
      'echosweep_site_agent_unsent{site="berlin",agent="a1"} 0',
      'echosweep_site_agent_unsent{site="berlin",agent="a2"} 3',
    ]);
    assert.equal(siteMetricsText(store, []), '');
  }));
