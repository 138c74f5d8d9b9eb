/** The colours of a map: a ramp for what answers, one colour each for what does not. */

import type { Status } from '../../../results/outcome.ts';
import { colourOf } from './theme.ts';

/** Steps of the ramp; the numbers behind it stand for the statuses. */
const RAMP = 32;
const STOPS = ['ramp-0', 'ramp-1', 'ramp-2', 'ramp-3', 'ramp-4'] as const;
/** What has a colour of its own. */
type Flat = Exclude<Status, 'up'> | 'unasked';
const STATUS_PAINTS: Readonly<Record<Flat, number>> = {
  unreachable: RAMP,
  down: RAMP + 1,
  error: RAMP + 2,
  unasked: RAMP + 3,
};

/** What colour a cell has: a step of the ramp, or a status. */
export type Paint = number;

export function statusPaint(status: Flat): Paint {
  return STATUS_PAINTS[status];
}

/** @param share 0 to 1 along the ramp */
export function rampPaint(share: number): Paint {
  return Math.min(RAMP - 1, Math.max(0, Math.floor(share * RAMP)));
}

/** The colours by paint, as they are at present. */
export function palette(): string[] {
  const stops = STOPS.map((name) => channels(colourOf(name)));
  const ramp = Array.from({ length: RAMP }, (_, step) => {
    const at = (step / (RAMP - 1)) * (stops.length - 1);
    const left = Math.min(stops.length - 2, Math.floor(at));
    const mixed = stops[left]!.map((channel, i) =>
      Math.round(channel + (at - left) * (stops[left + 1]![i]! - channel)),
    );
    return `rgb(${mixed.join()})`;
  });
  const flat = (Object.keys(STATUS_PAINTS) as Flat[]).map(colourOf);
  return [...ramp, ...flat];
}

function channels(colour: string): number[] {
  return colour
    .match(/[\d.]+/g)!
    .slice(0, 3)
    .map(Number);
}

/** A logarithmic scale from 1, 3 or 10 to 1, 3 or 10, at least a power of ten wide. */
export interface LogScale {
  readonly from: number;
  readonly to: number;
}

const HALF_DECADE = 0.5;

/** Wide enough for nearly all of the values; what is beyond gets the colour of the end. */
export function logScale(low: number, high: number): LogScale {
  let from = Math.floor(Math.log10(low) / HALF_DECADE);
  let to = Math.ceil(Math.log10(high) / HALF_DECADE);
  while (to - from < 2) {
    if (to - Math.log10(high) / HALF_DECADE < Math.log10(low) / HALF_DECADE - from) to++;
    else from--;
  }
  return { from: roundNumber(from), to: roundNumber(to) };
}

/** 1, 3, 10, 30 … by half powers of ten. */
function roundNumber(halves: number): number {
  return (halves % 2 === 0 ? 1 : 3) * 10 ** Math.floor(halves * HALF_DECADE);
}

/** The place of a value on the scale: 0 at its beginning, 1 at its end. */
export function shareOf({ from, to }: LogScale, value: number): number {
  return Math.log(value / from) / Math.log(to / from);
}
