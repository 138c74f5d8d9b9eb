/** Round-trip times with their spread, as SmokePing draws them: the median as a stroke, and smoke around it up to the extremes. */

import uPlot from 'uplot';
import { MS_A_DAY, MS_AN_HOUR } from '../../durations.ts';
import {
  type Figure,
  legibleTicks,
  PLOT_HEIGHT,
  plottedFigure,
  STEPS_OF_FIGURES,
} from '../../report/html/page/charts.ts';
import { colourOf, FONT } from '../../report/html/page/theme.ts';
import type { Span } from './answers.ts';
import { momentText, shortDayText, utcDayText } from './clock.ts';
import { countText, rttText } from './words.ts';

const MS_BY_UNIT = { hour: MS_AN_HOUR, day: MS_A_DAY } as const;
/** The 95th percentile of a slow hour, not its slowest reply, decides how high the figure is. */
const HEADROOM = 1.25;

/** @param spans ascending, with at least one round-trip time */
export function smokeFigure(spans: readonly Span[], unit: 'hour' | 'day'): Figure {
  const measured = spans.filter(({ rtt_median_ms: ms }) => ms !== null);
  const medians = measured.map(({ rtt_median_ms: ms }) => ms!).sort((a, b) => a - b);
  const typical = medians[Math.floor(medians.length / 2)]!;
  const slowest = Math.max(...measured.map(({ rtt_p95_ms: p95, rtt_median_ms: ms }) => p95 ?? ms!));
  const lossy = spans.filter(({ loss_pct: loss }) => loss !== null && loss > 0).length;
  const loss =
    lossy === 0 ? '' : `; loss in ${countText(lossy)} of ${countText(spans.length)} ${unit}s`;
  const caption = `Median ${rttText(typical)}, 95 % within ${rttText(slowest)} in the slowest ${unit}${loss}`;
  return plottedFigure(unit === 'hour' ? 'By hour, ms' : 'By day, ms', caption, (target, reading) =>
    plotOf(spans, unit, target, reading),
  );
}

/** @returns undefined if a round-trip time is not known */
function timesOf(span: Span) {
  const { rtt_median_ms: median } = span;
  if (median === null) return undefined;
  const min = span.rtt_min_ms ?? median;
  const p95 = span.rtt_p95_ms ?? median;
  return { median, min, p95, max: span.rtt_max_ms ?? p95 };
}

function plotOf(
  spans: readonly Span[],
  unit: 'hour' | 'day',
  target: HTMLElement,
  reading: HTMLElement,
): uPlot {
  const step = MS_BY_UNIT[unit];
  const starts = spans.map(({ from }) => Date.parse(from));
  const [from, to] = [starts[0]!, starts.at(-1)! + step];
  const highest = spans.reduce((most, span) => Math.max(most, timesOf(span)?.p95 ?? 0), 0);
  const colours = {
    smoke: colourOf('bar'),
    median: colourOf('ink'),
    lossy: colourOf('unreachable'),
    lost: colourOf('error'),
    line: colourOf('line'),
    muted: colourOf('muted'),
  };
  const axis = { stroke: colours.muted, font: `11px ${FONT}` };
  const ticks = legibleTicks(dayTicks(from, to), target.clientWidth);
  return new uPlot(
    {
      width: target.clientWidth,
      height: PLOT_HEIGHT,
      padding: [8, 12, 0, 0],
      legend: { show: false },
      cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
      scales: {
        x: { time: false, range: () => [from, to] },
        y: { range: () => [0, Math.max(0.01, highest * HEADROOM)] },
      },
      axes: [
        {
          ...axis,
          size: 30,
          grid: { show: false },
          ticks: { stroke: colours.line, width: 1, size: 4 },
          splits: () => ticks.map(({ at }) => at),
          values: () => ticks.map(({ text }) => text),
        },
        {
          ...axis,
          size: 52,
          ticks: { show: false },
          grid: { stroke: colours.line, width: 1 },
          incrs: STEPS_OF_FIGURES,
          values: (_plot, splits) => splits.map((value) => countText(value)),
        },
      ],
      series: [{}, { show: true, width: 0, points: { show: false }, paths: () => null }],
      hooks: {
        draw: [(plot) => drawSmoke(plot, spans, starts, step, colours)],
        setCursor: [
          (plot) => {
            const i = plot.cursor.idx;
            reading.textContent = i === null || i === undefined ? '' : readingOf(spans[i]!, unit);
          },
        ],
      },
    },
    [starts.map((start) => start + step / 2), spans.map(({ rtt_median_ms: ms }) => ms)],
    target,
  );
}

interface Colours {
  readonly smoke: string;
  readonly median: string;
  readonly lossy: string;
  readonly lost: string;
}

function drawSmoke(
  plot: uPlot,
  spans: readonly Span[],
  starts: readonly number[],
  step: number,
  colours: Colours,
): void {
  const { ctx: context } = plot;
  const { left, top, height, width } = plot.bbox;
  const x = (at: number): number => plot.valToPos(at, 'x', true);
  const y = (ms: number): number => Math.max(top, plot.valToPos(ms, 'y', true));
  const stroke = Math.max(2, Math.round(2 * devicePixelRatio));
  context.save();
  context.beginPath();
  context.rect(left, top, width, height);
  context.clip();
  spans.forEach((span, i) => {
    const begin = Math.floor(x(starts[i]!));
    const wide = Math.max(1, Math.ceil(x(starts[i]! + step)) - begin);
    const loss = span.asked === 0 ? 0 : (span.loss_pct ?? 100 * (1 - span.up / span.asked));
    const times = timesOf(span);
    if (times !== undefined) {
      context.fillStyle = colours.smoke;
      context.globalAlpha = 0.16;
      context.fillRect(begin, y(times.max), wide, y(times.min) - y(times.max));
      context.globalAlpha = 0.34;
      context.fillRect(begin, y(times.p95), wide, y(times.min) - y(times.p95));
      context.globalAlpha = 1;
      context.fillStyle = loss > 0 ? colours.lossy : colours.median;
      context.fillRect(begin, y(times.median) - stroke / 2, wide, stroke);
    }
    if (loss > 0) {
      context.fillStyle = loss >= 100 ? colours.lost : colours.lossy;
      const high = Math.max(stroke, (loss / 100) * 0.12 * height);
      context.fillRect(begin, top + height - high, wide, high);
    }
  });
  context.restore();
}

/** Where days begin in the reader's zone; months if there are many. */
function dayTicks(from: number, to: number): { at: number; text: string }[] {
  const ticks = [];
  const at = new Date(from);
  at.setHours(24, 0, 0, 0);
  const days = (to - from) / MS_A_DAY;
  const every = days > 60 ? 14 : days > 20 ? 7 : days > 4 ? 2 : 1;
  for (; at.getTime() < to; at.setDate(at.getDate() + every)) {
    ticks.push({ at: at.getTime(), text: shortDayText(at.getTime()) });
  }
  return ticks;
}

function readingOf(span: Span, unit: 'hour' | 'day'): string {
  const when = unit === 'hour' ? momentText(span.from) : utcDayText(Date.parse(span.from));
  const times = timesOf(span);
  const loss =
    span.loss_pct === null || span.loss_pct === 0 ? '' : `, ${span.loss_pct.toFixed(1)} % lost`;
  if (times === undefined) return `${when}: no reply`;
  return `${when}: ${rttText(times.median)}, ${rttText(times.min)} to ${rttText(times.max)}${loss}`;
}
