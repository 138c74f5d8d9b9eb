/** What is promised of the rows that are written straight from a block's columns: not an octet differs from those written value by value. */

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ADDRESS_BITS } from '../../src/address.ts';
import { COLUMNS } from '../../src/report/columns.ts';
import { CSV } from '../../src/report/csv.ts';
import {
  type BlockResults,
  emptyResults,
  MAC_OCTETS,
  NOT_COVERED,
} from '../../src/results/block-results.ts';
import { addressText, blockOfRanges } from '../../src/results/block-targets.ts';
import { HostRows } from '../../src/results/host-cursor.ts';
import type { HostResult } from '../../src/results/host-result.ts';
import { MARKS, REASONS, STATUSES } from '../../src/results/outcome.ts';
import { settingsOf } from '../unit/report/samples.ts';
import { type FuzzProperty, family, octet, oneOf, property, uint16, uint32 } from './property.ts';

const MOST_HOSTS = 12;
const PROBES = 3;
const RESPONDERS = ['198.51.100.7', '2001:db8::7'];

const often = <Value>(usual: Value, other: fc.Arbitrary<Value>): fc.Arbitrary<Value> =>
  fc.oneof(fc.constant(usual), other);

const HOST = {
  status: oneOf([...STATUSES.keys(), NOT_COVERED]),
  reason: oneOf([...REASONS.keys()]),
  icmpType: often(0, octet),
  icmpCode: octet,
  ttl: often(0, octet),
  sent: often(1, uint16),
  received: often(1, uint16),
  duplicates: often(0, uint16),
  responder: oneOf([0, 1, 2]),
  startedAtMs: often(Number.NaN, fc.double({ min: 0, max: 4e12, noNaN: true })),
  marks: fc.array(oneOf(Object.values(MARKS)), { maxLength: PROBES }),
  // Whole microseconds and their halves are where rounding shows.
  rttNs: fc.array(
    fc.oneof(
      fc.constant(Number.NaN),
      fc.nat({ max: 4e7 }).map((halves) => halves * 500),
      fc.double({ min: 0, max: 1e13, noNaN: true }),
    ),
    { minLength: PROBES, maxLength: PROBES },
  ),
  mac: often([0, 0, 0, 0, 0, 0], fc.array(octet, { minLength: 6, maxLength: 6 })),
  name: often<string | null>(null, fc.string({ unit: 'binary', maxLength: 8 })),
};
const host = fc.record(HOST);
type Host = typeof host extends fc.Arbitrary<infer Value> ? Value : never;

/** Cells that say what those of the row before say are copied from there: most hosts differ from the one before in one value. */
const hosts = fc
  .array(fc.tuple(host, fc.option(oneOf(Object.keys(HOST)), { freq: 8 })), {
    minLength: 1,
    maxLength: MOST_HOSTS,
  })
  .map((drawn) => {
    const made: Host[] = [];
    for (const [values, key] of drawn) {
      const before = made.at(-1);
      const isAlike = before !== undefined && key !== null;
      made.push(isAlike ? { ...before, [key]: values[key as keyof Host] } : values);
    }
    return made;
  });

const places = fc.record({
  family,
  first: uint32,
  gap: fc.nat({ max: 300 }),
  zone: oneOf(['', 'eth0']),
});
type Places = typeof places extends fc.Arbitrary<infer Value> ? Value : never;

const layout = fc.record({
  csvProfile: oneOf(['plain', 'excel'] as const),
  csvDelimiter: oneOf([',', ';', '\t', '|', '§']),
  csvDecimal: oneOf(['.', ','] as const),
  columns: fc.option(fc.shuffledSubarray([...COLUMNS], { minLength: 1 }), { nil: undefined }),
});

/** Two runs of addresses, with a gap between them if it fits. */
function blockOf(hosts: readonly Host[], { family: of, first, gap, zone }: Places): BlockResults {
  const start = BigInt(first) << BigInt(ADDRESS_BITS[of] - 32);
  const half = BigInt(Math.ceil(hosts.length / 2));
  const [one, two] = [start >> 1n, (start >> 1n) + half + BigInt(gap)];
  const common = { family: of, zone: of === 6 ? zone : '' };
  const targets = blockOfRanges(
    [
      { ...common, first: one, last: one + half - 1n },
      { ...common, first: two, last: two + BigInt(hosts.length) - half - 1n },
    ].filter((range) => range.last >= range.first),
  );
  const block = {
    ...emptyResults(targets, PROBES),
    responders: RESPONDERS,
    macs: new Uint8Array(gap % 2 === 0 ? 0 : hosts.length * MAC_OCTETS),
  };
  hosts.forEach(({ marks, rttNs, mac, name: _, ...values }, i) => {
    for (const [key, value] of Object.entries(values)) {
      (block as unknown as Record<string, number[]>)[key]![i] = value;
    }
    block.marks.set(
      marks.map((mark) => mark.charCodeAt(0)),
      i * PROBES,
    );
    block.rttNs.set(rttNs, i * PROBES);
    if (block.macs.length > 0) block.macs.set(mac, i * MAC_OCTETS);
  });
  return block;
}

/** Rows that only say their values. */
function valueByValue(rows: Iterable<HostResult>): Iterable<HostResult> {
  return { [Symbol.iterator]: () => rows[Symbol.iterator]() };
}

export const BLOCK_ROWS: readonly FuzzProperty[] = [
  property(
    'rows written straight from a block are those written value by value, for any columns',
    1200,
    [hosts, places, layout],
    (swept, where, chosen) => {
      const block = blockOf(swept, where);
      const names = new Map(
        swept.flatMap(({ name }, i) =>
          name === null ? [] : [[addressText(block.targets, i), name]],
        ),
      );
      const rows = (): HostRows => new HostRows(block, names, 0, swept.length);
      const textOf = (entries: Iterable<HostResult>): string =>
        Buffer.from(CSV.rows(settingsOf(chosen)).rows(entries)).toString();
      assert.equal(textOf(rows()), textOf(valueByValue(rows())));
    },
  ),
];
