/** A network over time: addresses in use and round-trip times by day. */

import { MS_A_DAY } from '../../durations.ts';
import type { NetworkDay, NetworkHistory } from './answers.ts';
import { apiPath } from './api.ts';
import { daysAgo } from './clock.ts';
import { DrawnFigure, useFigureCode } from './drawn-figure.tsx';
import { versionOf } from './live.ts';
import { Empty, Failure, type NetworkPartProps, Pending, SpanChoice } from './parts.tsx';
import { refine, route } from './route.ts';
import { useAnswer } from './use-answer.ts';

const SPANS = [
  ['30', '30 days'],
  ['90', '90 days'],
  ['365', 'A year'],
] as const;
/** Of those that a reader writes into the URL. */
const MOST_DAYS = 3650;

export function NetworkDays({ name, network }: NetworkPartProps) {
  useFigureCode();
  const days = route.value.query.get('days') ?? '90';
  // By day, so that the request does not change with every second.
  const since = daysAgo(Math.max(1, Math.min(MOST_DAYS, Number(days) || 90))).slice(0, 10);
  const { data, failure } = useAnswer<NetworkHistory>(
    apiPath(['networks', name, 'history'], { since }),
    versionOf(name),
    name,
  );
  const isHere = data !== undefined && network !== undefined;
  const shown = data === undefined || data.days.length === 0 ? [] : everyDay(data.days);
  return (
    <section aria-labelledby="days-title">
      <div class="section-line">
        <h2 id="days-title" class="hidden">
          Over time
        </h2>
        <SpanChoice spans={SPANS} chosen={days} onChoose={(span) => refine({ days: span })} />
      </div>
      {failure !== undefined && <Failure failure={failure} />}
      {!isHere && failure === undefined && <Pending height={280} />}
      {isHere && shown.length === 0 && (
        <Empty title="No scan in this time">
          <p>Choose a longer time, or scan the network.</p>
        </Empty>
      )}
      {isHere && shown.length > 0 && (
        <div class="charts">
          <DrawnFigure
            basis={data}
            drawing={{ of: 'use', days: shown, total: network.hosts.total ?? 0 }}
          />
          {shown.some(({ rtt_median_ms: ms }) => ms !== null) && (
            <DrawnFigure basis={data} drawing={{ of: 'rtt', days: shown }} />
          )}
        </div>
      )}
    </section>
  );
}

/** Days without a scan are empty places between the others. */
function everyDay(days: readonly NetworkDay[]): NetworkDay[] {
  const byDay = new Map(days.map((day) => [day.day, day]));
  const first = Date.parse(days[0]!.day);
  const count = (Date.parse(days.at(-1)!.day) - first) / MS_A_DAY + 1;
  return Array.from({ length: count }, (_, i) => {
    const day = new Date(first + i * MS_A_DAY).toISOString().slice(0, 10);
    return byDay.get(day) ?? { day, used: 0, rtt_median_ms: null };
  });
}
