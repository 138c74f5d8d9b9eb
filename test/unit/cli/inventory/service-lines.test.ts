/** What a person at the terminal of `inventory run` reads about each event. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { linesAbout, nextScanLine } from '../../../../src/cli/inventory/service-lines.ts';
import { EchosweepError } from '../../../../src/errors.ts';
import type { ScanResult } from '../../../../src/scan.ts';
import { hourOf } from '../../inventory/samples.ts';
import { runOf } from '../../report/samples.ts';

const RESULT: ScanResult = {
  changes: [
    {
      network: 'office',
      address: '192.0.2.7',
      hostname: 'a\u001b[2J.example',
      kind: 'gone',
      before: 'echo-reply',
      after: 'no-response',
      seenAt: hourOf(0),
    },
  ],
  isFirst: false,
  droppedMessages: 2,
  run: runOf({ partial: true, doubts: ['the gateway did not answer'], failure: null }),
  hasUnresolvedNames: false,
};
const network = 'office';

test('a scan is summed up with its changes and doubts; quietly only lost messages are worth a line', () => {
  const ended = { type: 'scan-ended', network, result: RESULT } as const;
  assert.deepEqual(linesAbout(ended, false), [
    'office: 12 of 254 up in 2.0 s; 1 change: gone 1',
    'office: dropped 2 undelivered messages (queue full)',
    'office: stopped early; hosts that were not probed stay as they were',
    'office: no host was marked gone: the gateway did not answer',
    'office: gone 192.0.2.7 a\uFFFD[2J.example (echo-reply -> no-response)',
  ]);
  assert.deepEqual(linesAbout(ended, true), [
    'office: dropped 2 undelivered messages (queue full)',
  ]);
});

test('the first scan says that it is the first, and one without targets says nothing', () => {
  const first = { ...RESULT, changes: [], isFirst: true, droppedMessages: 0, run: runOf() };
  const lines = (result: ScanResult) => linesAbout({ type: 'scan-ended', network, result }, false);
  assert.deepEqual(lines(first), [
    'office: 12 of 254 up in 2.0 s; the first complete scan, with which the next are compared',
  ]);
  const [stopped] = lines({ ...first, run: { ...first.run, partial: true } });
  assert.equal(
    stopped,
    'office: 12 of 254 up in 2.0 s; no complete scan yet to compare the next with',
  );
  assert.deepEqual(lines({ ...first, run: undefined }), []);
});

test('what goes wrong is printed, quietly too', () => {
  const error = new EchosweepError('CONFIG_INVALID', 'c.yaml is wrong', 'correct it');
  const lines = [
    linesAbout({ type: 'scan-failed', network, error }, true),
    linesAbout({ type: 'problem', message: 'webhook: it is down' }, true),
    linesAbout({ type: 'reload-failed', error }, true),
    linesAbout({ type: 'reloaded' }, true),
    linesAbout(
      { type: 'names-unresolved', network, names: [{ name: 'x', reason: 'does not resolve' }] },
      true,
    ),
  ];
  assert.deepEqual(lines.flat(), [
    'echosweep: office: c.yaml is wrong: correct it',
    'echosweep: webhook: it is down',
    'echosweep: c.yaml is wrong: correct it; keeping the previous configuration',
    'echosweep: configuration reloaded',
    'echosweep: office: x does not resolve; skipped',
  ]);
});

test('what a person need not read has no line', () => {
  assert.deepEqual(linesAbout({ type: 'scan-started', network, startedAt: hourOf(0) }, false), []);
  assert.deepEqual(linesAbout({ type: 'stopped' }, false), []);
});

test('the next scan is named by its time', () => {
  assert.equal(nextScanLine(hourOf(0)), 'the next scan is due at 2026-03-01T00:00:00.000Z');
  assert.match(nextScanLine(undefined), /^no network has a schedule: add one/);
});
