// biome-ignore-all lint/a11y/useSemanticElements: rows of a real table cannot be placed by their number
// biome-ignore-all lint/a11y/useFocusableInteractive: the scroller has the focus of its rows
/** A table of hosts: only the rows in sight are in the page, so that 65,536 of them scroll like ten. */

import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { rowStep } from '../../report/html/page/row-step.ts';
import type { Host } from './answers.ts';
import type { ApiError } from './api.ts';
import type { HostWindows } from './host-windows.ts';
import { Ago, Chip, Empty, Failure, hostHref, nameOf, Pending, StateMark } from './parts.tsx';
import { go } from './route.ts';
import { RowScroll } from './row-scroll.ts';
import { stateWord } from './states.ts';
import { usePlace, useRowsInSight } from './use-table-scroll.ts';
import { countText, plural, rttText } from './words.ts';

/** Of a row on a desk, and of a card on a phone; as in the style sheet. */
const ROW_HEIGHT = 36;
const CARD_HEIGHT = 76;
const IS_NARROW = '(max-width: 720px)';
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
      {isNarrow && <SortChoice sort={sort} order={order} onSort={onSort} />}
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
            <HeadRow sort={sort} order={order} onSort={onSort} isHidden={isNarrow} />
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

/** Cards have no heads of columns to press. */
function SortChoice({ sort = 'address', order, onSort }: Order) {
  return (
    <div class="controls">
      <select
        aria-label="Sort by"
        value={sort}
        onChange={({ currentTarget }) => onSort(currentTarget.value, order)}
      >
        {COLUMNS.map(({ sort: column, label }) => (
          <option key={column} value={column}>
            {label}
          </option>
        ))}
      </select>
      <Chip
        isOn={order === 'desc'}
        onToggle={() => onSort(sort, order === 'desc' ? undefined : 'desc')}
      >
        Descending
      </Chip>
    </div>
  );
}

interface HeadRowProps extends Order {
  /** Whether it is for screen readers alone: what the keyboard reaches must be in sight. */
  readonly isHidden: boolean;
}

function HeadRow({ sort = 'address', order = 'asc', onSort, isHidden }: HeadRowProps) {
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
          {isHidden ? (
            label
          ) : (
            <button type="button" onClick={() => press(column)}>
              {label}
            </button>
          )}
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
