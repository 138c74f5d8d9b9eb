/** What is promised of the words of a ping, whichever dialect: read without a crash or a long wait, and never more than they say. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { parseAddress } from '../../src/address.ts';
import { emptyResults } from '../../src/results/block-results.ts';
import { InternedTexts } from '../../src/results/interned-texts.ts';
import { HostFacts } from '../../src/system-ping/host-facts.ts';
import { parseBusybox } from '../../src/system-ping/parse-busybox.ts';
import { parseIputils } from '../../src/system-ping/parse-iputils.ts';
import { parseMacos } from '../../src/system-ping/parse-macos.ts';
import { parseWindows } from '../../src/system-ping/parse-windows.ts';
import type { PingParser } from '../../src/system-ping/ping-report.ts';
import { ROOT } from '../root.ts';
import { block } from '../unit/probe/probing.ts';
import { rowOf } from '../unit/results/row-of.ts';
import { type FuzzProperty, family, oneOf, processorMs, property, uint16 } from './property.ts';

const PARSERS: readonly PingParser[] = [parseIputils, parseBusybox, parseMacos, parseWindows];
const FIXTURES = ['iputils-ipv4', 'iputils-ipv6', 'busybox', 'macos', 'windows'] as const;

const RECORDED = FIXTURES.flatMap((name) => {
  const path = `${ROOT}test/unit/system-ping/fixtures/${name}.txt`;
  return readFileSync(path, 'utf8').split('\n');
}).filter((line) => line !== '');

const HOSTILE = [
  '64 bytes from 10.0.0.1: icmp_seq=1 ttl=999 time=1e9 ms',
  '64 bytes from 999.1.1.1: icmp_seq=1 ttl=64 time=-1 ms',
  '64 bytes from 10.0.0.1: icmp_seq=99999999999999999999999 ttl=64 time=1.2.3 ms',
  '64 bytes from 10.0.0.1: icmp_seq=0 ttl=64 time=0.1 ms',
  'From ::: icmp_seq=99999999999999999999 x',
  'Reply from 10.0.0.1: bytes=1 time=99999999999999999ms TTL=0',
  '64 bytes from fe80::1%eth0, icmp_seq=0 hlim=0 time=. ms',
] as const;

const line = fc.oneof(
  { weight: 5, arbitrary: oneOf(RECORDED) },
  oneOf(HOSTILE),
  fc.string({ unit: 'binary', maxLength: 60 }),
  // Two lines run into one another where a pipe was cut.
  fc
    .tuple(oneOf(RECORDED), uint16, oneOf(RECORDED))
    .map(([a, at, b]) => a.slice(0, at % a.length) + b),
);
const text = fc
  .tuple(fc.array(line, { maxLength: 10 }), fc.constantFrom('\n', '\r\n'))
  .map(([lines, end]) => lines.join(end));

/** Pieces that a pattern may try again and again. */
const repeated = fc
  .tuple(
    fc.array(fc.constantFrom(...' 01.:%=<abf', 'ms', 'from ', 'icmp_seq=', 'TTL='), {
      minLength: 1,
      maxLength: 3,
    }),
    fc.integer({ min: 500, max: 4000 }),
    oneOf(['', '64 bytes from ', 'From ', 'x ', 'Reply from 10.0.0.1: ']),
  )
  .map(([pieces, times, head]) => head + pieces.join('').repeat(times));

export const PINGS: readonly FuzzProperty[] = [
  property(
    'no text makes a parser of pings throw, or tell what cannot be',
    2000,
    [oneOf(PARSERS), text],
    (parse, words) => {
      for (const event of parse(words).events) {
        assert.ok(event.from === null || parseAddress(event.from) !== undefined);
        if (event.kind === 'error') continue;
        assert.ok(Number.isInteger(event.ttl) && event.ttl >= 0 && event.ttl <= 255);
        assert.ok(event.rttMs === null || (event.rttMs >= 0 && Number.isFinite(event.rttMs)));
      }
    },
  ),
  property(
    "a host's row is true to itself, whatever its pings print",
    1500,
    [
      family,
      fc.integer({ min: 1, max: 4 }),
      fc.array(fc.tuple(oneOf(PARSERS), text), { maxLength: 3 }),
    ],
    (family, count, runs) => {
      const address = family === 4 ? '10.79.0.1' : 'fd00:79::1';
      const facts = new HostFacts(family, address, new Set(['10.77.0.1']));
      for (const [parse, words] of runs) facts.add(parse(words), count, 1.7e12);
      const responders = new InternedTexts();
      const errnos = new InternedTexts();
      const empty = emptyResults(block(address), count * 3);
      const results = { ...empty, responders: responders.texts, errnos: errnos.texts };
      facts.writeTo(results, 0, responders, errnos);
      const row = rowOf(results, 0);
      const marks = (mark: string): number => row.pattern.split(mark).length - 1;
      assert.equal(row.pattern.length, runs.length * count);
      assert.equal(row.received, marks('!'));
      assert.equal(row.sent, row.pattern.length - marks('E'));
      assert.equal(row.status === 'up', row.received > 0);
      assert.ok(row.rttsMs.every((rtt) => rtt === null || rtt >= 0));
    },
  ),
  property(
    'no line is long enough to hold a parser of pings up',
    60,
    [oneOf(PARSERS), repeated],
    (parse, words) => {
      const startedAt = processorMs();
      parse(words);
      assert.ok(processorMs() - startedAt < 500, `${words.length} characters took too long`);
    },
  ),
];
