/** Cron expressions and time zones: which are valid, and when they are due. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CRON_FIELD, isTimeZone, nextRun, nextRuns } from '../../../src/inventory/schedule.ts';

const FROM = new Date('2026-03-04T05:06:07.089Z');
const texts = (moments: readonly Date[]): string[] => moments.map((each) => each.toISOString());

describe('a schedule', () => {
  test('is due at the times of its cron expression, after the given moment', () => {
    const everyQuarter = { cron: '*/15 * * * *', timeZone: 'UTC' };
    assert.deepEqual(texts(nextRuns(everyQuarter, FROM, 3)), [
      '2026-03-04T05:15:00.000Z',
      '2026-03-04T05:30:00.000Z',
      '2026-03-04T05:45:00.000Z',
    ]);
    const onTime = new Date('2026-03-04T05:15:00.000Z');
    assert.deepEqual(texts(nextRuns(everyQuarter, onTime, 1)), ['2026-03-04T05:30:00.000Z']);
  });

  test('may have seconds in front', () => {
    assert.deepEqual(texts(nextRuns({ cron: '30 * * * * *', timeZone: 'UTC' }, FROM, 2)), [
      '2026-03-04T05:06:30.000Z',
      '2026-03-04T05:07:30.000Z',
    ]);
  });

  test('is of its time zone', () => {
    const at = (timeZone: string) => nextRun({ cron: '0 3 * * *', timeZone }, FROM)?.toISOString();
    assert.equal(at('UTC'), '2026-03-05T03:00:00.000Z');
    assert.equal(at('Asia/Kolkata'), '2026-03-04T21:30:00.000Z');
    assert.equal(at('America/New_York'), '2026-03-04T08:00:00.000Z');
  });

  test('has no next run if there is none, or no schedule', () => {
    assert.equal(nextRun(undefined, FROM), undefined);
    assert.equal(nextRun({ cron: '0 0 31 2 *', timeZone: 'UTC' }, FROM), undefined);
  });
});

test('a cron expression that is wrong, or never due, is refused', () => {
  for (const right of ['0 * * * *', '*/5 8-18 * * 1-5', '0 0 29 2 *', '0 0 3 * * *']) {
    assert.ok(CRON_FIELD.safeParse(right).success, right);
  }
  for (const wrong of ['', 'hourly', '* * *', '61 * * * *', '0 0 31 2 *', '0 0 0 0 0 0 0 0']) {
    assert.ok(!CRON_FIELD.safeParse(wrong).success, wrong);
  }
});

test('a time that comes only once is refused: it would end the configuration that has it', () => {
  for (const wrong of ['2199-01-01T00:00:00', '2199-01-01 00:00', '0 0 0 1 1 * 2199']) {
    assert.ok(!CRON_FIELD.safeParse(wrong).success, wrong);
  }
});

test('a time zone is one that the system knows', () => {
  assert.ok(isTimeZone('Europe/Berlin'));
  assert.ok(isTimeZone('UTC'));
  for (const wrong of ['', 'Mars/Base', 'Berlin']) assert.ok(!isTimeZone(wrong), wrong);
});
