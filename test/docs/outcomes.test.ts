/** docs/outcomes.md and the README's tables held to the words and numbers of the code. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Family } from '../../src/address.ts';
import { EXIT } from '../../src/cli/exit-codes.ts';
import { errorReason } from '../../src/probe/icmp-reason.ts';
import { MARKS, OUTCOMES, REASONS, STATUSES } from '../../src/results/outcome.ts';
import { codeIn, codeSpansOf, tableOf, textOf } from './markdown.ts';

const PAGE = textOf('docs/outcomes.md');
const README = textOf('README.md');
const REASON_ROWS = tableOf(PAGE, 'Reason').map(([reason, status, v4, v6]) => ({
  reason: codeIn(reason!),
  status: codeIn(status!),
  errors: { 4: listed(v4!), 6: listed(v6!) },
}));
const EXIT_CODES = Object.values(EXIT).sort((a, b) => a - b);

describe('outcomes', () => {
  test('every status is told in docs/outcomes.md and in the README', () => {
    for (const page of [PAGE, README]) {
      const statuses = tableOf(page, 'Status').map(([status]) => codeIn(status!));
      assert.deepEqual(statuses, [...STATUSES]);
    }
  });

  test('every reason is described with each of its statuses, and no other', () => {
    const described = REASON_ROWS.map(({ reason, status }) => `${reason} ${status}`);
    const outcomes = OUTCOMES.map(({ reason, status }) => `${reason} ${status}`);
    assert.deepEqual(described.sort(), outcomes.sort());
  });

  for (const family of [4, 6] as const) {
    test(`the ICMP types and codes of IPv${family} are those that make each reason`, () => {
      const rows = REASON_ROWS.filter(({ status }) => status === 'unreachable');
      for (const { reason, errors } of rows) {
        assert.deepEqual(errors[family], errorsOf(family, reason), reason);
      }
    });
  }

  test('only a host that is unreachable has an ICMP error, and its reason has at least one', () => {
    for (const { status, errors, reason } of REASON_ROWS) {
      const hasErrors = errors[4].length + errors[6].length > 0;
      assert.equal(hasErrors, status === 'unreachable', reason);
    }
  });

  test('every reason that the README names is one', () => {
    const rows = tableOf(README, 'Status');
    const named = rows.flatMap(([, , reasons]) => codeSpansOf(reasons!));
    assert.ok(named.length > 4);
    for (const reason of named)
      assert.ok(
        REASONS.some((known) => known === reason),
        reason,
      );
  });

  test('every mark of a pattern is told', () => {
    const marks = tableOf(PAGE, 'Mark').map(([mark]) => codeIn(mark!));
    assert.deepEqual(marks, Object.values(MARKS));
  });
});

describe('exit codes', () => {
  test('are told in docs/outcomes.md, and no other', () => {
    const codes = tableOf(PAGE, 'Code').map(([code]) => Number(code));
    assert.deepEqual(codes, EXIT_CODES);
  });

  test('are told in the README, and no other', () => {
    const codes = tableOf(README, 'Exit code').flatMap(([code]) => listed(code!).map(Number));
    assert.deepEqual(codes, EXIT_CODES);
  });
});

function listed(cell: string): string[] {
  return cell === '' ? [] : cell.split(', ');
}

/** Every `type/code` that the parser takes for this reason. */
function errorsOf(family: Family, reason: string): string[] {
  const found: string[] = [];
  for (let type = 0; type < 256; type++) {
    for (let code = 0; code < 256; code++) {
      if (REASONS[errorReason(family, type, code)] === reason) found.push(`${type}/${code}`);
    }
  }
  return found;
}
