// biome-ignore-all lint/a11y/useSemanticElements: rows of a real table cannot be placed by their number
// biome-ignore-all lint/a11y/useFocusableInteractive: the scroller has the focus of its rows
/** A table of hosts: only the rows in sight are in the page, so that 65,536 of them scroll like ten. */

import type { RefObject } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { rowStep } from '../../report/html/page/row-step.ts';
import type { Host } from './answers.ts';
import type { ApiError } from './api.ts';
import type { HostWindows } from './host-windows.ts';
import { keepIn, keptIn } from './kept-places.ts';
import { Ago, Empty, Failure, hostHref, nameOf, Pending, StateMark } from './parts.tsx';
import { go } from './route.ts';
import { RowScroll } from './row-scroll.ts';
import { stateWord } from './states.ts';
import { countText, plural, rttText } from './words.ts';

/** Of a row on a desk, and of a card on a phone; as in the style sheet. */
const ROW_HEIGHT = 36;
const CARD_HEIGHT = 76;
const IS_NARROW = '(max-width: 720px)';
/** Rows above and below those in sight, so that scrolling shows no gap. */
const MARGIN = 12;
/** A reader who has not scrolled for so long has stopped. */
const SETTLE_MS = 200;
/** On paper there is no scrolling. */
const MOST_PRINTED = 200;

interface ShownColumn {
  /** Of the API. */
  readonly sort: string;
  readonly label: string;
  readonly isNumber?: boolean;
}

const COLUMNS: readonly ShownColumn[] = [
  { sort: 'address', label: 'Address' },
  { sort: 'hostname', label: 'Name' },
  { sort: 'state', label: 'State' },
  { sort: 'rtt_ms', label: 'RTT', isNumber: true },
  { sort: 'mac', label: 'MAC address' },
  { sort: 'vendor', label: 'Maker' },
  { sort: 'first_seen', label: 'First seen' },
  { sort: 'last_seen', label: 'Last seen' },
];

interface Order {
  readonly sort: string | undefined;
  readonly order: string | undefined;
  readonly onSort: (sort: string | undefined, order: string | undefined) => void;
}

interface HostRowsProps extends Order {
  readonly windows: HostWindows | undefined;
  readonly failure: ApiError | undefined;
}

export function HostRows({ windows, failure, ...order }: HostRowsProps) {
  if (windows === undefined) {
    return failure === undefined ? <Pending height={560} /> : <Failure failure={failure} />;
  }
  if (windows.total === 0) {
    return (
      <Empty title="No host matches">
        <p>Take a filter away, or search in all networks with the field at the top.</p>
      </Empty>
    );
  }
  return (
    <>
      {failure !== undefined && <Failure failure={failure} />}
      <Rows key={windows.step} windows={windows} {...order} />
    </>
  );
}

function Rows({ windows, sort, order, onSort }: Order & { readonly windows: HostWindows }) {
  const scroller = useRef<HTMLDivElement>(null);
  const isNarrow = useMedia(IS_NARROW);
  const isPrinted = useMedia('print');
  const total = windows.total!;
  const height = isNarrow ? CARD_HEIGHT : ROW_HEIGHT;
  const head = isNarrow ? 0 : ROW_HEIGHT;
  const scroll = useMemo(() => new RowScroll(total, height, head), [total, height, head]);
  const [choice, setChoice] = usePlace(scroller, windows, scroll);
  const inSight = useRowsInSight(scroller, scroll);
  const { first, end } = isPrinted ? { first: 0, end: Math.min(total, MOST_PRINTED) } : inSight;
  useEffect(() => {
    if (end > first) windows.want(first, end);
  });
  const chosen = choice ?? 0;
  const move = (step: number): void => {
    const place = Math.max(0, Math.min(total - 1, chosen + step));
    setChoice(place);
    scroll.bringIntoSight(scroller.current!, place);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.target !== scroller.current) return;
    const host = windows.row(chosen);
    const page = Math.floor(scroll.room(scroller.current!) / height);
    const step = rowStep(event.key, page, total);
    if (step !== 0) move(step);
    else if (event.key === 'Enter' && host !== undefined) go(hostHref(host.address, host.network));
    else return;
    event.preventDefault();
  };
  const places = Array.from({ length: end - first }, (_, i) => first + i);
  const spoken = choice === undefined ? undefined : windows.row(choice);
  return (
    <>
      {/* The scroller has the focus, so nothing else says which row the keys have reached. */}
      <p class="hidden" role="status">
        {spoken !== undefined &&
          [spoken.address, nameOf(spoken), stateWord(spoken.state)].filter(Boolean).join(', ')}
      </p>
      <div
        class="scroller"
        ref={scroller}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
        tabIndex={0}
        role="region"
        aria-label="Hosts, arrow keys choose and Enter opens"
        onKeyDown={onKeyDown}
      >
        <div class="table" role="table" aria-label="Hosts" aria-rowcount={total + 1}>
          <div role="rowgroup" class="head-group">
            <HeadRow sort={sort} order={order} onSort={onSort} />
          </div>
          <div
            role="rowgroup"
            class={isPrinted ? 'rows flowing' : 'rows'}
            style={{ height: isPrinted ? 'auto' : `${scroll.drawn}px` }}
          >
            {places.map((place) => (
              <HostRow
                key={place}
                host={windows.row(place)}
                place={place}
                start={place * height + inSight.shift}
                isChosen={place === chosen}
                onOpen={() => setChoice(place)}
              />
            ))}
          </div>
        </div>
        {isPrinted && end < total && (
          <p class="muted">
            The first {countText(end)} of {plural(total, 'host')} are printed.
          </p>
        )}
      </div>
    </>
  );
}

function HeadRow({ sort = 'address', order = 'asc', onSort }: Order) {
  /** Up, down, and back to the order of addresses. */
  const press = (column: string): void => {
    if (sort !== column) onSort(column, undefined);
    else if (order === 'asc') onSort(column, 'desc');
    else onSort(undefined, undefined);
  };
  return (
    <div role="row" class="row head" aria-rowindex={1}>
      {COLUMNS.map(({ sort: column, label, isNumber }) => (
        <span
          key={column}
          role="columnheader"
          class={isNumber ? 'number' : ''}
          aria-sort={sort !== column ? 'none' : order === 'asc' ? 'ascending' : 'descending'}
        >
          <button type="button" onClick={() => press(column)}>
            {label}
          </button>
        </span>
      ))}
    </div>
  );
}

interface HostRowProps {
  readonly host: Host | undefined;
  readonly place: number;
  readonly start: number;
  readonly isChosen: boolean;
  readonly onOpen: () => void;
}

function HostRow({ host, place, start, isChosen, onOpen }: HostRowProps) {
  const look = { transform: `translateY(${start}px)` };
  if (host === undefined) {
    return (
      <div role="row" class="row unknown" aria-rowindex={place + 2} style={look}>
        <span role="cell">…</span>
      </div>
    );
  }
  const name = nameOf(host);
  return (
    <div role="row" class={isChosen ? 'row chosen' : 'row'} aria-rowindex={place + 2} style={look}>
      <span role="cell" class="address">
        <a
          class="host-link"
          href={hostHref(host.address, host.network)}
          tabIndex={-1}
          onClick={onOpen}
        >
          {host.address}
        </a>
      </span>
      <span role="cell" class="name" title={name}>
        {name}
      </span>
      <span role="cell">
        <StateMark state={host.state} />
        {host.other_mac !== null && <span class="flag alarm">conflict</span>}
      </span>
      <span role="cell" class="number">
        {rttText(host.rtt_ms)}
      </span>
      <span role="cell" class="mac">
        {host.mac ?? ''}
      </span>
      <span role="cell" class="maker" title={host.vendor ?? ''}>
        {host.vendor ?? ''}
      </span>
      <span role="cell" class="first">
        {host.first_seen !== null && <Ago at={host.first_seen} />}
      </span>
      <span role="cell" class="last">
        {host.last_seen !== null && <Ago at={host.last_seen} />}
      </span>
    </div>
  );
}

type Scroller = RefObject<HTMLElement | null>;

/**
 * Where the reader is in the table: kept for when they come back to it, and found again when rows have moved.
 * @returns the row that they chose, and what chooses one
 */
function usePlace(
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
    // A table that is being read stays where it is rather than jump.
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
function useRowsInSight(scroller: Scroller, scroll: RowScroll): InSight {
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

function useMedia(query: string): boolean {
  const [matches, setMatches] = useState(() => matchMedia(query).matches);
  useEffect(() => {
    const media = matchMedia(query);
    const follow = (): void => setMatches(media.matches);
    media.addEventListener('change', follow);
    return () => media.removeEventListener('change', follow);
  }, [query]);
  return matches;
}
