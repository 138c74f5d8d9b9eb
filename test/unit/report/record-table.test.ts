/** Tables of records on narrow terminals: what matters stays whole. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { textColumn, timeColumn } from '../../../src/report/record-shape.ts';
import { recordTable } from '../../../src/report/table.ts';

interface Visit {
  readonly name: string;
  readonly place: string;
  readonly at: Date;
}

const COLUMNS = [
  textColumn<Visit>('name', '', ({ name }) => name),
  textColumn<Visit>('place', '', ({ place }) => place, { isSpare: true }),
  timeColumn<Visit>('at', '', ({ at }) => at),
];
const VISIT = {
  name: 'a-name-of-20-letters',
  place: 'somewhere',
  at: new Date('2026-01-31T12:34:56Z'),
};

function shownAt(width: number): string {
  const table = recordTable(COLUMNS, { columns: undefined, width, colour: false });
  return String(table.rows([VISIT])).split('\n')[1]!;
}

describe('as the terminal narrows', () => {
  test('times lose their seconds, then their year', () => {
    const whole = 'a-name-of-20-letters  somewhere  2026-01-31 12:34:56';
    assert.equal(shownAt(whole.length), whole);
    assert.equal(shownAt(51), 'a-name-of-20-letters  somewhere  2026-01-31 12:34');
    assert.equal(shownAt(48), 'a-name-of-20-letters  somewhere  01-31 12:34');
  });

  test('then long text is cut, and then spare columns go', () => {
    assert.equal(shownAt(40), 'a-name-of-20-le…  somewhere  01-31 12:34');
    assert.equal(shownAt(33), 'a-name-of-20-letters  01-31 12:34');
  });
});
