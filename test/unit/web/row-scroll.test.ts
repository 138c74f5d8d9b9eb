/** How the rows of a table move with its scrollbar, also if there are more than a browser can draw. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { RowScroll } from '../../../src/web/row-scroll.ts';

const ROW = 36;
const HEAD = 36;
const ROOM = 720;

/** As in a browser, which knows whole pixels and no place outside. */
class RoundingScroller {
  readonly clientHeight = HEAD + ROOM;
  private readonly most: number;
  private top = 0;

  constructor({ drawn }: RowScroll) {
    this.most = drawn - ROOM;
  }

  get scrollTop(): number {
    return this.top;
  }

  set scrollTop(top: number) {
    this.top = Math.max(0, Math.min(this.most, Math.round(top)));
  }
}

function tableOf(rows: number) {
  const scroll = new RowScroll(rows, ROW, HEAD);
  const scroller = new RoundingScroller(scroll);
  return {
    scroll,
    scroller,
    moveTo: (top: number): number => {
      scroller.scrollTop = top;
      scroll.follow(scroller);
      return scroll.above;
    },
  };
}

describe('a table', () => {
  test('of 65,536 rows scrolls as any element', () => {
    const { scroll, moveTo } = tableOf(65_536);
    assert.equal(scroll.drawn, 65_536 * ROW);
    for (const top of [0, 10, 2_000_000, 1_999_000, 5]) assert.equal(moveTo(top), top);
  });

  for (const rows of [1_000_000, 16_777_216]) {
    test(`of ${rows} rows has all of them, and is no taller than a browser can draw`, () => {
      const { scroll, scroller, moveTo } = tableOf(rows);
      assert.ok(scroll.drawn <= 8_000_000);
      assert.equal(moveTo(scroll.drawn), rows * ROW - ROOM);
      assert.equal(moveTo(0), 0);
      for (const row of [rows - 1, rows - 2, 0, 1, 500_000]) {
        scroll.bringIntoSight(scroller, row);
        assert.ok(row * ROW >= scroll.above && (row + 1) * ROW <= scroll.above + ROOM);
      }
      assert.ok(Math.abs(moveTo(4_000_000) / (rows * ROW) - 0.5) < 0.001);
    });

    test(`of ${rows} rows moves by as little as a wheel does, and can be scrolled on and on`, () => {
      const { scroll, scroller, moveTo } = tableOf(rows);
      const begun = moveTo(4_000_000);
      for (let turn = 1; turn <= 100; turn++) {
        assert.equal(moveTo(scroller.scrollTop + 100) - begun, 100 * turn);
        if (turn % 10 !== 0) continue;
        const { above } = scroll;
        scroll.settle(scroller);
        scroll.follow(scroller);
        assert.equal(scroll.above, above);
      }
    });
  }
});
