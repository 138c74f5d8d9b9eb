/** How a table of hosts scrolls: where in it the reader is, and which of its rows are in sight. */

import type { RefObject } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { HostWindows } from './host-windows.ts';
import { keepIn, keptIn } from './kept-places.ts';
import type { RowScroll } from './row-scroll.ts';

/** Rows above and below those in sight, so that scrolling shows no gap. */
const MARGIN = 12;
/** A reader who has not scrolled for so long has stopped. */
const SETTLE_MS = 200;

type Scroller = RefObject<HTMLElement | null>;

/**
 * Where the reader is in the table: kept for when they come back to it, and found again when rows have moved.
 * @returns the row that they chose, and what chooses one
 */
export function usePlace(
  scroller: Scroller,
  windows: HostWindows,
  scroll: RowScroll,
): [number | undefined, (row: number) => void] {
  const { total, height } = scroll;
  const [choice, setChoice] = useState<number>();
  const last = useRef<HostWindows>(undefined);
  useLayoutEffect(() => {
    const element = scroller.current!;
    const { begun, moved, step } = windows;
    const isHere = last.current !== undefined;
    const by = last.current === windows ? 0 : moved;
    last.current = windows;
    // Readers may have gone on since the rows were requested.
    const left = isHere ? keptIn(step).table : begun;
    if (left === undefined || left.list !== windows.list) {
      scroll.scrollTo(element, 0);
      setChoice(undefined);
      return;
    }
    const room = scroll.room(element);
    const row = Math.max(0, Math.min(total - 1, left.row + by));
    const isAtTop = left.row * height <= left.down && (isHere || !left.isChosen);
    // A table that is being read does not jump.
    const isFar = isHere && Math.abs(by) * height > room;
    const down = isHere ? left.down : Math.max(0, Math.min(room - height, left.down));
    const shown = isFar ? left.row : row;
    scroll.scrollTo(element, isAtTop ? 0 : shown * height - down);
    if (left.isChosen) setChoice(row);
    if (left.hasFocus && !isHere && isFree(document.activeElement)) {
      element.focus({ preventScroll: true });
    }
  }, [windows, scroll]);
  const keep = (): void => {
    const element = scroller.current!;
    const { above } = scroll;
    const isInSight = (row: number): boolean =>
      (row + 1) * height > above && row * height < above + scroll.room(element);
    const isChosen = choice !== undefined && isInSight(choice);
    const row = isChosen ? choice : Math.min(total - 1, Math.ceil(above / height));
    const address = windows.row(row)?.address;
    const hasFocus = document.activeElement === element;
    const down = row * height - above;
    keepIn(windows.step, {
      table: { list: windows.list, row, address, down, isChosen, hasFocus },
    });
  };
  const latest = useRef(keep);
  latest.current = keep;
  useLayoutEffect(keep);
  useLayoutEffect(() => {
    const element = scroller.current!;
    const follow = (): void => {
      scroll.follow(element);
      latest.current();
    };
    element.addEventListener('scroll', follow, { passive: true });
    return () => element.removeEventListener('scroll', follow);
  }, [scroll]);
  useLayoutEffect(() => () => latest.current(), []);
  return [choice, setChoice];
}

/** Whether the keyboard is where a view leaves it: the reader has not gone elsewhere yet. */
function isFree(active: Element | null): boolean {
  return active === null || active === document.body || active.tagName === 'H1';
}

interface InSight {
  readonly first: number;
  /** Behind the last. */
  readonly end: number;
  /** How far down the rows are drawn from where all of them would be. */
  readonly shift: number;
}

/** All rows are equally high, so the place of the scroller says which are in sight. */
export function useRowsInSight(scroller: Scroller, scroll: RowScroll): InSight {
  const [inSight, setInSight] = useState<InSight>({ first: 0, end: 0, shift: 0 });
  useLayoutEffect(() => {
    const element = scroller.current!;
    const { total, height } = scroll;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = (): void => {
      scroll.follow(element);
      const { above } = scroll;
      const top = Math.floor(above / height) - MARGIN;
      const first = Math.max(0, Math.min(top, total - 1));
      const rows = Math.ceil(element.clientHeight / height) + 2 * MARGIN;
      const end = Math.min(total, first + rows);
      const shift = element.scrollTop - above;
      setInSight((last) =>
        last.first === first && last.end === end && last.shift === shift
          ? last
          : { first, end, shift },
      );
    };
    const onScroll = (): void => {
      look();
      clearTimeout(timer);
      timer = setTimeout(() => {
        scroll.settle(element);
        look();
      }, SETTLE_MS);
    };
    const size = new ResizeObserver(look);
    size.observe(element);
    element.addEventListener('scroll', onScroll, { passive: true });
    look();
    return () => {
      clearTimeout(timer);
      size.disconnect();
      element.removeEventListener('scroll', onScroll);
    };
  }, [scroller, scroll]);
  return inSight;
}
