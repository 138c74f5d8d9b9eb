/** Schedules kept by a clock that the test moves: over a year, both changes of daylight saving, and long sleeps. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { type Clock, keepSchedule, ScanPlan, scanEach } from '../../../src/inventory/scan-plan.ts';

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

test('of networks that are due together, the one that waits longest is first', () => {
  const at = (time: string) => new Date(`2026-03-01T${time}:00Z`);
  const plan = new ScanPlan(
    [
      { name: 'late', schedule: { cron: '30 * * * *', timeZone: 'UTC' }, lastScan: at('00:30') },
      { name: 'later', schedule: { cron: '45 * * * *', timeZone: 'UTC' }, lastScan: at('00:00') },
    ],
    at('02:00'),
  );
  assert.equal(plan.dueAt(at('00:40')), undefined);
  assert.deepEqual(plan.nextAt, at('00:45'));
  assert.equal(plan.dueAt(at('02:00')), 'later');
  plan.begin('later', at('02:00'));
  assert.equal(plan.dueAt(at('02:00')), 'late');
  plan.begin('late', at('02:00'));
  assert.equal(plan.dueAt(at('02:00')), undefined);
  assert.deepEqual(plan.nextAt, at('02:30'));
});

describe('a requested scan', () => {
  const at = (time: string) => new Date(`2026-03-01T${time}:00Z`);
  const plan = () =>
    new ScanPlan(
      [{ name: 'due', schedule: { cron: '0 * * * *', timeZone: 'UTC' }, lastScan: at('00:00') }],
      at('02:30'),
    );

  test('comes before all that are due, needs no schedule, and is made once', () => {
    const requested = plan();
    requested.request('by-hand');
    requested.request('by-hand');
    assert.equal(requested.dueAt(at('02:30')), 'by-hand');
    requested.begin('by-hand', at('02:30'));
    assert.equal(requested.dueAt(at('02:30')), 'due');
    requested.begin('due', at('02:30'));
    assert.equal(requested.dueAt(at('02:30')), undefined);
    assert.deepEqual(requested.nextAt, at('03:00'));
  });

  test('counts as the scan of its schedule that is due', () => {
    const requested = plan();
    requested.request('due');
    requested.begin('due', at('02:30'));
    assert.equal(requested.dueAt(at('02:30')), undefined);
  });

  test('is taken back', () => {
    const requested = plan();
    requested.request('by-hand');
    assert.deepEqual(requested.requested, ['by-hand']);
    assert.ok(requested.withdraw('by-hand'));
    assert.ok(!requested.withdraw('by-hand'));
    assert.equal(requested.dueAt(at('02:30')), 'due');
  });
});

describe('networks of several places', () => {
  const now = new Date('2026-03-01T02:00:00Z');
  const placeOf = (name: string): string => name.split('-')[0]!;
  const planOf = (names: readonly string[]): ScanPlan =>
    new ScanPlan(
      names.map((name, i) => ({
        name,
        schedule: { cron: '0 * * * *', timeZone: 'UTC' },
        lastScan: new Date(now.getTime() - HOUR - 1000 * i),
      })),
      now,
      placeOf,
    );

  /** Scans that go on until the test ends them. */
  async function kept(
    names: readonly string[],
    body: (running: Map<string, () => void>, turn: () => Promise<void>) => Promise<void>,
    isOpen?: (place: string, at: Date) => boolean,
  ): Promise<void> {
    const running = new Map<string, () => void>();
    let isOver = false;
    let wake = (): void => {};
    const plan = planOf(names);
    const keeping = keepSchedule({
      plan: () => plan,
      clock: {
        now: () => now,
        wake: () => wake(),
        pass: (ms) =>
          new Promise((resolve) => {
            wake = resolve;
            if (ms === 0) resolve();
          }),
      },
      isOver: () => isOver,
      scan: (name) =>
        new Promise((resolve) => {
          running.set(name, () => {
            running.delete(name);
            resolve();
          });
        }),
      ...(isOpen !== undefined && { isOpen }),
    });
    const turn = async (): Promise<void> => {
      for (let i = 0; i < 10; i++) await setImmediate();
    };
    await turn();
    await body(running, turn);
    isOver = true;
    wake();
    for (const end of running.values()) end();
    await keeping;
  }

  test('are scanned at the same time, one after the other at each place', () =>
    kept(['a-1', 'a-2', 'b-1'], async (running, turn) => {
      assert.deepEqual([...running.keys()].sort(), ['a-2', 'b-1']);
      running.get('a-2')!();
      await turn();
      assert.deepEqual([...running.keys()].sort(), ['a-1', 'b-1']);
    }));

  test('wait while their place may not be probed, and hold up no other place', () =>
    kept(
      ['a-1', 'b-1'],
      async (running) => assert.deepEqual([...running.keys()], ['b-1']),
      (place) => place !== 'a',
    ));
});

describe('scans by hand', () => {
  const at = (name: string, site?: string) => ({
    name,
    atSite: site === undefined ? undefined : { name: site },
  });
  const NETWORKS = [at('here-1'), at('a-1', 'a'), at('a-2', 'a'), at('b-1', 'b'), at('here-2')];

  test('go on at all sites at the same time, and one after the other at each of them and here', async () => {
    const running = new Map<string, () => void>();
    const seen: string[][] = [];
    const done = scanEach(
      NETWORKS,
      (name) =>
        new Promise((resolve) => {
          running.set(name, resolve);
        }),
      () => false,
    );
    for (const ends of ['a-1', 'b-1', 'a-2', 'here-1', 'here-2']) {
      while (!running.has(ends)) await setImmediate();
      // All that may begin has begun by then.
      for (let turn = 0; turn < 20; turn++) await setImmediate();
      seen.push([...running.keys()]);
      running.get(ends)!();
      running.delete(ends);
    }
    await done;
    assert.deepEqual(seen, [
      ['here-1', 'a-1', 'b-1'],
      ['here-1', 'b-1', 'a-2'],
      ['here-1', 'a-2'],
      ['here-1'],
      ['here-2'],
    ]);
  });

  test('begin no more once they are over', async () => {
    const begun: string[] = [];
    await scanEach(
      NETWORKS,
      async (name) => void begun.push(name),
      () => begun.length > 0,
    );
    assert.deepEqual(begun, ['here-1']);
  });

  test('end with the error of one, after the others have ended', async () => {
    const ended: string[] = [];
    const scans = scanEach(
      NETWORKS.slice(0, 2),
      async (name) => {
        if (name === 'here-1') throw new Error('broken');
        await setImmediate();
        ended.push(name);
      },
      () => false,
    );
    await assert.rejects(scans, /broken/);
    const begun = ended.length;
    for (let turn = 0; turn < 20; turn++) await setImmediate();
    assert.equal(ended.length, begun);
  });
});
