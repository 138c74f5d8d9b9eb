/** The options of `echosweep watch`: those of a sweep that make sense in every round, and its own. */

import { MS_A_DAY, MS_A_MINUTE, MS_AN_HOUR } from '../../durations.ts';
import { choice, number, text } from '../../option-spec.ts';
import { wrongValue } from '../../option-value.ts';
import { SWEEP_ROWS } from '../../options.ts';
import type { SweepSettings } from '../../settings.ts';
import { SORT_KEYS } from '../../watch/host-order.ts';
import { RECORD_REPORTS, sharedOptions } from '../command-options.ts';

/** Of the interval: what a round may take if it is not to delay the next, with a reserve for the last replies. */
const TIMEOUT_SHARE = 0.9;
/** Less would call distant hosts down; rather a round takes longer. */
const LEAST_USUAL_TIMEOUT_MS = 500;
const LONGEST_USUAL_TIMEOUT_MS = 1000;
const UNITS_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: MS_A_MINUTE,
  h: MS_AN_HOUR,
  d: MS_A_DAY,
};

const INTERVAL = text(
  'interval',
  '-i, --interval <span>',
  'From the start of a round to that of the next; a longer round delays it.',
  { default: '1s' },
);
const DURATION = text('duration', '--duration <span>', 'End after this time.', {
  otherwise: 'until q or Ctrl-C',
});

/** The shortest and longest spans: timers have no room for more. */
const SPANS = {
  interval: { row: INTERVAL, fromMs: 10, toMs: UNITS_MS['d']! },
  duration: { row: DURATION, fromMs: 1, toMs: 24 * UNITS_MS['d']! },
} as const;

/** A canary makes a sweep doubtful; a watch shows a gateway as one of its hosts. */
const LEFT_OUT = ['canary', 'retries', 'timeoutMs', 'backoff', 'patience', 'send'] as const;
type LeftOut = (typeof LEFT_OUT)[number];
type SweepRow = (typeof SWEEP_ROWS)[number];

const isKept = (row: SweepRow): row is Exclude<SweepRow, { readonly key: LeftOut }> =>
  !(LEFT_OUT as readonly string[]).includes(row.key);
const rowOf = <Key extends LeftOut>(key: Key): Extract<SweepRow, { readonly key: Key }> =>
  SWEEP_ROWS.find((row): row is Extract<SweepRow, { readonly key: Key }> => row.key === key)!;

/** Each loss counts as one, so nothing is probed a second time. */
const { otherwise: _retries, ...RETRIES } = { ...rowOf('retries'), default: 0 } as const;
const { default: _timeout, ...TIMEOUT } = {
  ...rowOf('timeoutMs'),
  otherwise: 'what fits into the interval, from 500 to 1000',
} as const;
/** Without a default of the table, because `--patience` excludes a backoff that is given. */
const { default: usualBackoff, ...backoffRow } = rowOf('backoff');
const BACKOFF = { ...backoffRow, otherwise: String(usualBackoff) } as const;
const PATIENCE = { ...rowOf('patience'), otherwise: 'when its last probe has timed out' } as const;
/** `RepeatedSweep` says why. */
const SEND = { ...rowOf('send'), otherwise: 'auto, which is raw in a watch' } as const;

/** What decides how the rounds of a watch go and end; the session reads them. */
const ROUNDS = [
  INTERVAL,
  DURATION,
  number('rounds', '--rounds <n>', 'End after so many rounds.', {
    from: 1,
    to: 2 ** 32,
    otherwise: 'until q or Ctrl-C',
  }),
  number(
    'downAfter',
    '--down-after <n>',
    'Rounds in a row without a reply that make a host down.',
    { unit: 'rounds', from: 1, to: 1000, default: 2 },
  ),
  choice('sort', '--sort <key>', 'What the screen is first sorted by.', {
    choices: SORT_KEYS,
    default: 'address',
  }),
] as const;

const [OUTPUTS, ...FORMAT_AND_CSV] = RECORD_REPORTS;

/** Every option of the command. */
export const WATCH_ROWS = [
  ...ROUNDS,
  ...sharedOptions('files', 'excludeFiles', 'local'),
  ...SWEEP_ROWS.filter(isKept),
  RETRIES,
  TIMEOUT,
  BACKOFF,
  PATIENCE,
  SEND,
  { ...OUTPUTS, otherwise: 'no report' } as const,
  ...FORMAT_AND_CSV,
  ...sharedOptions('quiet'),
] as const;

/** What decides how long a round takes. */
type RoundSettings = Pick<SweepSettings, 'ratePps' | 'count' | 'periodMs' | 'retries' | 'backoff'>;

/** How long `--timeout` is if it is not given. @param targets how many are probed in a round */
export function usualTimeoutMs(
  intervalMs: number,
  targets: number,
  { ratePps, count, periodMs, retries, backoff }: RoundSettings,
): number {
  const onceMs = (1000 * targets) / ratePps;
  const sendingMs = Math.max(count * onceMs, onceMs + (count - 1) * periodMs);
  // Each retry is sent when the probe before it has timed out.
  let timeouts = 1;
  for (let retry = 1; retry <= retries; retry++) timeouts += backoff ** retry;
  const restMs = (TIMEOUT_SHARE * intervalMs - sendingMs) / timeouts;
  const leastMs = Math.min(LEAST_USUAL_TIMEOUT_MS, TIMEOUT_SHARE * intervalMs);
  return Math.floor(Math.max(1, leastMs, Math.min(restMs, LONGEST_USUAL_TIMEOUT_MS)));
}

/**
 * A span as a person writes it, such as `500ms`, `1.5s`, `10m`, `2h` or `1d`; a plain number is seconds.
 * @returns milliseconds
 * @throws EchosweepError OPTION_INVALID
 */
export function readSpan(key: keyof typeof SPANS, written: string): number {
  const { row, fromMs, toMs } = SPANS[key];
  const [, digits, unit = 's'] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)?$/.exec(written) ?? [];
  const ms = digits === undefined ? Number.NaN : Number(digits) * UNITS_MS[unit]!;
  if (ms >= fromMs && ms <= toMs) return ms;
  throw wrongValue(
    row,
    written,
    `a time such as 500ms, 1.5s, 10m or 2h, from ${fromMs}ms to ${toMs / UNITS_MS['d']!}d`,
  );
}
