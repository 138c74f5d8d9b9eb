/** The record of a run as a JSON Lines report has it: read back, since a file may hold anything. */

import { REASONS, STATUSES } from '../results/outcome.ts';
import type { CanarySilence, RunRecord } from '../results/run-record.ts';

/** Says whether a value is as echosweep writes it, under the program's own names. */
type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === 'string';
const isFlag: Check = (value) => typeof value === 'boolean';
const isFigure: Check = (value) =>
  typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER;
/** A time in another form may be one of another time zone. */
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
export const isTime = (value: unknown): value is string =>
  typeof value === 'string' && TIME.test(value) && !Number.isNaN(Date.parse(value));

const orNull =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);
/** Fields that came later are not in every report of schema 1. */
const orAbsent =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);
const oneOf =
  (...words: readonly unknown[]): Check =>
  (value) =>
    words.includes(value);
const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);
const mapOf =
  (names: readonly string[], check: Check): Check =>
  (value) =>
    isObject(value) &&
    Object.entries(value).every(([name, it]) => names.includes(name) && check(it));
const isOf =
  <Kind>(fields: Readonly<Record<keyof Kind, Check>>): Check =>
  (value) =>
    isObject(value) && Object.entries<Check>(fields).every(([name, check]) => check(value[name]));

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const areReasons = mapOf(REASONS, isFigure);

const isRun = isOf<RunRecord>({
  version: isText,
  command: isText,
  engine: orNull(isText),
  clock: oneOf('kernel', 'process', 'ping'),
  seed: isFigure,
  workers: isFigure,
  startedAt: isTime,
  endedAt: orNull(isTime),
  targets: isFigure,
  statuses: isOf<RunRecord['statuses']>({
    up: isFigure,
    unreachable: isFigure,
    down: isFigure,
    error: isFigure,
  }),
  reasons: areReasons,
  outcomes: orAbsent(mapOf(STATUSES, areReasons)),
  packets: isOf<RunRecord['packets']>({
    sent: isFigure,
    received: isFigure,
    duplicates: isFigure,
    errors: isFigure,
    rejected: isFigure,
    late: isFigure,
    dropped: orNull(isFigure),
    doubtful: isFigure,
    neighbourRequests: isFigure,
    sendWaits: isFigure,
    sendWaitMs: isFigure,
    unsureSends: isFigure,
    clockSteps: isFigure,
    lateToSilent: orAbsent(isFigure),
    retriedUp: orAbsent(isFigure),
    lossSlowDowns: orAbsent(isFigure),
    refusalsOvercome: orAbsent(isFigure),
    partlyRefused: orAbsent(isFigure),
    routesLost: orAbsent(isFigure),
  }),
  rtt: orNull(
    isOf<NonNullable<RunRecord['rtt']>>({
      minMs: isFigure,
      medianMs: isFigure,
      p95Ms: isFigure,
      maxMs: isFigure,
    }),
  ),
  worstDelayMs: isFigure,
  canary: orAbsent(
    orNull(
      isOf<NonNullable<RunRecord['canary']>>({
        address: isText,
        choice: oneOf('named', 'gateway'),
        sent: isFigure,
        received: isFigure,
        silences: listOf(
          isOf<CanarySilence>({ from: isTime, to: isTime, hosts: isFigure, answered: isFigure }),
        ),
      }),
    ),
  ),
  tcp: orAbsent(
    orNull(
      isOf<NonNullable<RunRecord['tcp']>>({
        ports: listOf(isFigure),
        hosts: isFigure,
        connections: isFigure,
        failed: isFigure,
      }),
    ),
  ),
  partial: isFlag,
  failure: orAbsent(orNull(isText)),
  resumed: orAbsent(
    orNull(isOf<NonNullable<RunRecord['resumed']>>({ report: isText, rows: isFigure })),
  ),
  macConflicts: orAbsent(
    listOf(
      isOf<RunRecord['macConflicts'][number]>({
        address: isText,
        macs: (macs) => listOf(isText)(macs) && (macs as unknown[]).length === 2,
      }),
    ),
  ),
  doubts: listOf(isText),
  notes: listOf(isText),
  sites: orAbsent(
    listOf(
      isOf<NonNullable<RunRecord['sites']>[number]>({
        site: isText,
        targets: isFigure,
        missing: isFigure,
        agents: listOf(isText),
      }),
    ),
  ),
});

/** With the names that the program has for its fields. @returns undefined if it is not whole */
export function readRunRecord(fields: Readonly<Record<string, unknown>>): RunRecord | undefined {
  const run = camelCase(fields);
  if (!isRun(run)) return undefined;
  const whole = run as RunRecord;
  const { failure = null, canary = null, tcp = null, resumed = null } = whole;
  const { endedAt, outcomes = {}, macConflicts = [] } = whole;
  return {
    ...whole,
    startedAt: new Date(whole.startedAt),
    endedAt: endedAt && new Date(endedAt),
    failure,
    canary: canary && { ...canary, silences: canary.silences.map(withTimes) },
    tcp,
    outcomes,
    macConflicts,
    resumed,
  };
}

function withTimes(silence: CanarySilence): CanarySilence {
  return { ...silence, from: new Date(silence.from), to: new Date(silence.to) };
}

/** `canary.silences[0].from`. A file may nest as deep as it likes. */
const DEEPEST = 4;

/** `rtt_ms` → `rttMs`; reasons have hyphens and stay as they are. */
function camelCase(value: unknown, depth = 0): unknown {
  if (depth > DEEPEST) return value;
  if (Array.isArray(value)) return value.map((inner) => camelCase(inner, depth + 1));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()),
      camelCase(inner, depth + 1),
    ]),
  );
}
