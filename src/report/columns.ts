/** The columns of CSV schema 1, once: the formats, `--columns` and the documentation come from this table. */

import { EchosweepError } from '../errors.ts';
import type { HostResult } from '../results/host-result.ts';

interface ColumnWords {
  readonly name: string;
  /** One sentence for the documentation. */
  readonly meaning: string;
  /** '' where the value is a word or a plain count. */
  readonly unit: string;
}

/** One column: where its value comes from and, for a number, to how many decimals it is given. */
export type Column = ColumnWords &
  (
    | { readonly kind: 'text'; readonly value: (host: HostResult) => string | null }
    | { readonly kind: 'time'; readonly value: (host: HostResult) => Date | null }
    | {
        readonly kind: 'number';
        readonly decimals: number;
        readonly value: (host: HostResult) => number | null;
      }
  );

/** In the order of the schema; later columns are added at the end only. */
export const COLUMNS: readonly Column[] = [
  text('address', 'The address asked, with its zone where it has one.', (host) => host.address),
  text(
    'hostname',
    'The name asked for, or the name that reverse DNS gave.',
    (host) => host.hostname,
  ),
  text('status', '`up`, `unreachable`, `down` or `error`.', (host) => host.status),
  text('reason', 'Why the host has its status, such as `no-response`.', (host) => host.reason),
  text('responder', 'Who answered, where it is not the address asked.', (host) => host.responder),
  number('icmp_type', 'Type of the ICMP error that stands.', '', 0, (host) => host.icmpType),
  number('icmp_code', 'Code of the ICMP error that stands.', '', 0, (host) => host.icmpCode),
  number('sent', 'Probes that left.', '', 0, (host) => host.sent),
  number('received', 'Distinct valid replies.', '', 0, (host) => host.received),
  number('loss_pct', 'Share of the probes without a reply.', '%', 1, (host) => host.lossPct),
  number(
    'duplicates',
    'Further replies to probes already answered.',
    '',
    0,
    (host) => host.duplicates,
  ),
  number('rtt_min_ms', 'Shortest round-trip time.', 'ms', 3, (host) => host.rttMinMs),
  number('rtt_avg_ms', 'Mean round-trip time.', 'ms', 3, (host) => host.rttAvgMs),
  number('rtt_max_ms', 'Longest round-trip time.', 'ms', 3, (host) => host.rttMaxMs),
  number(
    'rtt_stddev_ms',
    'Standard deviation of the round-trip times.',
    'ms',
    3,
    (host) => host.rttStddevMs,
  ),
  number('ttl', 'TTL or hop limit of the first reply.', '', 0, (host) => host.ttl),
  number(
    'hops',
    'Distance of that TTL from the next common initial one (32, 64, 128, 255).',
    '',
    0,
    (host) => host.hops,
  ),
  text(
    'pattern',
    'One mark a probe, in order: `!` reply, `.` silence, `U` error, `E` not sent.',
    (host) => host.pattern,
  ),
  {
    kind: 'time',
    name: 'started_at',
    meaning: 'When the first probe left.',
    unit: 'UTC',
    value: (host) => host.startedAt,
  },
];

/**
 * The named columns in the order of their names.
 * @throws EchosweepError OPTION_INVALID where a name is unknown or given twice, or there is none
 */
export function pickColumns(names: readonly string[]): readonly Column[] {
  if (names.length === 0) {
    throw new EchosweepError('OPTION_INVALID', `no columns: name some of ${allNames()}`);
  }
  return names.map((name, index) => {
    const column = COLUMNS.find((candidate) => candidate.name === name);
    if (column === undefined) {
      throw new EchosweepError(
        'OPTION_INVALID',
        `unknown column ${JSON.stringify(name)}: use ${allNames()}`,
      );
    }
    if (names.indexOf(name) !== index) {
      throw new EchosweepError(
        'OPTION_INVALID',
        `column ${JSON.stringify(name)} is given twice: give it once`,
      );
    }
    return column;
  });
}

function allNames(): string {
  return COLUMNS.map((column) => column.name).join(', ');
}

function text(name: string, meaning: string, value: (host: HostResult) => string | null): Column {
  return { kind: 'text', name, meaning, unit: '', value };
}

function number(
  name: string,
  meaning: string,
  unit: string,
  decimals: number,
  value: (host: HostResult) => number | null,
): Column {
  return { kind: 'number', name, meaning, unit, decimals, value };
}
