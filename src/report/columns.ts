/** The columns of CSV schema 1, once: the formats, `--columns` and the documentation come from this table. */

import { EchosweepError } from '../errors.ts';
import type { HostResult } from '../results/host-result.ts';

/** What a format takes a cell with; `null` where there is no value. */
export interface CellSink {
  /** One of echosweep's own words, which no format need escape. */
  word(value: string): void;
  text(value: string | null): void;
  /** @param decimals to which the value is given */
  number(value: number | null, decimals: number): void;
  time(value: Date | null): void;
}

export interface Column {
  readonly name: string;
  /** One sentence for the documentation. */
  readonly meaning: string;
  /** '' where the value is a word or a plain count. */
  readonly unit: string;
  readonly isNumber: boolean;
  /** Gives a host's value to whoever writes it: told, not returned, since a sweep has millions of them. */
  readonly put: (host: HostResult, to: CellSink) => void;
}

/** In the order of the schema; later columns are added at the end only. */
export const COLUMNS: readonly Column[] = [
  words('address', 'The address asked, with its zone where it has one.', (host, to) =>
    to.text(host.address),
  ),
  words('hostname', 'The name asked for, or the name that reverse DNS gave.', (host, to) =>
    to.text(host.hostname),
  ),
  words('status', '`up`, `unreachable`, `down` or `error`.', (host, to) => to.word(host.status)),
  words('reason', 'Why the host has its status, such as `no-response`.', (host, to) =>
    to.word(host.reason),
  ),
  words('responder', 'Who answered, where it is not the address asked.', (host, to) =>
    to.text(host.responder),
  ),
  figure('icmp_type', 'Type of the ICMP error that stands.', '', (host, to) =>
    to.number(host.icmpType, 0),
  ),
  figure('icmp_code', 'Code of the ICMP error that stands.', '', (host, to) =>
    to.number(host.icmpCode, 0),
  ),
  figure('sent', 'Probes that left.', '', (host, to) => to.number(host.sent, 0)),
  figure('received', 'Distinct valid replies.', '', (host, to) => to.number(host.received, 0)),
  figure('loss_pct', 'Share of the probes without a reply.', '%', (host, to) =>
    to.number(host.lossPct, 1),
  ),
  figure('duplicates', 'Further replies to probes already answered.', '', (host, to) =>
    to.number(host.duplicates, 0),
  ),
  figure('rtt_min_ms', 'Shortest round-trip time.', 'ms', (host, to) =>
    to.number(host.rttMinMs, 3),
  ),
  figure('rtt_avg_ms', 'Mean round-trip time.', 'ms', (host, to) => to.number(host.rttAvgMs, 3)),
  figure('rtt_max_ms', 'Longest round-trip time.', 'ms', (host, to) => to.number(host.rttMaxMs, 3)),
  figure('rtt_stddev_ms', 'Standard deviation of the round-trip times.', 'ms', (host, to) =>
    to.number(host.rttStddevMs, 3),
  ),
  figure('ttl', 'TTL or hop limit of the first reply.', '', (host, to) => to.number(host.ttl, 0)),
  figure(
    'hops',
    'Distance of that TTL from the next common initial one (32, 64, 128, 255).',
    '',
    (host, to) => to.number(host.hops, 0),
  ),
  words(
    'pattern',
    'One mark a probe, in order: `!` reply, `.` silence, `U` error, `E` not sent.',
    (host, to) => to.word(host.pattern),
  ),
  {
    ...words('started_at', 'When the first probe left.', (host, to) => to.time(host.startedAt)),
    unit: 'UTC',
  },
  words('mac', 'MAC address of a host on an own link, where it is known.', (host, to) =>
    to.text(host.mac),
  ),
];

/**
 * The named columns in the order of their names.
 * @throws EchosweepError OPTION_INVALID where a name is unknown or given twice, or there is none
 */
export function pickColumns(names: readonly string[]): readonly Column[] {
  if (names.length === 0) {
    throw new EchosweepError('OPTION_INVALID', 'no columns', `name some of ${allNames()}`);
  }
  return names.map((name, index) => {
    const column = COLUMNS.find((candidate) => candidate.name === name);
    if (column === undefined) {
      throw new EchosweepError(
        'OPTION_INVALID',
        `unknown column ${JSON.stringify(name)}`,
        `use ${allNames()}`,
      );
    }
    if (names.indexOf(name) !== index) {
      throw new EchosweepError(
        'OPTION_INVALID',
        `column ${JSON.stringify(name)} is given twice`,
        'give it once',
      );
    }
    return column;
  });
}

function allNames(): string {
  return COLUMNS.map((column) => column.name).join(', ');
}

/** `value` as every report writes it, half of the last decimal rounded up. */
export function decimalText(value: number, decimals: number): string {
  const scale = 10 ** decimals;
  return (Math.round(value * scale) / scale).toFixed(decimals);
}

function words(name: string, meaning: string, put: Column['put']): Column {
  return { name, meaning, unit: '', isNumber: false, put };
}

function figure(name: string, meaning: string, unit: string, put: Column['put']): Column {
  return { name, meaning, unit, isNumber: true, put };
}
