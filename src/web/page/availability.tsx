/** A host's days (UTC): one bar each, as high as the share of scans that it answered. */

import { MS_A_DAY } from '../../durations.ts';
import type { Span } from './answers.ts';
import { utcDayText, utcShortDayText } from './clock.ts';
import { plural } from './words.ts';

interface AvailabilityProps {
  readonly days: readonly Span[];
  /** Up to today. */
  readonly count: number;
}

export function Availability({ days, count }: AvailabilityProps) {
  const byDay = new Map(days.map((day) => [Math.floor(Date.parse(day.from) / MS_A_DAY), day]));
  const today = Math.floor(Date.now() / MS_A_DAY);
  const first = today - count + 1;
  const shown = Array.from({ length: count }, (_, i) => byDay.get(first + i));
  const known = shown.filter((day) => day !== undefined);
  const asked = known.reduce((sum, day) => sum + day.asked, 0);
  const up = known.reduce((sum, day) => sum + day.up, 0);
  const words =
    asked === 0
      ? 'No scan in this time'
      : `Answered ${shareText(up / asked)} of ${plural(asked, 'scan')} on ${plural(known.length, 'day')}`;
  return (
    <>
      <svg
        class="days"
        viewBox={`0 0 ${count} 1`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${words}, by day`}
      >
        {shown.map((day, i) => (
          <DayBar key={first + i} day={day} place={i} at={(first + i) * MS_A_DAY} />
        ))}
      </svg>
      <p class="days-foot muted">
        <span>{utcShortDayText(first * MS_A_DAY)}</span>
        <span>{words}</span>
        <span>Today</span>
      </p>
    </>
  );
}

function DayBar({
  day,
  place,
  at,
}: {
  readonly day: Span | undefined;
  readonly place: number;
  readonly at: number;
}) {
  const x = place + 0.08;
  const title = utcDayText(at);
  if (day === undefined || day.asked === 0) {
    return (
      <rect class="unasked" x={x} y={0} width={0.84} height={1}>
        <title>{`${title}: not scanned`}</title>
      </rect>
    );
  }
  const share = day.up / day.asked;
  const words = `${title}: answered ${day.up} of ${plural(day.asked, 'scan')}`;
  return (
    <g>
      <title>{words}</title>
      <rect class={share === 0 ? 'error' : 'rest'} x={x} y={0} width={0.84} height={1} />
      {share > 0 && (
        <rect
          class={share === 1 ? 'up' : 'partly'}
          x={x}
          y={1 - share}
          width={0.84}
          height={share}
        />
      )}
    </g>
  );
}

function shareText(share: number): string {
  const percent = 100 * share;
  return percent === 100 ? 'all' : `${percent.toFixed(percent > 99 ? 2 : 1)} %`;
}
