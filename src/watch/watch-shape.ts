/** The records of a report about watched hosts. */

import { figureColumn, type RecordShape, textColumn, timeColumn } from '../report/record-shape.ts';
import type { WatchedHost } from './watched-hosts.ts';

const SPARE = { isSpare: true } as const;
const SPARE_MS = { isSpare: true, unit: 'ms' } as const;
const MS = { unit: 'ms' } as const;

/** One record per host, in the order of the addresses. */
export const WATCH_SHAPE: RecordShape<WatchedHost> = {
  type: 'watched-host',
  columns: [
    textColumn('address', 'The address that was probed.', ({ address }) => address),
    textColumn(
      'hostname',
      'The name that was given as the target, or with `--rdns` the PTR name.',
      ({ hostname }) => hostname,
    ),
    textColumn(
      'status',
      'Status after the last round. A host that was up and has missed fewer rounds than `--down-after` is still `up`.',
      ({ status }) => status,
    ),
    figureColumn('sent', 'Probes in all rounds.', 0, ({ sent }) => sent),
    figureColumn('received', 'Probes with a reply.', 0, ({ received }) => received),
    figureColumn(
      'loss_pct',
      'Share of the probes without a reply. Empty if nothing could be sent.',
      1,
      ({ lossPct }) => lossPct,
      { unit: '%' },
    ),
    figureColumn(
      'rtt_min_ms',
      'Shortest round-trip time.',
      3,
      ({ rttMinMs }) => rttMinMs,
      SPARE_MS,
    ),
    figureColumn(
      'rtt_median_ms',
      'Median round-trip time, within 1.1 %.',
      3,
      ({ rttMedianMs }) => rttMedianMs,
      MS,
    ),
    figureColumn(
      'rtt_p95_ms',
      'Round-trip time that 95 % of the replies do not exceed, within 1.1 %.',
      3,
      ({ rttP95Ms }) => rttP95Ms,
      MS,
    ),
    figureColumn('rtt_max_ms', 'Longest round-trip time.', 3, ({ rttMaxMs }) => rttMaxMs, SPARE_MS),
    figureColumn(
      'jitter_ms',
      'Mean absolute difference between the round-trip times of consecutive replies. Empty below two replies.',
      3,
      ({ jitterMs }) => jitterMs,
      MS,
    ),
    figureColumn('changes', 'How often it went down or came back.', 0, ({ changes }) => changes),
    timeColumn(
      'last_change_at',
      'When it last went down or came back: the start of the first round that showed it.',
      ({ lastChangeAt }) => lastChangeAt,
      SPARE,
    ),
  ],
};
