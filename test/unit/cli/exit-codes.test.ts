/** Exit codes: what they are, and which of several goes first. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  EXIT,
  exitCodeOfError,
  exitCodeOfSweep,
  type SweepEnding,
  signalOf,
} from '../../../src/cli/exit-codes.ts';
import type { ErrorCode } from '../../../src/errors.ts';

const CALM: SweepEnding = {
  hasFailed: false,
  isDoubtful: false,
  hasUnresolvedNames: false,
  missesExpectation: false,
};

test('the codes are the documented ones', () => {
  assert.deepEqual(Object.values(EXIT), [0, 1, 2, 3, 4, 5, 129, 130, 143]);
});

test('a sweep of which there is nothing to say ends with 0', () => {
  assert.equal(exitCodeOfSweep(CALM), 0);
});

test('where several things are to be said, the gravest is', () => {
  const gravestFirst: [Partial<SweepEnding>, number][] = [
    [{ stoppedBy: 'SIGINT' }, 130],
    [{ hasFailed: true }, 4],
    [{ isDoubtful: true }, 5],
    [{ hasUnresolvedNames: true }, 2],
    [{ missesExpectation: true }, 1],
  ];
  gravestFirst.forEach(([, code], i) => {
    const thisAndLesser = gravestFirst.slice(i).map(([ending]) => ending);
    assert.equal(exitCodeOfSweep(Object.assign({}, CALM, ...thisAndLesser)), code);
  });
  assert.equal(exitCodeOfSweep({ ...CALM, stoppedBy: 'SIGTERM', hasFailed: true }), 143);
  assert.equal(exitCodeOfSweep({ ...CALM, stoppedBy: 'SIGHUP', hasFailed: true }), 129);
});

test('wrong input is told from a system that refuses', () => {
  const codes: Record<ErrorCode, number> = {
    TARGET_INVALID: 3,
    OPTION_INVALID: 3,
    REPORT_INVALID: 3,
    CONFIG_INVALID: 3,
    INVENTORY_FAILED: 4,
    BROKER_REFUSED: 4,
    HUB_FAILED: 4,
    NETBOX_FAILED: 4,
    INVENTORY_BUSY: 4,
    NO_ENGINE: 4,
    OUTPUT_FAILED: 4,
    SOCKET_FAILED: 4,
    WORKER_FAILED: 4,
    RESULTS_NOT_KEPT: 4,
  };
  for (const [error, code] of Object.entries(codes)) {
    assert.equal(exitCodeOfError(error as ErrorCode), code, error);
  }
});

test('the codes of signals, and no others, stand for these', () => {
  const signals = Object.values(EXIT).map((code) => signalOf(code));
  assert.deepEqual(
    signals.filter((signal) => signal !== undefined),
    ['SIGHUP', 'SIGINT', 'SIGTERM'],
  );
  assert.equal(signalOf(EXIT.terminated), 'SIGTERM');
  assert.equal(signalOf(undefined), undefined);
});
