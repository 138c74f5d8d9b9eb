/** Which status each reason explains, and which evidence about a host wins. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  NO_OUTCOME,
  OUTCOMES,
  type Outcome,
  outcomeNumber,
  outcomeOfNumbers,
  outcomeOfSilence,
  outweighs,
  REASONS,
  type Reason,
  reasonOfOutcome,
  STATUSES,
  type Status,
  statusOfOutcome,
} from '../../../src/results/outcome.ts';

const numberOf = ({ status, reason }: Outcome): number => outcomeNumber(status, reason);
const nameOf = ({ status, reason }: Outcome): string => `${status}, ${reason}`;

/** By rising strength; of equal ones either may come first. */
const RANKS: readonly (readonly Outcome[])[] = [
  [
    { status: 'error', reason: 'no-route' },
    { status: 'error', reason: 'permission-denied' },
    { status: 'error', reason: 'send-failed' },
    { status: 'error', reason: 'name-unresolved' },
  ],
  [{ status: 'down', reason: 'no-response' }],
  OUTCOMES.filter(({ status }) => status === 'unreachable'),
  [
    { status: 'down', reason: 'arp-failed' },
    { status: 'error', reason: 'gateway-unresolved' },
  ],
  [
    { status: 'up', reason: 'arp-reply' },
    { status: 'up', reason: 'ndp-reply' },
  ],
  [
    { status: 'up', reason: 'tcp-open' },
    { status: 'up', reason: 'tcp-refused' },
  ],
  [{ status: 'up', reason: 'echo-reply' }],
];

function statusesOf(reason: Reason): Status[] {
  return OUTCOMES.filter((outcome) => outcome.reason === reason).map(({ status }) => status);
}

describe('a reason', () => {
  const expected: Partial<Record<Reason, readonly Status[]>> = {
    'echo-reply': ['up'],
    'arp-reply': ['up'],
    'ndp-reply': ['up'],
    'tcp-open': ['up'],
    'tcp-refused': ['up'],
    'no-response': ['down'],
    'arp-failed': ['down'],
    'no-route': ['unreachable', 'error'],
    'permission-denied': ['error'],
    'send-failed': ['error'],
    'name-unresolved': ['error'],
    'gateway-unresolved': ['error'],
  };
  for (const reason of REASONS) {
    const statuses = expected[reason] ?? ['unreachable'];
    test(`${reason} explains ${statuses.join(' and ')}, and nothing else`, () => {
      assert.deepEqual(statusesOf(reason), statuses);
      for (const status of STATUSES) {
        const outcome = outcomeNumber(status, reason);
        assert.equal(outcome !== NO_OUTCOME, statuses.includes(status), status);
        if (outcome === NO_OUTCOME) continue;
        assert.equal(STATUSES[statusOfOutcome(outcome)], status);
        assert.equal(REASONS[reasonOfOutcome(outcome)], reason);
        assert.equal(outcomeOfNumbers(statusOfOutcome(outcome), reasonOfOutcome(outcome)), outcome);
      }
    });
  }
});

describe('of two pieces of evidence', () => {
  test('every outcome has a place in the order', () => {
    assert.deepEqual(RANKS.flat().map(nameOf).sort(), OUTCOMES.map(nameOf).sort());
  });

  test('the stronger one wins, whichever came first', () => {
    RANKS.forEach((weaker, rank) => {
      for (const stronger of RANKS.slice(rank + 1).flat()) {
        for (const weak of weaker) {
          const names = `${nameOf(stronger)} over ${nameOf(weak)}`;
          assert.equal(outweighs(numberOf(stronger), numberOf(weak)), true, names);
          assert.equal(outweighs(numberOf(weak), numberOf(stronger)), false, names);
        }
      }
    });
  });

  test('the last error stands, and of all else the first', () => {
    for (const rank of RANKS) {
      for (const first of rank) {
        for (const second of rank) {
          const isError = first.status === 'unreachable';
          assert.equal(outweighs(numberOf(second), numberOf(first)), isError, nameOf(first));
        }
      }
    }
  });

  test('any is more than none', () => {
    for (const outcome of OUTCOMES) {
      assert.equal(outweighs(numberOf(outcome), NO_OUTCOME), true, nameOf(outcome));
      assert.equal(outweighs(NO_OUTCOME, numberOf(outcome)), false, nameOf(outcome));
    }
  });
});

describe('without any word from the network', () => {
  for (const [sent, errno, status, reason] of [
    [3, '', 'down', 'no-response'],
    [1, 'EPERM', 'down', 'no-response'],
    [0, 'ENETUNREACH', 'error', 'no-route'],
    [0, 'EHOSTUNREACH', 'error', 'no-route'],
    [0, 'EADDRNOTAVAIL', 'error', 'no-route'],
    [0, 'EAFNOSUPPORT', 'error', 'no-route'],
    [0, 'EINVAL', 'error', 'no-route'],
    [0, 'EPERM', 'error', 'permission-denied'],
    [0, 'EACCES', 'error', 'permission-denied'],
    [0, 'ENOBUFS', 'error', 'send-failed'],
    [0, '', 'error', 'send-failed'],
  ] as const) {
    test(`a host that was sent ${sent} probes, errno ${errno || 'none'}, is ${status}: ${reason}`, () => {
      assert.equal(outcomeOfSilence(sent, errno), outcomeNumber(status, reason));
    });
  }
});
