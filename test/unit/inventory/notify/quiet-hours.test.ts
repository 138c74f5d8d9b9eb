/** Quiet hours by the clock on the wall: over midnight, on some days, and when the clock is changed. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { digestCron } from '../../../../src/inventory/notify/digest-schedule.ts';
import {
  minutesOf,
  type QuietHours,
  quietAt,
  WEEKDAYS,
} from '../../../../src/inventory/notify/quiet-hours.ts';

function hours(from: string, to: string, values: Partial<QuietHours> = {}): QuietHours {
  return {
    from: minutesOf(from)!,
    to: minutesOf(to)!,
    days: WEEKDAYS,
    timeZone: 'Europe/Berlin',
    letAlarmsPass: true,
    ...values,
  };
}

/** When they end, UTC; undefined outside of them. */
function endAt(moment: string, ...all: QuietHours[]): string | undefined {
  const quiet = quietAt(all, new Date(moment));
  return quiet.isQuiet ? quiet.until.toISOString().slice(0, 16) : undefined;
}

describe('quiet hours', () => {
  test('of one day begin with their first minute and end before their last', () => {
    const noon = hours('12:00', '13:30');
    // Berlin is an hour ahead of UTC in winter.
    assert.equal(endAt('2026-01-05T10:59:59.999Z', noon), undefined);
    assert.equal(endAt('2026-01-05T11:00:00Z', noon), '2026-01-05T12:30');
    assert.equal(endAt('2026-01-05T12:29:59Z', noon), '2026-01-05T12:30');
    assert.equal(endAt('2026-01-05T12:30:00Z', noon), undefined);
  });

  test('go over midnight', () => {
    const night = hours('22:00', '07:00');
    assert.equal(endAt('2026-01-05T20:59:00Z', night), undefined);
    assert.equal(endAt('2026-01-05T21:00:00Z', night), '2026-01-06T06:00');
    assert.equal(endAt('2026-01-06T05:59:00Z', night), '2026-01-06T06:00');
    assert.equal(endAt('2026-01-06T06:00:00Z', night), undefined);
  });

  test('belong to the day on which they begin', () => {
    const friday = hours('22:00', '07:00', { days: ['fri'] });
    // 2026-01-09 is a Friday.
    assert.equal(endAt('2026-01-09T03:00:00Z', friday), undefined);
    assert.equal(endAt('2026-01-09T22:00:00Z', friday), '2026-01-10T06:00');
    assert.equal(endAt('2026-01-10T03:00:00Z', friday), '2026-01-10T06:00');
    assert.equal(endAt('2026-01-10T22:00:00Z', friday), undefined);
  });

  test('of nights and weekends are one stretch', () => {
    const weekend = hours('00:00', '24:00', { days: ['sat', 'sun'] });
    const night = hours('22:00', '07:00');
    assert.equal(endAt('2026-01-09T21:30:00Z', night, weekend), '2026-01-12T06:00');
    assert.equal(endAt('2026-01-10T11:00:00Z', weekend), '2026-01-11T23:00');
  });

  test('are by the clock on the wall when it is changed', () => {
    const night = hours('22:00', '07:00');
    // On 2026-03-29 from 02:00 to 03:00, on 2026-10-25 from 03:00 to 02:00.
    assert.equal(endAt('2026-03-28T22:00:00Z', night), '2026-03-29T05:00');
    assert.equal(endAt('2026-10-24T22:00:00Z', night), '2026-10-25T06:00');
    // 02:30 does not come on that day: then they end as soon as the clock shows more.
    assert.equal(endAt('2026-03-29T00:59:00Z', hours('00:00', '02:30')), '2026-03-29T01:00');
    assert.equal(endAt('2026-03-29T01:00:00Z', hours('00:00', '02:30')), undefined);
    // 02:30 comes twice on that day, and both times they end.
    const early = hours('22:00', '02:30');
    assert.equal(endAt('2026-10-24T20:00:00Z', early), '2026-10-25T00:30');
    assert.equal(endAt('2026-10-25T00:30:00Z', early), undefined);
    assert.equal(endAt('2026-10-25T01:00:00Z', early), '2026-10-25T01:30');
    assert.equal(endAt('2026-10-25T01:30:00Z', early), undefined);
    // In Chile, the first hour of a day may not come; on Lord Howe Island, half an hour comes twice.
    const chile = hours('20:00', '24:00', { timeZone: 'America/Santiago' });
    assert.equal(endAt('2026-09-06T03:00:00Z', chile), '2026-09-06T04:00');
    const island = hours('01:00', '01:45', { timeZone: 'Australia/Lord_Howe' });
    assert.equal(endAt('2027-04-03T14:40:00Z', island), '2027-04-03T14:45');
    assert.equal(endAt('2027-04-03T15:00:00Z', island), '2027-04-03T15:15');
  });

  test('that never end are quiet all the same', () => {
    const always = hours('00:00', '24:00');
    assert.ok(endAt('2026-01-05T12:00:00Z', always) !== undefined);
    assert.ok(endAt('2026-01-05T12:00:00Z', hours('07:00', '07:00')) !== undefined);
  });

  test('let alarms pass unless any of those that overlap keeps them', () => {
    const [open, strict] = [
      hours('10:00', '14:00'),
      hours('12:00', '16:00', { letAlarmsPass: false }),
    ];
    const passes = (moment: string): boolean => {
      const quiet = quietAt([open, strict], new Date(moment));
      return quiet.isQuiet && quiet.letAlarmsPass;
    };
    assert.ok(passes('2026-01-05T10:00:00Z'));
    assert.ok(!passes('2026-01-05T12:00:00Z'));
    assert.ok(!passes('2026-01-05T14:00:00Z'));
  });
});

test('a time of day has hours and minutes', () => {
  assert.deepEqual(['0:00', '07:30', '24:00'].map(minutesOf), [0, 450, 1440]);
  for (const wrong of ['', '7', '24:01', '12:60', '-1:00', '7:3', '07:30:00'])
    assert.equal(minutesOf(wrong), undefined, wrong);
});

test('a digest comes daily, weekly or as cron says', () => {
  assert.deepEqual(
    [
      'daily at 07:00',
      'sunday at 6:30',
      'monday at 00:05',
      'wednesday at 23:59',
      '0 7 * * 1-5',
    ].map(digestCron),
    ['0 7 * * *', '30 6 * * 0', '5 0 * * 1', '59 23 * * 3', '0 7 * * 1-5'],
  );
  for (const wrong of ['daily', 'daily at 24:00', 'funday at 07:00', '0 7 30 2 *'])
    assert.equal(digestCron(wrong), undefined, wrong);
});
