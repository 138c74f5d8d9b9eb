/** The map of a network, which fills while a scan runs. */

import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { NetworkMap } from './answers.ts';
import { apiPath } from './api.ts';
import { liveRuns, onFreshCells, running, versionOf } from './live.ts';
import { addressesOfScan, type MapAddresses, mapAddresses, NetworkCells } from './network-cells.ts';
import { Empty, Failure, hostHref, type NetworkPartProps, Pending } from './parts.tsx';
import { go } from './route.ts';
import { SubnetMap } from './subnet-map.tsx';
import { useAnswer } from './use-answer.ts';
import { useMapView } from './use-map-view.ts';
import { countText, plural, rttText } from './words.ts';

const KEYS =
  'Arrow keys go from cell to cell, Page Up and Page Down from group to group, Enter opens what is there.';
/** A map is drawn again so often while it fills. */
const REDRAW_MS = 200;

export function NetworkMapSection({ name, network }: NetworkPartProps) {
  const { data, failure } = useAnswer<NetworkMap>(
    apiPath(['networks', name, 'map']),
    versionOf(name),
    name,
  );
  const isFilling = running.value[name] !== undefined;
  const runs = liveRuns.value[name];
  const addresses = useMemo(() => {
    const known = data && mapAddresses(data);
    return known && runs ? addressesOfScan(known, runs) : known;
  }, [data, runs]);
  // Between the end of a first scan and the answer with its map.
  const drawn = useRef<MapAddresses>(undefined);
  if (addresses !== undefined && addresses.runs.length > 0) drawn.current = addresses;
  if (failure !== undefined) return <Failure failure={failure} />;
  if (data === undefined) return <Pending height={480} />;
  if (drawn.current === undefined) {
    return (
      <Empty title="Nothing to draw yet">
        {isFilling ? (
          <p>The first scan is running.</p>
        ) : (
          <p>
            The map appears with the first scan: run <code>echosweep inventory scan {name}</code>
          </p>
        )}
      </Empty>
    );
  }
  const shown = data.runs.reduce((sum, [, count]) => sum + count, 0);
  const isDrawnByAddress = shown === data.total;
  if (!isDrawnByAddress && network === undefined) return <Pending height={480} />;
  const { unscanned = 0, total = 0 } = network?.hosts ?? {};
  const notDrawn = unscanned === 0 ? 0 : (total ?? 0) - data.total;
  return (
    <section aria-labelledby="map-title">
      <h2 id="map-title" class="hidden">
        Map
      </h2>
      {isDrawnByAddress ? (
        <DrawnMap network={name} addresses={drawn.current} isFilling={isFilling} />
      ) : (
        <SubnetMap network={network!} />
      )}
      <NotDrawn count={isDrawnByAddress ? notDrawn : unscanned} />
      <p id="map-keys" class="hidden">
        {KEYS}
      </p>
    </section>
  );
}

/** Targets whose addresses are not known before their names have been looked up, or that are summed up by subnet. */
function NotDrawn({ count }: { readonly count: number | null }) {
  if (count === null || count <= 0) return null;
  return <p class="muted">Not scanned yet: {plural(count, 'address', 'addresses')}.</p>;
}

interface DrawnMapProps {
  readonly network: string;
  readonly addresses: MapAddresses;
  readonly isFilling: boolean;
}

function DrawnMap({ network, addresses, isFilling }: DrawnMapProps) {
  const cells = useMemo(() => new NetworkCells(addresses), [addresses]);
  const choose = (member: number): void => go(hostHref(cells.index.textOf(member), network));
  const { place, view } = useMapView(() => cells.map(), choose, [cells, network]);
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
