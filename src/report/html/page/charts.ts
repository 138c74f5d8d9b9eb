/** Bars: round-trip times on a logarithmic axis, hops, and whatever there is by day. */

import uPlot from 'uplot';
import { MS_A_DAY } from '../../../durations.ts';
import { rttMsOfStep, STEPS_A_DECADE } from '../../../results/cell-code.ts';
import type { PageData } from '../page-data.ts';
import { element } from './dom.ts';
import { colourOf, FONT, onThemeChange } from './theme.ts';
import { count, timeText } from './words.ts';

export const PLOT_HEIGHT = 190;
/** Left and right of the bars; of a figure below them, pixels. */
const SIDES = 84;
const TICK_CHARACTER = 6;
const TICK_GAP = 6;
/** Two steps a bar: ten bars for each power of ten. */
const STEPS_A_BAR = 2;
const BARS_A_DECADE = STEPS_A_DECADE / STEPS_A_BAR;

/** 1, 2 and 5 times the powers of ten, from thousandths to more than there are IPv4 addresses. */
export const STEPS_OF_FIGURES = Array.from({ length: 13 }, (_, power) =>
  [1, 2, 5].map((figure) => figure * 10 ** (power - 3)),
).flat();

interface Histogram {
  readonly title: string;
  readonly caption: string;
  readonly counts: readonly number[];
  /** Of the first count. */
  readonly first: number;
  /** Where the axis has figures, and what they are. */
  readonly ticks: readonly { readonly at: number; readonly text: string }[];
  /** What a bar counts. */
  readonly nameOf: (bar: number) => string;
  /** A bar's value for the reader; if left out, hosts. */
  readonly valueText?: (value: number) => string;
  /** Whether there may be parts of one. */
  readonly hasDecimals?: boolean;
}

/** What a figure by day shows. */
export interface DaySeries
  extends Pick<Histogram, 'title' | 'caption' | 'valueText' | 'hasDecimals'> {
  /** Such as 2026-03-01. */
  readonly firstDay: string;
  readonly values: readonly number[];
}

/** A figure in the page, which redraws itself when its width or the colours change. */
export interface Figure {
  readonly root: HTMLElement;
  /** To be called when it leaves the page for good. */
  readonly stop: () => void;
}

export function dayFigure({ firstDay, values, ...words }: DaySeries): Figure {
  const dayOf = (bar: number): string =>
    new Date(Date.parse(firstDay) + bar * MS_A_DAY).toISOString().slice(0, 10);
  const every = Math.max(1, Math.ceil(values.length / 5));
  return figureOf({
    ...words,
    counts: values,
    first: 0,
    ticks: values.flatMap((_, bar) =>
      bar % every === 0 ? [{ at: bar, text: dayOf(bar).slice(5) }] : [],
    ),
    nameOf: dayOf,
  });
}

/** A figure for each distribution that there is anything to show of. */
export function chartFigures(data: PageData): HTMLElement[] {
  const histograms = [rttHistogram(data), hopsHistogram(data)];
  return histograms.flatMap((histogram) =>
    histogram === undefined ? [] : [figureOf(histogram).root],
  );
}

function rttHistogram({ rttSteps, rttUs }: PageData): Histogram | undefined {
  if (rttUs === null || !rttSteps.some((hosts) => hosts > 0)) return undefined;
  const bars = Array.from({ length: Math.ceil(rttSteps.length / STEPS_A_BAR) }, (_, bar) =>
    rttSteps
      .slice(bar * STEPS_A_BAR, (bar + 1) * STEPS_A_BAR)
      .reduce((sum, hosts) => sum + hosts, 0),
  );
  const used = [...bars.keys()].filter((bar) => bars[bar]! > 0);
  const first = Math.floor(used[0]! / BARS_A_DECADE) * BARS_A_DECADE;
  const end = (Math.floor(used.at(-1)! / BARS_A_DECADE) + 1) * BARS_A_DECADE;
  const ticks = [];
  for (let bar = first; bar <= end; bar += BARS_A_DECADE) {
    ticks.push({
      at: bar - 0.5,
      text: timeText(Math.round(1000 * rttMsOfStep(bar * STEPS_A_BAR))),
    });
  }
  const edge = (bar: number): string => timeText(1000 * rttMsOfStep(bar * STEPS_A_BAR - 0.5));
  return {
    title: 'Round-trip times',
    caption: `Fastest ${timeText(rttUs.min)}, median ${timeText(rttUs.median)}, 95 % within ${timeText(rttUs.p95)}, slowest ${timeText(rttUs.max)}`,
    counts: bars.slice(first, end),
    first,
    ticks,
    nameOf: (bar) => `${edge(bar)} to ${edge(bar + 1)}`,
  };
}

function hopsHistogram({ hops }: PageData): Histogram | undefined {
  const total = hops.reduce((sum, hosts) => sum + hosts, 0);
  if (total === 0) return undefined;
  const commonest = hops.indexOf(Math.max(...hops));
  const length = Math.max(hops.length, 9);
  const every = length > 40 ? 10 : length > 20 ? 5 : length > 12 ? 2 : 1;
  const counts = Array.from({ length }, (_, hop) => hops[hop] ?? 0);
  return {
    title: 'Hops',
    caption: `Most are ${commonest} ${commonest === 1 ? 'hop' : 'hops'} away, the farthest ${hops.length - 1}, judged by the TTL of their replies`,
    counts,
    first: 0,
    ticks: counts.flatMap((_, hop) => (hop % every === 0 ? [{ at: hop, text: String(hop) }] : [])),
    nameOf: (hop) => `${hop} ${hop === 1 ? 'hop' : 'hops'}`,
  };
}

function figureOf(histogram: Histogram): Figure {
  const { title, caption } = histogram;
  return plottedFigure(title, caption, (canvas, reading) => plotOf(histogram, canvas, reading));
}

/** @param plot called for each drawing, with the place of the plot and that of the words about the bar under the pointer */
export function plottedFigure(
  title: string,
  caption: string,
  plot: (target: HTMLElement, reading: HTMLElement) => uPlot,
): Figure {
  const reading = element('span', { class: 'reading', 'aria-hidden': 'true' });
  const canvas = element('div', {
    class: 'chart',
    role: 'img',
    'aria-label': `${title}. ${caption}`,
  });
  const figure = element(
    'figure',
    {},
    element('div', { class: 'chart-head' }, element('h3', {}, title), reading),
    canvas,
    element('figcaption', {}, caption),
  );
  let drawn: uPlot | undefined;
  const draw = (): void => {
    drawn?.destroy();
    drawn = plot(canvas, reading);
  };
  const forgetTheme = onThemeChange(() => drawn !== undefined && draw());
  let width = 0;
  const size = new ResizeObserver(() => {
    if (canvas.clientWidth === width || canvas.clientWidth === 0) return;
    width = canvas.clientWidth;
    draw();
  });
  size.observe(canvas);
  const stop = (): void => {
    size.disconnect();
    forgetTheme();
    drawn?.destroy();
  };
  return { root: figure, stop };
}

function hostsText(hosts: number): string {
  return `${count(hosts)} ${hosts === 1 ? 'host' : 'hosts'}`;
}

/** As many of the figures as fit next to each other on a narrow page. */
export function legibleTicks(ticks: Histogram['ticks'], width: number): Histogram['ticks'] {
  const widest = ticks.reduce((most, { text }) => Math.max(most, text.length), 0);
  const room = Math.max(1, Math.floor((width - SIDES) / (widest * TICK_CHARACTER + TICK_GAP)));
  const every = Math.ceil(ticks.length / room);
  return ticks.filter((_, i) => i % every === 0);
}

function plotOf(
  { counts, first, ticks, nameOf, valueText = hostsText, hasDecimals = false }: Histogram,
  target: HTMLElement,
  reading: HTMLElement,
): uPlot {
  const muted = colourOf('muted');
  const line = colourOf('line');
  const xs = counts.map((_, i) => first + i);
  const font = `11px ${FONT}`;
  const shownTicks = legibleTicks(ticks, target.clientWidth);
  const axis = { stroke: muted, font, ticks: { stroke: line, width: 1, size: 4 } };
  return new uPlot(
    {
      width: target.clientWidth,
      height: PLOT_HEIGHT,
      padding: [8, 26, 0, 0],
      legend: { show: false },
      cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
      scales: {
        x: { time: false, range: () => [first - 0.5, first + counts.length - 0.5] },
        y: {
          range: (_plot, _low, high) => [
            0,
            (hasDecimals && high > 0 ? high : Math.max(1, high)) * 1.08,
          ],
        },
      },
      axes: [
        {
          ...axis,
          size: 30,
          grid: { show: false },
          splits: () => shownTicks.map(({ at }) => at),
          values: () => shownTicks.map(({ text }) => text),
        },
        {
          ...axis,
          size: 58,
          ticks: { show: false },
          grid: { stroke: line, width: 1 },
          incrs: STEPS_OF_FIGURES.filter((step) => hasDecimals || step >= 1),
          values: (_plot, splits) => splits.map(count),
        },
      ],
      series: [
        {},
        {
          stroke: colourOf('bar'),
          fill: colourOf('bar'),
          width: 0,
          paths: uPlot.paths.bars!({ size: [0.84, 44], radius: 0.12 }),
          points: { show: false },
        },
      ],
      hooks: {
        setCursor: [
          (plot) => {
            const i = plot.cursor.idx;
            reading.textContent =
              i === null || i === undefined ? '' : `${nameOf(first + i)}: ${valueText(counts[i]!)}`;
          },
        ],
      },
    },
    [xs, [...counts]],
    target,
  );
}
