/** Schedules kept by a clock that the test moves: over a year, both changes of daylight saving, and long sleeps. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Clock, keepSchedule, ScanPlan } from '../../../src/inventory/scan-plan.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

interface Watched {
  readonly cron: string;
  readonly timeZone?: string;
  readonly from: string;
  readonly days: number;
  readonly lastScan?: string;
  /** How long a scan takes. */
  readonly scanMs?: number;
  /** Stretches that the machine sleeps through. */
  readonly sleeps?: readonly (readonly [string, string])[];
  /** When the clock is set, and to what. */
  readonly clockSet?: readonly [string, string];
}

/** The moments at which a network is scanned. */
async function scansOf(watched: Watched): Promise<Date[]> {
  const { cron, timeZone, from, days, lastScan, scanMs = 0, sleeps = [], clockSet } = watched;
  let isSet = false;
  let nowMs = Date.parse(from);
  const endMs = nowMs + days * DAY;
  const clock: Clock = {
    now: () => new Date(nowMs),
    wake: () => {},
    pass: async (ms) => {
      nowMs += ms;
      const sleep = sleeps.find(
        ([start, end]) => nowMs >= Date.parse(start) && nowMs < Date.parse(end),
      );
      if (sleep !== undefined) nowMs = Date.parse(sleep[1]);
      if (clockSet !== undefined && !isSet && nowMs >= Date.parse(clockSet[0])) {
        nowMs = Date.parse(clockSet[1]);
        isSet = true;
      }
    },
  };
  const network = {
    name: 'office',
    schedule: { cron, timeZone },
    lastScan: lastScan === undefined ? undefined : new Date(lastScan),
  };
  const plan = new ScanPlan([network], clock.now());
  const scans: Date[] = [];
  await keepSchedule({
    plan: () => plan,
    clock,
    isOver: () => nowMs >= endMs,
    scan: async () => {
      scans.push(clock.now());
      nowMs += scanMs;
    },
    // A year is looked at less often, so that it passes in a moment.
    ...(days > 300 && { longestWaitMs: HOUR }),
  });
  return scans;
}

/** As a clock on the wall shows it there. */
function localTime(moment: Date, timeZone: string): string {
  return new Intl.DateTimeFormat('sv-SE', {
    timeZone,
    dateStyle: 'short',
    timeStyle: 'short',
  }).format(moment);
}

/** Noon there on 1 January 2026, when no zone is about to change. */
function localNoon(timeZone: string): string {
  const utc = Date.parse('2026-01-01T12:00:00Z');
  const there = Date.parse(`${localTime(new Date(utc), timeZone).replace(' ', 'T')}:00Z`);
  return new Date(utc - (there - utc)).toISOString();
}

describe('over a year with both changes of daylight saving', () => {
  for (const timeZone of ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'UTC']) {
    test(`an hourly schedule in ${timeZone} runs every hour, and never twice`, async () => {
      const local = await scansOf({
        cron: '0 * * * *',
        timeZone,
        from: '2026-01-01T00:30:00Z',
        days: 365,
      });
      const gaps = local.slice(1).map((scan, i) => scan.getTime() - local[i]!.getTime());
      // Lord Howe moves its clocks by half an hour.
      assert.ok(
        gaps.every((gap) => gap >= HOUR / 2 && gap <= 1.5 * HOUR),
        String(Math.max(...gaps)),
      );
      const mostOff = timeZone === 'UTC' ? 0 : 1;
      assert.ok(Math.abs(local.length - 365 * 24) <= mostOff, String(local.length));
    });
  }

  const clocks: readonly (readonly [string, readonly string[]])[] = [
    ['Europe/Berlin', ['0 3', '30 2', '0 2', '30 1']],
    ['America/New_York', ['30 2', '30 1', '0 3']],
    // The south changes the other way round, Lord Howe by half an hour, and Santiago at midnight.
    ['Australia/Sydney', ['30 2', '0 3', '0 2']],
    ['Australia/Lord_Howe', ['0 2', '15 2', '30 2', '45 1', '30 1']],
    ['America/Santiago', ['0 0', '30 0', '30 23', '0 1']],
    ['Asia/Kolkata', ['30 2']],
  ];
  for (const [timeZone, time] of clocks.flatMap(([zone, times]) =>
    times.map((time) => [zone, time] as const),
  )) {
    test(`a daily schedule at ${time} in ${timeZone} runs once on every day`, async () => {
      const scans = await scansOf({
        cron: `${time} * * *`,
        timeZone,
        from: localNoon(timeZone),
        days: 365,
      });
      const days = scans.map((scan) => localTime(scan, timeZone).slice(0, 10));
      assert.equal(new Set(days).size, days.length, 'a day twice');
      assert.equal(days.length, 365, 'a day left out');
    });
  }
});

describe('what was missed is made up once', () => {
  test('after the machine slept through many times', async () => {
    const scans = await scansOf({
      cron: '0 * * * *',
      timeZone: 'UTC',
      from: '2026-03-01T00:30:00Z',
      days: 1,
      sleeps: [['2026-03-01T03:10:00Z', '2026-03-01T09:20:00Z']],
    });
    assert.deepEqual(scans.map((scan) => scan.toISOString().slice(11, 16)).slice(0, 6), [
      '01:00',
      '02:00',
      '03:00',
      '09:20',
      '10:00',
      '11:00',
    ]);
  });

  test('after nothing ran for days', async () => {
    const scans = await scansOf({
      cron: '0 3 * * *',
      timeZone: 'UTC',
      from: '2026-03-05T12:00:00Z',
      days: 1,
      lastScan: '2026-03-01T03:00:00Z',
    });
    assert.deepEqual(
      scans.map((scan) => scan.toISOString()),
      ['2026-03-05T12:00:00.000Z', '2026-03-06T03:00:00.000Z'],
    );
  });

  test('and not where nothing was missed, or nothing was ever scanned', async () => {
    const at = { cron: '0 3 * * *', timeZone: 'UTC', from: '2026-03-05T12:00:00Z', days: 0.5 };
    assert.deepEqual(await scansOf({ ...at, lastScan: '2026-03-05T03:00:01Z' }), []);
    assert.deepEqual(await scansOf(at), []);
  });

  test('also where a scan takes longer than the time between two', async () => {
    const scans = await scansOf({
      cron: '*/10 * * * *',
      timeZone: 'UTC',
      from: '2026-03-01T00:05:00Z',
      days: 1 / 24,
      scanMs: 25 * 60_000,
    });
    assert.deepEqual(
      scans.map((scan) => scan.toISOString().slice(11, 16)),
      ['00:10', '00:35', '01:00'],
    );
  });
});

describe('a clock that is set back', () => {
  const at = { cron: '0 * * * *', timeZone: 'UTC', from: '2026-03-01T00:30:00Z' };

  test('by some hours makes nothing due twice', async () => {
    const scans = await scansOf({
      ...at,
      days: 7 / 24,
      clockSet: ['2026-03-01T04:10:00Z', '2026-03-01T01:40:00Z'],
    });
    assert.deepEqual(
      scans.map((scan) => scan.toISOString().slice(11, 16)),
      ['01:00', '02:00', '03:00', '04:00', '05:00', '06:00', '07:00'],
    );
  });

  test('by years does not stop the schedule for years', async () => {
    const started = await scansOf({ ...at, days: 2 / 24, lastScan: '2036-01-01T00:00:00Z' });
    assert.deepEqual(
      started.map((scan) => scan.toISOString().slice(11, 16)),
      ['01:00', '02:00'],
    );
    const running = await scansOf({
      ...at,
      from: '2036-03-01T00:30:00Z',
      days: 1,
      clockSet: ['2036-03-01T02:10:00Z', '2036-02-28T00:10:00Z'],
    });
    assert.equal(running[2]?.toISOString(), '2036-02-28T01:00:00.000Z');
  });
});

test('who wants to be heard is heard between scans that are due without end', async () => {
  const now = new Date('2026-03-01T00:00:00Z');
  const said: string[] = [];
  let scans = 0;
  const plan = new ScanPlan(
    ['one', 'two'].map((name) => ({
      name,
      schedule: { cron: '* * * * * *', timeZone: 'UTC' },
      lastScan: new Date('2026-02-28T23:00:00Z'),
    })),
    now,
  );
  await keepSchedule({
    plan: () => plan,
    clock: {
      now: () => now,
      wake: () => {},
      pass: async (ms) => {
        said.push(`passed ${ms}`);
        now.setTime(now.getTime() + ms);
      },
    },
    isOver: () => scans === 3,
    scan: async (name) => {
      said.push(name);
      now.setTime(now.getTime() + 60_000);
      scans++;
    },
  });
  assert.deepEqual(said, ['one', 'passed 0', 'two', 'passed 0', 'one']);
});
