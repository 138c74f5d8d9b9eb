// biome-ignore-all lint/a11y/useSemanticElements: rows of a real table cannot be placed by their number
// biome-ignore-all lint/a11y/useFocusableInteractive: the scroller has the focus of its rows
/** A table of hosts: only the rows in sight are in the page, so that 65,536 of them scroll like ten. */

import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { rowStep } from '../../report/html/page/row-step.ts';
import type { Host } from './answers.ts';
import type { HostWindows } from './host-windows.ts';
import { Ago, Empty, Failure, hostHref, nameOf, Pending, StateMark } from './parts.tsx';
import { go } from './route.ts';
import { countText, plural, rttText } from './words.ts';

/** Of a row on a desk, and of a card on a phone; as in the style sheet. */
const ROW_HEIGHT = 36;
const CARD_HEIGHT = 76;
const IS_NARROW = '(max-width: 720px)';
/** Rows above and below those in sight, so that scrolling shows no gap. */
const MARGIN = 12;
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

interface HostRowsProps {
  readonly windows: HostWindows;
  readonly sort: string | undefined;
  readonly order: string | undefined;
  readonly onSort: (sort: string | undefined, order: string | undefined) => void;
}

export function HostRows(props: HostRowsProps) {
  const { windows } = props;
  if (windows.total === undefined) {
    return windows.failure === undefined ? (
      <Pending height={560} />
    ) : (
      <Failure failure={windows.failure} />
    );
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
      {windows.failure !== undefined && <Failure failure={windows.failure} />}
      <Rows {...props} />
    </>
  );
}

function Rows({ windows, sort, order, onSort }: HostRowsProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const [chosen, setChosen] = useState(0);
  const isNarrow = useMedia(IS_NARROW);
  const isPrinted = useMedia('print');
  const total = windows.total!;
  const height = isNarrow ? CARD_HEIGHT : ROW_HEIGHT;
  const inSight = useRowsInSight(scroller, total, height);
  const { first, end } = isPrinted ? { first: 0, end: Math.min(total, MOST_PRINTED) } : inSight;
  useEffect(() => windows.want(first, end));
  const head = isNarrow ? 0 : ROW_HEIGHT;
  const move = (step: number): void => {
    const place = Math.max(0, Math.min(total - 1, chosen + step));
    setChosen(place);
    bringIntoSight(scroller.current!, place * height, height, head);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.target !== scroller.current) return;
    const host = windows.row(chosen);
    const page = Math.floor((scroller.current!.clientHeight - head) / height);
    const step = rowStep(event.key, page, total);
    if (step !== 0) move(step);
    else if (event.key === 'Enter' && host !== undefined) go(hostHref(host.address, host.network));
    else return;
    event.preventDefault();
  };
  const places = Array.from({ length: end - first }, (_, i) => first + i);
  return (
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
          style={{ height: isPrinted ? 'auto' : `${total * height}px` }}
        >
          {places.map((place) => (
            <HostRow
              key={place}
              host={windows.row(place)}
              place={place}
              start={place * height}
              isChosen={place === chosen}
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
  );
}

/** Scrolls as little as it takes. @param head height of what covers the top */
function bringIntoSight(scroller: HTMLElement, top: number, height: number, head: number): void {
  const room = scroller.clientHeight - head - height;
  if (top < scroller.scrollTop) scroller.scrollTop = top;
  else if (top > scroller.scrollTop + room) scroller.scrollTop = top - room;
}

function HeadRow({ sort = 'address', order = 'asc', onSort }: Omit<HostRowsProps, 'windows'>) {
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
}

function HostRow({ host, place, start, isChosen }: HostRowProps) {
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
        <a class="host-link" href={hostHref(host.address, host.network)} tabIndex={-1}>
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

interface InSight {
  readonly first: number;
  /** Behind the last. */
  readonly end: number;
}

/** All rows are equally high, so the place of the scroller says which are in sight. */
function useRowsInSight(
  scroller: { readonly current: HTMLElement | null },
  total: number,
  height: number,
): InSight {
  const [inSight, setInSight] = useState<InSight>({ first: 0, end: 0 });
  useLayoutEffect(() => {
    const element = scroller.current!;
    const look = (): void => {
      const top = Math.floor(element.scrollTop / height) - MARGIN;
      const first = Math.max(0, Math.min(top, total - 1));
      const rows = Math.ceil(element.clientHeight / height) + 2 * MARGIN;
      const end = Math.min(total, first + rows);
      setInSight((last) => (last.first === first && last.end === end ? last : { first, end }));
    };
    const size = new ResizeObserver(look);
    size.observe(element);
    element.addEventListener('scroll', look, { passive: true });
    look();
    return () => {
      size.disconnect();
      element.removeEventListener('scroll', look);
    };
  }, [scroller, total, height]);
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
