/** What is promised of the messages between hub and agents: what honest programs write comes back, and nothing else passes. */

import assert from 'node:assert/strict';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { type BlockResults, emptyResults, NOT_COVERED } from '../../src/results/block-results.ts';
import { addressText, blockOfRanges } from '../../src/results/block-targets.ts';
import { HostRows } from '../../src/results/host-cursor.ts';
import { keptHosts } from '../../src/results/host-result.ts';
import { MARKS, OUTCOMES, reasonNumber, statusNumber } from '../../src/results/outcome.ts';
import { decodeStatus, encodeStatus } from '../../src/sites/contract/agent-status.ts';
import { type Chunk, decodeChunk, encodeChunk } from '../../src/sites/contract/chunk.ts';
import { decodeAnswer, encodeAnswer } from '../../src/sites/contract/chunk-result.ts';
import { decodeControl, encodeControl } from '../../src/sites/contract/control.ts';
import { MessageRefused } from '../../src/sites/contract/message.ts';
import { chunkRun, STATUS } from '../unit/sites/samples.ts';
import { mutations } from './octet-mutations.ts';
import { type FuzzProperty, octet, oneOf, property, uint16, uint32 } from './property.ts';

const PROBES = 3;
const RESPONDERS = ['198.51.100.7', '2001:db8::7', 'fe80::7%eth0'];
const ERRNOS = ['EPERM', 'ENOBUFS'];
const START_MS = Date.UTC(2026, 0, 2, 3, 4, 5, 6);

const host = fc.record({
  outcome: fc.option(oneOf(OUTCOMES), { nil: undefined }),
  icmpType: octet,
  icmpCode: octet,
  ttl: octet,
  sent: uint16,
  duplicates: uint16,
  receivedShare: fc.nat({ max: 4 }),
  responder: fc.nat({ max: RESPONDERS.length }),
  errno: fc.nat({ max: ERRNOS.length }),
  startedAfterMs: fc.option(fc.double({ min: 0, max: 1e7, noNaN: true }), { nil: undefined }),
  marks: fc.array(oneOf(Object.values(MARKS)), { maxLength: PROBES }),
  rttTicks: fc.array(fc.nat({ max: 40_000_000 }), { minLength: PROBES, maxLength: PROBES }),
  mac: fc.array(octet, { minLength: 6, maxLength: 6 }),
  name: fc.option(fc.string({ unit: 'binary', minLength: 1, maxLength: 8 }), { nil: undefined }),
});
type Host = typeof host extends fc.Arbitrary<infer Value> ? Value : never;

const chunkOf = (hosts: number, first: number): Chunk => ({
  site: 'berlin',
  scan: 's1',
  chunk: 7,
  ranges: [
    {
      family: 4,
      zone: '',
      first: BigInt(first >>> 1),
      last: BigInt((first >>> 1) + hosts - 1),
    },
  ],
  settings: { count: 1, retries: 2, canary: false },
  ratePps: 500,
  notAfterMs: null,
  leaseMs: 60_000,
});

function blockOf(hosts: readonly Host[], chunk: Chunk, hasMacs: boolean): BlockResults {
  const targets = blockOfRanges(chunk.ranges);
  const block = {
    ...emptyResults(targets, PROBES),
    responders: RESPONDERS.slice(0, hosts.length),
    errnos: ERRNOS,
    macs: new Uint8Array(hasMacs ? 6 * hosts.length : 0),
  };
  hosts.forEach((each, at) => {
    block.status[at] = each.outcome === undefined ? NOT_COVERED : statusNumber(each.outcome.status);
    block.reason[at] = each.outcome === undefined ? 0 : reasonNumber(each.outcome.reason);
    block.icmpType[at] = each.icmpType;
    block.icmpCode[at] = each.icmpCode;
    block.ttl[at] = each.ttl;
    block.sent[at] = each.sent;
    block.received[at] = Math.floor((each.sent * each.receivedShare) / 4);
    block.duplicates[at] = each.duplicates;
    block.responder[at] = Math.min(each.responder, block.responders.length);
    block.errno[at] = each.errno;
    if (each.startedAfterMs !== undefined) block.startedAtMs[at] = START_MS + each.startedAfterMs;
    each.marks.forEach((mark, probe) => {
      block.marks[at * PROBES + probe] = mark.charCodeAt(0);
      if (mark === MARKS.reply) block.rttNs[at * PROBES + probe] = each.rttTicks[probe]! * 100;
    });
    if (hasMacs) block.macs.set(each.mac, 6 * at);
  });
  return block;
}

const hosts = fc.array(host, { minLength: 1, maxLength: 12 });

function encoded(found: readonly Host[], first: number, hasMacs: boolean) {
  const chunk = chunkOf(found.length, first);
  const results = blockOf(found, chunk, hasMacs);
  const hostnames = new Map(
    found.flatMap(({ name }, at) =>
      name === undefined ? [] : [[addressText(results.targets, at), name] as const],
    ),
  );
  const findings = {
    results,
    hostnames,
    run: chunkRun({ startedAt: new Date(START_MS) }),
    denied: 0,
  };
  const octets = encodeAnswer({ ...chunk, v: 1 }, 1, { findings, refusal: null });
  return { chunk, results, hostnames, octets };
}

/** The decoder's own kind of error is the only one that may leave it. */
function decodesOrRefuses<Value>(decode: () => Value): Value | undefined {
  try {
    return decode();
  } catch (error) {
    assert.ok(error instanceof MessageRefused, `${error}`);
    return undefined;
  }
}

export const SITE_MESSAGES: readonly FuzzProperty[] = [
  property(
    'the result of a chunk comes back with the same rows',
    600,
    [hosts, uint32, fc.boolean()],
    (found, first, hasMacs) => {
      const { chunk, results, octets } = encoded(found, first, hasMacs);
      const { findings } = decodeAnswer(octets, chunk, results.targets);
      const rowsOf = (block: BlockResults) =>
        keptHosts(new HostRows(block, new Map(), 0, found.length));
      assert.deepEqual(rowsOf(findings!.results), rowsOf(results));
    },
  ),
  property(
    'a spoilt result is refused, or has rows of this chunk that can be written',
    2000,
    [hosts, uint32, fc.boolean(), mutations],
    (found, first, hasMacs, spoil) => {
      const { chunk, results, octets } = encoded(found, first, hasMacs);
      const answer = decodesOrRefuses(() => decodeAnswer(spoil(octets), chunk, results.targets));
      if (answer?.findings == null) return;
      for (const row of new HostRows(
        answer.findings.results,
        answer.findings.hostnames,
        0,
        found.length,
      )) {
        assert.ok(row.lossPct === null || row.lossPct >= 0);
        assert.ok(row.rttMinMs === null || row.rttMinMs >= 0);
        assert.ok(row.startedAt === null || !Number.isNaN(row.startedAt.getTime()));
        assert.match(row.hostname ?? '', /^[\x21-\x7e]*$/);
      }
    },
  ),
  property(
    'spoilt columns behind a good head are refused, or have rows that can be written',
    2000,
    [hosts, uint32, mutations],
    (found, first, spoil) => {
      const { chunk, results, octets } = encoded(found, first, true);
      const end = 4 + new DataView(octets.buffer, octets.byteOffset).getUint32(0, true);
      const columns = inflateRawSync(octets.subarray(end));
      const message = Buffer.concat([octets.subarray(0, end), deflateRawSync(spoil(columns))]);
      const answer = decodesOrRefuses(() => decodeAnswer(message, chunk, results.targets));
      if (answer?.findings == null) return;
      for (const row of new HostRows(
        answer.findings.results,
        answer.findings.hostnames,
        0,
        found.length,
      )) {
        assert.ok(row.status !== undefined && row.reason !== undefined);
        assert.match(row.pattern, /^[!.UE]*$/);
        assert.ok(row.lossPct === null || (row.lossPct >= 0 && row.lossPct <= 100));
        assert.ok(row.responder === null || RESPONDERS.includes(row.responder));
        assert.match(row.hostname ?? '', /^[\x21-\x7e]*$/);
      }
    },
  ),
  property(
    'a chunk comes back',
    300,
    [uint32, fc.integer({ min: 1, max: 4096 })],
    (first, count) => {
      const chunk = chunkOf(count, first);
      const { v, targets, ...back } = decodeChunk(encodeChunk(chunk));
      assert.deepEqual([v, targets.count, back], [1, count, chunk]);
    },
  ),
  property(
    'a spoilt chunk is refused, or is one of at most 4,096 hosts',
    2000,
    [mutations],
    (spoil) => {
      const chunk = decodesOrRefuses(() =>
        decodeChunk(spoil(encodeChunk(chunkOf(300, 0xc000_0200)))),
      );
      if (chunk !== undefined) assert.ok(chunk.targets.count >= 1 && chunk.targets.count <= 4096);
    },
  ),
  property('a spoilt status or control is refused, or names a scan', 2000, [mutations], (spoil) => {
    const status = decodesOrRefuses(() => decodeStatus(spoil(encodeStatus(STATUS))));
    for (const { scan } of status?.chunks ?? []) assert.match(scan, /^[a-z0-9][a-z0-9-]{0,62}$/);
    const control = decodesOrRefuses(() =>
      decodeControl(spoil(encodeControl({ act: 'cancel', scan: 's1' }))),
    );
    if (control !== undefined) assert.match(control.scan, /^[a-z0-9][a-z0-9-]{0,62}$/);
  }),
];
