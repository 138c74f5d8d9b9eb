/** A network over time: addresses in use and round-trip times by day. */

import { MS_A_DAY } from '../../durations.ts';
import { dayFigure } from '../../report/html/page/charts.ts';
import type { NetworkDay, NetworkHistory } from './answers.ts';
import { apiPath } from './api.ts';
import { daysAgo } from './clock.ts';
import { versionOf } from './live.ts';
import {
  DrawnFigure,
  Empty,
  Failure,
  type NetworkPartProps,
  Pending,
  SpanChoice,
} from './parts.tsx';
import { refine, route } from './route.ts';
import { useAnswer } from './use-answer.ts';
import { countText, plural, rttText } from './words.ts';

const SPANS = [
  ['30', '30 days'],
  ['90', '90 days'],
  ['365', 'A year'],
] as const;

export function NetworkDays({ network: { name, hosts } }: NetworkPartProps) {
  const days = route.value.query.get('days') ?? '90';
  // By day, so that the request does not change with every second.
  const since = daysAgo(Number(days) || 90).slice(0, 10);
  const { data, failure } = useAnswer<NetworkHistory>(
    apiPath(['networks', name, 'history'], { since }),
    versionOf(name),
    name,
  );
  return (
    <section aria-labelledby="days-title">
      <div class="section-line">
        <h2 id="days-title" class="hidden">
          Over time
        </h2>
        <SpanChoice spans={SPANS} chosen={days} onChoose={(span) => refine({ days: span })} />
      </div>
      {failure !== undefined && <Failure failure={failure} />}
      {data === undefined && failure === undefined && <Pending height={280} />}
      {data?.days.length === 0 && (
        <Empty title="No scan in this time">
          <p>Choose a longer time, or scan the network.</p>
        </Empty>
      )}
      {data !== undefined && data.days.length > 0 && (
        <div class="charts">
          <DrawnFigure basis={data} make={() => useFigure(everyDay(data.days), hosts.total ?? 0)} />
          {data.days.some(({ rtt_median_ms: ms }) => ms !== null) && (
            <DrawnFigure basis={data} make={() => rttFigure(everyDay(data.days))} />
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

function useFigure(days: readonly NetworkDay[], total: number) {
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

function rttFigure(days: readonly NetworkDay[]) {
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
