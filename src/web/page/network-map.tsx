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
import { STATE_CLASS, stateOfCell, stateWord } from './states.ts';
import { useAnswer } from './use-answer.ts';
import { countText, rttText } from './words.ts';

const KEYS =
  'Arrow keys go from cell to cell, Page Up and Page Down from group to group, Enter opens the host.';
/** A map is drawn again so often while it fills. */
const REDRAW_MS = 200;

export function NetworkMapSection({ network: { name, last_scan: last } }: NetworkPartProps) {
  const { data, failure } = useAnswer<NetworkMap>(
    apiPath(['networks', name, 'map']),
    versionOf(name),
    name,
  );
  if (failure !== undefined) return <Failure failure={failure} />;
  if (data === undefined) return <Pending height={480} />;
  if (data.runs.length === 0) {
    return (
      <Empty title="Nothing to draw yet">
        <p>
          The map appears with the first scan: run <code>echosweep inventory scan {name}</code>
        </p>
      </Empty>
    );
  }
  const isFilling = running.value[name] !== undefined;
  return (
    <section aria-labelledby="map-title">
      <h2 id="map-title" class="hidden">
        Map
      </h2>
      <DrawnMap
        network={name}
        answer={data}
        isFilling={isFilling}
        medianMs={last?.rtt_median_ms ?? null}
      />
    </section>
  );
}

interface DrawnMapProps {
  readonly network: string;
  readonly answer: NetworkMap;
  readonly isFilling: boolean;
  readonly medianMs: number | null;
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
      {(['missing', 'gone', 'silent', 'unasked'] as const).map((state) =>
        counts[state] === 0 ? null : (
          <span class="key" key={state}>
            <i class={`swatch ${STATE_CLASS[state]}`} />
            {stateWord(state)} <b>{countText(counts[state])}</b>
          </span>
        ),
      )}
    </p>
  );
}

/** The cells of a network's map: their codes, and what they are drawn from. */
class NetworkCells {
  readonly index: AddressIndex;
  readonly scale: LogScale;
  readonly counts = { up: 0, missing: 0, gone: 0, silent: 0, unasked: 0 };
  private readonly codes: Uint8Array;
  private readonly paints: Uint8Array;

  constructor({ runs, cells }: NetworkMap) {
    this.index = new AddressIndex(runs, 0);
    this.codes = octetsOf(cells);
    this.scale = scaleOf(this.codes);
    this.paints = Uint8Array.from(this.codes, (code) => paintOf(code, this.scale));
    for (const code of this.codes) this.counts[stateOfCell(code)]++;
  }

  /** @param scanned gets a mark for each cell that is final; the others among the codes are empty */
  set(first: number, codes: Uint8Array, scanned: Uint8Array): void {
    codes.subarray(0, Math.max(0, this.codes.length - first)).forEach((code, i) => {
      if (code === CELL_EMPTY) return;
      this.codes[first + i] = code;
      this.paints[first + i] = paintOf(code, this.scale);
      scanned[first + i] = 1;
    });
  }

  map(): MapModel {
    const { index, paints, codes } = this;
    return {
      index,
      paints,
      noun: 'address',
      title: (member) => index.textOf(member),
      lines: (member) => linesOf(codes[member]!),
    };
  }
}

function linesOf(code: number): string[] {
  const story = cellStory(code);
  const word = stateWord(stateOfCell(code));
  if (story === undefined) return [word];
  if (story.rttMs !== null) return [`${word}, about ${rttText(story.rttMs)}`];
  return [story.reason === null ? word : `${word}: ${story.reason}`];
}

function paintOf(code: number, scale: LogScale): number {
  const story = cellStory(code);
  if (story === undefined) return statusPaint('down');
  if (story.status !== 'up') return statusPaint(story.status);
  return rampPaint(story.rttMs === null ? 0 : shareOf(scale, Math.max(1, story.rttMs * 1000)));
}

/** From the second to the 98th percentile of the round-trip times, so that no straggler pales all others. */
function scaleOf(codes: Uint8Array): LogScale {
  const times = [...codes].flatMap((code) => cellStory(code)?.rttMs ?? []).sort((a, b) => a - b);
  if (times.length === 0) return logScale(100, 1000);
  const at = (share: number): number => 1000 * times[Math.floor(share * (times.length - 1))]!;
  return logScale(at(0.02), at(0.98));
}
