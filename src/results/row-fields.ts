/** The fields of a host's row, once: types, report columns, readers and documentation all come from this table. */

import type { CellSink, Column, ColumnKind, RecordSink } from './column.ts';
import { REASONS, STATUSES } from './outcome.ts';

/** What the table says of a field besides how to write it. */
export interface FieldFacts {
  /** Name in a program. */
  readonly key: string;
  /** Name in reports. */
  readonly name: string;
  readonly kind: ColumnKind;
  /** The words it can be, if it is one of a fixed list. */
  readonly words?: readonly string[];
  readonly decimals?: number;
  readonly unit?: string;
  readonly meaning: string;
  /** When there is no value, as the end of "empty if …"; left out if there always is one. */
  readonly emptyIf?: string;
  /** Whether a report without it says nothing at all. */
  readonly isRequired?: true;
  /** Whether only JSON Lines has it. */
  readonly isJsonOnly?: true;
}

interface Values {
  readonly text: string;
  readonly word: string;
  readonly figure: number;
  readonly time: Date;
  readonly list: (number | null)[];
}

type ValueOf<Facts extends FieldFacts> =
  | (Facts extends { readonly words: readonly (infer Word)[] } ? Word : Values[Facts['kind']])
  | (Facts extends { readonly emptyIf: string } ? null : never);

type SinkOf<Facts extends FieldFacts> = Facts extends { readonly isJsonOnly: true }
  ? RecordSink
  : CellSink;

/** A field as a column of anything that has it. */
export interface RowField<Facts extends FieldFacts = FieldFacts>
  extends Column<Readonly<Record<Facts['key'], ValueOf<Facts>>>, SinkOf<Facts>> {
  readonly key: Facts['key'];
  readonly words: readonly string[] | undefined;
  readonly emptyIf: string | undefined;
  readonly isRequired: boolean;
  readonly isJsonOnly: boolean;
}

/**
 * `put` can read no other key than the field's own. Every field has a function of its own, so that the engine compiles
 * each for one property: a shared function that reads `row[key]` makes writing a CSV an eighth slower.
 */
function field<const Facts extends FieldFacts>(
  facts: Facts,
  put: RowField<Facts>['put'],
): RowField<Facts> {
  // One shape for all, however few facts are given.
  return {
    key: facts.key,
    name: facts.name,
    kind: facts.kind,
    words: facts.words,
    decimals: facts.decimals ?? 0,
    unit: facts.unit ?? '',
    meaning: facts.meaning,
    emptyIf: facts.emptyIf,
    isRequired: facts.isRequired ?? false,
    isJsonOnly: facts.isJsonOnly ?? false,
    isSpare: false,
    put,
  };
}

/** The most that a count of packets, a TTL or an ICMP type can be. */
const LARGEST_COUNT = 0xffff;
/** Milliseconds: eleven days, and so more than any timeout. */
const LARGEST_FIGURE = 1e9;

/** Whether a field with so many decimals can have this number. */
export function isFigure(value: number, decimals: number): boolean {
  if (decimals === 0) return Number.isInteger(value) && value >= 0 && value <= LARGEST_COUNT;
  return value >= 0 && value <= LARGEST_FIGURE;
}

const NO_REPLY = 'no reply came';
const THE_ERROR =
  'the ICMP error that made the host `unreachable`, or that a host with `arp-reply` or `ndp-reply` sent itself';
const NO_ERROR = 'there is none, or `ping` reported it in words that echosweep does not know';

/** In the order of CSV schema 1, which grows at its end only; what JSON Lines alone has comes last. */
export const ROW_FIELDS = [
  field(
    {
      key: 'address',
      name: 'address',
      kind: 'text',
      meaning: 'The address probed, with its zone if it has one.',
      emptyIf: 'the target is a name that has no address to probe (`name-unresolved`)',
      isRequired: true,
    },
    (row, to) => to.text(row.address),
  ),
  field(
    {
      key: 'hostname',
      name: 'hostname',
      kind: 'text',
      meaning: 'The name given as a target, or the name from reverse DNS.',
      emptyIf: 'neither is known',
    },
    (row, to) => to.text(row.hostname),
  ),
  field(
    {
      key: 'status',
      name: 'status',
      kind: 'word',
      words: STATUSES,
      meaning: '`up`, `unreachable`, `down` or `error`.',
      isRequired: true,
    },
    (row, to) => to.word(row.status),
  ),
  field(
    {
      key: 'reason',
      name: 'reason',
      kind: 'word',
      words: REASONS,
      meaning:
        'Why the host has its status, such as `no-response`. [All of them](outcomes.md#reason).',
    },
    (row, to) => to.word(row.reason),
  ),
  field(
    {
      key: 'responder',
      name: 'responder',
      kind: 'text',
      meaning: 'The address that answered, if it is not the one probed.',
      emptyIf: 'the address itself answered, or nothing did',
    },
    (row, to) => to.text(row.responder),
  ),
  field(
    {
      key: 'icmpType',
      name: 'icmp_type',
      kind: 'figure',
      meaning: `Type of ${THE_ERROR}.`,
      emptyIf: NO_ERROR,
    },
    (row, to, decimals) => to.number(row.icmpType, decimals),
  ),
  field(
    {
      key: 'icmpCode',
      name: 'icmp_code',
      kind: 'figure',
      meaning: `Code of ${THE_ERROR}.`,
      emptyIf: `${NO_ERROR}, or Windows reported it without a code`,
    },
    (row, to, decimals) => to.number(row.icmpCode, decimals),
  ),
  field(
    { key: 'sent', name: 'sent', kind: 'figure', meaning: 'Probes that left.' },
    (row, to, decimals) => to.number(row.sent, decimals),
  ),
  field(
    { key: 'received', name: 'received', kind: 'figure', meaning: 'Distinct valid replies.' },
    (row, to, decimals) => to.number(row.received, decimals),
  ),
  field(
    {
      key: 'lossPct',
      name: 'loss_pct',
      kind: 'figure',
      decimals: 1,
      unit: '%',
      meaning: 'Share of the probes without a reply, 0 to 100.',
      emptyIf: 'no probe left',
    },
    (row, to, decimals) => to.number(row.lossPct, decimals),
  ),
  field(
    {
      key: 'duplicates',
      name: 'duplicates',
      kind: 'figure',
      meaning: 'Further replies to probes already answered.',
    },
    (row, to, decimals) => to.number(row.duplicates, decimals),
  ),
  field(
    {
      key: 'rttMinMs',
      name: 'rtt_min_ms',
      kind: 'figure',
      decimals: 3,
      unit: 'ms',
      meaning: 'Shortest round-trip time.',
      emptyIf: NO_REPLY,
    },
    (row, to, decimals) => to.number(row.rttMinMs, decimals),
  ),
  field(
    {
      key: 'rttAvgMs',
      name: 'rtt_avg_ms',
      kind: 'figure',
      decimals: 3,
      unit: 'ms',
      meaning: 'Mean round-trip time.',
      emptyIf: NO_REPLY,
    },
    (row, to, decimals) => to.number(row.rttAvgMs, decimals),
  ),
  field(
    {
      key: 'rttMaxMs',
      name: 'rtt_max_ms',
      kind: 'figure',
      decimals: 3,
      unit: 'ms',
      meaning: 'Longest round-trip time.',
      emptyIf: NO_REPLY,
    },
    (row, to, decimals) => to.number(row.rttMaxMs, decimals),
  ),
  field(
    {
      key: 'rttStddevMs',
      name: 'rtt_stddev_ms',
      kind: 'figure',
      decimals: 3,
      unit: 'ms',
      meaning: 'Population standard deviation of the round-trip times: 0 for one reply.',
      emptyIf: NO_REPLY,
    },
    (row, to, decimals) => to.number(row.rttStddevMs, decimals),
  ),
  field(
    {
      key: 'ttl',
      name: 'ttl',
      kind: 'figure',
      meaning: 'TTL or hop limit of the first reply.',
      emptyIf: `${NO_REPLY}, or the engine does not see it`,
    },
    (row, to, decimals) => to.number(row.ttl, decimals),
  ),
  field(
    {
      key: 'hops',
      name: 'hops',
      kind: 'figure',
      meaning: 'Distance of that TTL from the next common initial one (32, 64, 128, 255).',
      emptyIf: '`ttl` is empty',
    },
    (row, to, decimals) => to.number(row.hops, decimals),
  ),
  field(
    {
      key: 'pattern',
      name: 'pattern',
      kind: 'word',
      meaning:
        'One mark per probe, in order: `!` reply, `.` silence, `U` error, `E` not sent. No mark for a name without an address.',
    },
    (row, to) => to.word(row.pattern),
  ),
  field(
    {
      key: 'startedAt',
      name: 'started_at',
      kind: 'time',
      unit: 'UTC',
      meaning: 'When the first probe left. ISO 8601 with milliseconds.',
      emptyIf: 'no probe left',
    },
    (row, to) => to.time(row.startedAt),
  ),
  field(
    {
      key: 'mac',
      name: 'mac',
      kind: 'text',
      meaning:
        'MAC address of a host on a local network, if it is known. Lower case, colons between.',
      emptyIf: 'nothing answered ARP or NDP, or the host is not on a local network',
    },
    (row, to) => to.text(row.mac),
  ),
  field(
    {
      key: 'rttsMs',
      name: 'rtts_ms',
      kind: 'list',
      decimals: 3,
      unit: 'ms',
      meaning:
        'Round-trip time of each probe of `pattern`; `null` if it was not answered, or in the rare case that the ' +
        'process was held up just as it sent the probe, so the time is not known.',
      isJsonOnly: true,
    },
    (row, to, decimals) => to.list(row.rttsMs, decimals),
  ),
  field(
    {
      key: 'errno',
      name: 'errno',
      kind: 'text',
      meaning: "The system's name for why sending failed, such as `ENETUNREACH`.",
      emptyIf: 'sending did not fail',
      isJsonOnly: true,
    },
    (row, to) => to.text(row.errno),
  ),
] as const;

/** The last column of a report on several sites. A sweep of one machine has none, and its reports have no such column. */
export const SITE_FIELD = field(
  {
    key: 'site',
    name: 'site',
    kind: 'text',
    meaning: 'The site whose agents probed the address; a column of reports on several sites.',
    emptyIf: 'the row is about a name without an address',
  },
  (row, to) => to.text(row.site),
);

type FactsOf<Field> = Field extends RowField<infer Facts> ? Facts : never;
type AllFacts = FactsOf<(typeof ROW_FIELDS)[number]>;
type ColumnFacts = Exclude<AllFacts, { readonly isJsonOnly: true }>;

/** A whole row: each field's value, `null` only if the table says when it is empty. */
export type RowValues = { [Facts in AllFacts as Facts['key']]: ValueOf<Facts> };

/** A row of a report that may lack columns and cells. */
export type PartialRowValues = {
  readonly [Facts in ColumnFacts as Facts['key']]:
    | ValueOf<Facts>
    | (Facts extends { readonly isRequired: true } ? never : null);
};
