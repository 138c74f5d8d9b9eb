/** A network's figures by day: addresses in use, and round-trip times. */

import { dayFigure, type Figure } from '../../report/html/page/charts.ts';
import type { NetworkDay } from './answers.ts';
import { countText, plural, rttText } from './words.ts';

/** @param days every one, without gaps @param total addresses of the network */
export function useFigure(days: readonly NetworkDay[], total: number): Figure {
  const used = days.map((day) => day.used);
  const text = (hosts: number): string =>
    `${countText(hosts)} of ${plural(total, 'address', 'addresses')}`;
  return dayFigure({
    title: 'In use by day',
    caption: `Hosts that answered at least once: ${text(Math.max(...used))} at most, ${countText(used.at(-1)!)} on the last day`,
    firstDay: days[0]!.day,
    values: used,
    valueText: text,
  });
}

/** @param days every one, without gaps, and at least one with a round-trip time */
export function rttFigure(days: readonly NetworkDay[]): Figure {
  const known = days.flatMap(({ rtt_median_ms: ms }) => ms ?? []);
  return dayFigure({
    title: 'Median RTT by day, ms',
    caption: `Half of the hosts were faster: ${rttText(Math.min(...known))} on the fastest day, ${rttText(Math.max(...known))} on the slowest`,
    firstDay: days[0]!.day,
    values: days.map(({ rtt_median_ms: ms }) => ms ?? 0),
    hasDecimals: true,
    valueText: (ms) => (ms === 0 ? 'no host answered' : rttText(ms)),
  });
}
