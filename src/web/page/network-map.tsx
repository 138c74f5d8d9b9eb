/** The map of a network, which fills while a scan runs. */

import { useEffect, useMemo, useRef } from 'preact/hooks';
import { AddressIndex } from '../../report/html/page/address-index.ts';
import type { MapModel } from '../../report/html/page/map-model.ts';
import { MapView } from '../../report/html/page/map-view.ts';
import {
  type LogScale,
  logScale,
  rampPaint,
  shareOf,
  statusPaint,
} from '../../report/html/page/scale.ts';
import { CELL_EMPTY, cellStory } from '../../results/cell-code.ts';
import type { NetworkMap } from './answers.ts';
import { apiPath, octetsOf } from './api.ts';
import { onFreshCells, running, versionOf } from './live.ts';
import { Empty, Failure, hostHref, type NetworkPartProps, Pending } from './parts.tsx';
import { go } from './route.ts';
import { addressClass, addressState, addressWord, MISSING, PRESENT } from './states.ts';
import { useAnswer } from './use-answer.ts';
import { countText, plural, rttText } from './words.ts';

const KEYS =
  'Arrow keys go from cell to cell, Page Up and Page Down from group to group, Enter opens the host.';
/** A map is drawn again so often while it fills. */
const REDRAW_MS = 200;

export function NetworkMapSection({ network: { name } }: NetworkPartProps) {
  const { data, failure } = useAnswer<NetworkMap>(
    apiPath(['networks', name, 'map']),
    versionOf(name),
    name,
  );
  if (failure !== undefined) return <Failure failure={failure} />;
  if (data === undefined) return <Pending height={480} />;
  const isFilling = running.value[name] !== undefined;
  if (data.runs.length === 0) {
    return (
      <Empty title="Nothing to draw yet">
        {isFilling ? (
          <p>The map appears when the first scan has ended.</p>
        ) : (
          <p>
            The map appears with the first scan: run <code>echosweep inventory scan {name}</code>
          </p>
        )}
      </Empty>
    );
  }
  const shown = data.runs.reduce((sum, [, count]) => sum + count, 0);
  return (
    <section aria-labelledby="map-title">
      <h2 id="map-title" class="hidden">
        Map
      </h2>
      <DrawnMap network={name} answer={data} isFilling={isFilling} />
      {shown < data.total && (
        <p class="muted">
          The map shows the first {countText(shown)} of {plural(data.total, 'address', 'addresses')}
          .
        </p>
      )}
    </section>
  );
}

interface DrawnMapProps {
  readonly network: string;
  readonly answer: NetworkMap;
  readonly isFilling: boolean;
}

function DrawnMap({ network, answer, isFilling }: DrawnMapProps) {
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<MapView>(undefined);
  const cells = useMemo(() => new NetworkCells(answer), [answer]);
  useEffect(() => {
    const choose = (member: number): void => go(hostHref(cells.index.textOf(member), network));
    const made = new MapView(cells.map(), {
      onChoose: choose,
      onLeave: () => made.select(-1),
    });
    view.current = made;
    place.current!.replaceChildren(made.root);
    made.start();
    return () => {
      made.stop();
      made.root.remove();
    };
  }, [cells, network]);
  useEffect(() => {
    if (!isFilling) return;
    const scanned = new Uint8Array(cells.index.count);
    view.current?.light(scanned);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const draw = (): void => {
      timer = undefined;
      view.current?.refresh();
    };
    const stop = onFreshCells(({ network: of, first, codes }) => {
      if (of !== network) return;
      cells.set(first, codes, scanned);
      timer ??= setTimeout(draw, REDRAW_MS);
    });
    return () => {
      stop();
      clearTimeout(timer);
      view.current?.light(undefined);
    };
  }, [isFilling, cells, network]);
  return (
    <>
      <Legend cells={cells} />
      <div ref={place} class="map-place" />
      <p id="map-keys" class="hidden">
        {KEYS}
      </p>
    </>
  );
}

const LEGEND = ['unreachable', 'error', 'down', 'unasked'] as const;
const LEGEND_WORDS: Readonly<Record<(typeof LEGEND)[number], string>> = {
  unreachable: 'Missing',
  error: 'Gone or in conflict',
  down: 'Free',
  unasked: 'Not scanned',
};

function Legend({ cells }: { readonly cells: NetworkCells }) {
  const { counts, scale } = cells;
  return (
    <p class="legend">
      {counts.up > 0 && (
        <span class="key">
          Up <b>{countText(counts.up)}</b>
          <span class="end">{rttText(scale.from / 1000)}</span>
          <i class="ramp" />
          <span class="end">{rttText(scale.to / 1000)}</span>
        </span>
      )}
      {LEGEND.map((look) =>
        counts[look] === 0 ? null : (
          <span class="key" key={look}>
            <i class={`swatch ${look}`} />
            {LEGEND_WORDS[look]} <b>{countText(counts[look])}</b>
          </span>
        ),
      )}
    </p>
  );
}

/** The cells of a network's map: their states and codes, and what they are drawn from. */
class NetworkCells {
  readonly index: AddressIndex;
  readonly scale: LogScale;
  readonly counts: Readonly<Record<(typeof LEGEND)[number] | 'up', number>>;
  private readonly codes: Uint8Array;
  private readonly states: Uint8Array;
  private readonly paints: Uint8Array;

  constructor({ runs, cells, states }: NetworkMap) {
    this.index = new AddressIndex(runs, 0);
    this.codes = octetsOf(cells);
    this.states = octetsOf(states);
    this.scale = scaleOf(this.codes);
    this.paints = Uint8Array.from(this.codes, (_, member) => this.paintOf(member));
    const counts = { up: 0, unreachable: 0, error: 0, down: 0, unasked: 0 };
    for (const octet of this.states) counts[addressClass(addressState(octet))]++;
    this.counts = counts;
  }

  /** @param scanned gets a mark for each cell that is final; the others among the codes are empty */
  set(first: number, codes: Uint8Array, scanned: Uint8Array): void {
    codes.subarray(0, Math.max(0, this.codes.length - first)).forEach((code, i) => {
      if (code === CELL_EMPTY) return;
      const member = first + i;
      this.codes[member] = code;
      this.states[member] = stateDuringScan(this.states[member]!, code);
      this.paints[member] = this.paintOf(member);
      scanned[member] = 1;
    });
  }

  map(): MapModel {
    const { index, paints } = this;
    return {
      index,
      paints,
      noun: 'address',
      title: (member) => index.textOf(member),
      lines: (member) => this.linesOf(member),
    };
  }

  private paintOf(member: number): number {
    const look = addressClass(addressState(this.states[member]!));
    if (look === 'unasked') return statusPaint('down');
    if (look !== 'up') return statusPaint(look);
    const rttMs = cellStory(this.codes[member]!)?.rttMs ?? null;
    return rampPaint(rttMs === null ? 0 : shareOf(this.scale, Math.max(1, rttMs * 1000)));
  }

  private linesOf(member: number): string[] {
    const { rttMs = null, reason = null } = cellStory(this.codes[member]!) ?? {};
    const word = addressWord(addressState(this.states[member]!));
    if (rttMs !== null) return [word, `about ${rttText(rttMs)}`];
    return reason === null ? [word] : [word, reason];
  }
}

/** Until the scan has ended and the inventory has judged it: what answers is up, and what was up and does not is missing. */
function stateDuringScan(before: number, code: number): number {
  const wasUp = addressClass(addressState(before)) === 'up';
  if (cellStory(code)?.status === 'up') return wasUp ? before : PRESENT;
  return wasUp ? MISSING : before;
}

/** From the second to the 98th percentile of the round-trip times, so that no straggler pales all others. */
function scaleOf(codes: Uint8Array): LogScale {
  const times = [...codes].flatMap((code) => cellStory(code)?.rttMs ?? []).sort((a, b) => a - b);
  if (times.length === 0) return logScale(100, 1000);
  const at = (share: number): number => 1000 * times[Math.floor(share * (times.length - 1))]!;
  return logScale(at(0.02), at(0.98));
}
