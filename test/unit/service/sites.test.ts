/** The sites of an inventory: each is scanned by itself, outside its quiet hours, and its silence is noticed. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { hourOf } from '../inventory/samples.ts';
import { HOURLY, heldScan, serviceOf } from './scripted-service.ts';

describe('at sites', () => {
  test('sites are scanned at the same time, and each scan is stopped by itself', async () => {
    const held = new Map([...'ab'].map((name) => [`${name}-lan`, heldScan()]));
    const { service, startUntilIdle, idleAfter, stop, events, lines } = await serviceOf({
      networks: ['a', 'b']
        .map((name) => `${name}-lan: { targets: 192.0.2.0/29, site: ${name}, ${HOURLY} }`)
        .join(),
      more: 'sites: { a: {}, b: {} }',
      hours: 1,
      script: (job) => held.get(job.network.name)!.script(job),
    });
    await startUntilIdle();
    await Promise.all([...held.values()].map(({ begun }) => begun));
    assert.deepEqual(
      service.runningScans.map(({ network }) => network),
      ['a-lan', 'b-lan'],
    );
    await idleAfter(() => assert.equal(service.stopScan('b-lan'), true));
    assert.deepEqual(lines(), ['scan-started a-lan', 'scan-started b-lan', 'scan-ended b-lan']);
    const ended = events.at(-1);
    assert.equal(ended?.type === 'scan-ended' && ended.result.run?.partial, true);
    service.reload();
    held.get('a-lan')!.end();
    await new Promise<void>((resolve) => {
      service.subscribe(({ type }) => type === 'reloaded' && resolve());
    });
    assert.deepEqual(lines().slice(3), ['scan-ended a-lan', 'reload-started', 'reloaded']);
    await stop();
  });

  test('a site whose agents fall silent is an event, and so is one that is heard of again', async () => {
    let heardAt = hourOf(0);
    const { startUntilIdle, stop, events } = await serviceOf({
      networks: 'lan: { targets: 192.0.2.0/29, site: a }',
      more: 'sites: { a: {} }',
      hours: 1,
      hear: (now) => {
        if (now >= hourOf(0.5)) heardAt = now;
        const facts = { version: '0.1.0', clockOffsetMs: 0, chunks: 0, unsent: 0, problem: null };
        return {
          agents: [{ site: 'a', agent: 'a1', heardAt, ...facts }],
          listened: { from: hourOf(0), until: now },
        };
      },
    });
    await startUntilIdle();
    await stop();
    assert.deepEqual(events, [
      {
        type: 'site-silent',
        site: 'a',
        silence: 'a is not heard of since 2026-03-01T00:00:00.000Z',
      },
      { type: 'site-heard', site: 'a' },
      { type: 'stopped' },
    ]);
  });

  test('a scan at a site waits until its quiet hours end', async () => {
    const { service, startUntilIdle, stop, events } = await serviceOf({
      networks: `lan: { targets: 192.0.2.0/29, site: a, ${HOURLY} }`,
      more: 'sites: { a: { quiet: { from: "00:30", to: "02:15" }, time-zone: UTC } }',
      hours: 3,
    });
    await startUntilIdle();
    const began = events.flatMap((event) =>
      event.type === 'scan-started' ? [event.startedAt.toISOString().slice(11, 19)] : [],
    );
    assert.deepEqual(began, ['02:15:00', '03:00:00']);
    assert.equal(service.problem, undefined);
    await stop();
  });
});
