/** A network at a glance: its states as a bar, and a strip of its map. */

import { useMemo } from 'preact/hooks';
import { cellStory } from '../../results/cell-code.ts';
import { plural } from '../../words.ts';
import type { HostState, Network } from './answers.ts';
import { octetsOf } from './api.ts';
import { STATE_CLASS, stateWord } from './states.ts';
import { countText } from './words.ts';

interface Stretch {
  readonly look: string;
  readonly from: number;
  readonly length: number;
}

function lookOf(code: number): string {
  return cellStory(code)?.status ?? 'unasked';
}

/** Neighbouring cells of one colour are one stretch. */
function stretchesOf(octets: Uint8Array): Stretch[] {
  const stretches: Stretch[] = [];
  for (let from = 0; from < octets.length; ) {
    const look = lookOf(octets[from]!);
    let to = from + 1;
    while (to < octets.length && lookOf(octets[to]!) === look) to++;
    stretches.push({ look, from, length: to - from });
    from = to;
  }
  return stretches;
}

/** The addresses of a network in order, from left to right. */
export function MapStrip({ network }: { readonly network: Network }) {
  const { strip } = network;
  const { stretches, cells } = useMemo(() => {
    const octets = octetsOf(strip);
    return { stretches: stretchesOf(octets), cells: octets.length };
  }, [strip]);
  if (cells === 0) return null;
  return (
    <svg class="strip-map" viewBox={`0 0 ${cells} 1`} preserveAspectRatio="none" aria-hidden="true">
      {stretches.map(({ look, from, length }) => (
        <rect key={from} class={look} x={from} y={0} width={length} height={1} />
      ))}
    </svg>
  );
}

const SHARES = ['present', 'missing', 'gone', 'free', 'unscanned'] as const;
const SHARE_STATES: Readonly<Record<(typeof SHARES)[number], HostState>> = {
  present: 'up',
  missing: 'missing',
  gone: 'gone',
  free: 'silent',
  unscanned: 'unasked',
};

/** Shares of the addresses, with their figures below. */
export function StateBar({ hosts }: { readonly hosts: Network['hosts'] }) {
  const hostsOf = (share: (typeof SHARES)[number]): number => hosts[share] ?? 0;
  const shown = SHARES.filter((share) => hostsOf(share) > 0);
  // The address of a gone host may be free as well; it is drawn once.
  const others = SHARES.filter((share) => share !== 'free').map(hostsOf);
  const rest = others.reduce((left, count) => left - count, hosts.total ?? 0);
  const drawnOf = (share: (typeof SHARES)[number]): number =>
    share === 'free' ? Math.max(0, Math.min(hostsOf(share), rest)) : hostsOf(share);
  const words = (share: (typeof SHARES)[number]): string =>
    share === 'free' ? 'Free' : stateWord(SHARE_STATES[share]);
  const label = shown.map((share) => `${words(share)} ${countText(hostsOf(share))}`).join(', ');
  return (
    <div class="state-bar">
      <div
        class="shares"
        role="img"
        aria-label={`${plural(hosts.total ?? 0, 'address', 'addresses')}: ${label}`}
      >
        {shown.map((share) => (
          <i
            key={share}
            class={STATE_CLASS[SHARE_STATES[share]]}
            style={{ flexGrow: drawnOf(share) }}
          />
        ))}
      </div>
      <p class="legend" aria-hidden="true">
        {shown.map((share) => (
          <span class="key" key={share}>
            <i class={`swatch ${STATE_CLASS[SHARE_STATES[share]]}`} />
            {words(share)} <b>{countText(hostsOf(share))}</b>
          </span>
        ))}
      </p>
    </div>
  );
}
