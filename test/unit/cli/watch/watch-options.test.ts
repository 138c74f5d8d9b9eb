/** What `echosweep watch` makes of its options. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSpan, usualTimeoutMs, WATCH_ROWS } from '../../../../src/cli/watch/watch-options.ts';
import { EchosweepError } from '../../../../src/errors.ts';
import { offFlagOf } from '../../../../src/option-spec.ts';
import { defaultOf } from '../../../../src/option-value.ts';
import { SWEEP_ROWS } from '../../../../src/options.ts';
import { resolveSettings } from '../../../../src/settings.ts';

test('a span is a number with a unit, or of seconds', () => {
  const spans = {
    '500ms': 500,
    '1': 1000,
    '1.5s': 1500,
    '0.2': 200,
    '10m': 600_000,
    '2h': 7_200_000,
  };
  for (const [written, ms] of Object.entries(spans))
    assert.equal(readSpan('interval', written), ms);
  assert.equal(readSpan('duration', '24d'), 24 * 86_400_000);
});

test('a span that is none, or beyond what timers can do, is refused with what would do', () => {
  for (const written of ['', 'soon', '-1', '1e3', '5 s', '9ms', '2d', '1w']) {
    assert.throws(
      () => readSpan('interval', written),
      (error) =>
        error instanceof EchosweepError &&
        /^--interval: .* is not valid: use a time such as 500ms, .*, from 10ms to 1d$/.test(
          error.message,
        ),
      written,
    );
  }
  assert.throws(() => readSpan('duration', '25d'), /from 1ms to 24d/);
});

test('without --timeout the replies are waited for as long as the interval has room', () => {
  const once = { ratePps: 1000, count: 1, periodMs: 1000, retries: 0, backoff: 1.5 };
  assert.equal(usualTimeoutMs(1000, 1, { ...once, ratePps: Number.POSITIVE_INFINITY }), 900);
  assert.equal(usualTimeoutMs(1000, 254, once), 646);
  assert.equal(usualTimeoutMs(5000, 254, once), 1000);
  assert.equal(usualTimeoutMs(200, 20, once), 180);
  // Hosts that answer late are not called down because there are many of them.
  assert.equal(usualTimeoutMs(1000, 60_000, once), 500);
  assert.equal(usualTimeoutMs(200, 60_000, once), 180);
  // Each probe of a host leaves a period after the one before, or later if there are many hosts.
  assert.equal(usualTimeoutMs(2000, 100, { ...once, count: 2 }), 700);
  assert.equal(usualTimeoutMs(2000, 300, { ...once, count: 4, periodMs: 10 }), 600);
  // The probe waits 1.5 times as long at its retry.
  assert.equal(usualTimeoutMs(2000, 50, { ...once, retries: 1 }), 700);
});

test('no key and no flag is listed twice', () => {
  const keys = WATCH_ROWS.map(({ key }) => key);
  const flags = WATCH_ROWS.flatMap(
    (row) => `${row.flags} ${offFlagOf(row)?.flags ?? ''}`.match(/(?<!\S)-{1,2}[\w-]+/g)!,
  );
  assert.deepEqual(keys, [...new Set(keys)]);
  assert.deepEqual(flags, [...new Set(flags)]);
});

test('no default of a watch excludes an option that is given', () => {
  const sweepKeys: readonly string[] = SWEEP_ROWS.map(({ key }) => key);
  const defaults = Object.fromEntries(
    WATCH_ROWS.filter(({ key }) => sweepKeys.includes(key)).flatMap((row) => {
      const value = defaultOf(row);
      return value === undefined ? [] : [[row.key, value]];
    }),
  );
  const given = {
    patience: '500',
    count: 3,
    retries: 2,
    timeoutMs: 100,
    backoff: 2,
    arpRatePps: 9,
  };
  for (const [key, value] of Object.entries(given)) {
    const settings = resolveSettings({ targets: '192.0.2.1', ...defaults, [key]: value });
    assert.equal(String(settings[key as keyof typeof given]), String(value));
  }
});
