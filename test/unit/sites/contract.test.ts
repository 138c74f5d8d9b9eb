/** Messages between hub and agents: what is written comes back, and what cannot be true is refused. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { deflateRawSync } from 'node:zlib';
import { printableName } from '../../../src/names/printable-name.ts';
import { NOT_COVERED } from '../../../src/results/block-results.ts';
import { addressText, blockOfRanges } from '../../../src/results/block-targets.ts';
import { MARKS, REASONS, STATUSES } from '../../../src/results/outcome.ts';
import { decodeStatus, encodeStatus } from '../../../src/sites/contract/agent-status.ts';
import { decodeChunk, encodeChunk } from '../../../src/sites/contract/chunk.ts';
import {
  type ChunkFindings,
  decodeAnswer,
  encodeAnswer,
  MOST_RESULT_OCTETS,
  type ReceivedAnswer,
} from '../../../src/sites/contract/chunk-result.ts';
import { messageOfRun } from '../../../src/sites/contract/chunk-run.ts';
import { decodeControl, encodeControl } from '../../../src/sites/contract/control.ts';
import { MessageRefused } from '../../../src/sites/contract/message.ts';
import { hostsThatFit } from '../../../src/sites/contract/result-columns.ts';
import { CONTRACT, OLDEST_CONTRACT } from '../../../src/sites/contract/version.ts';
import { PACKETS } from '../report/samples.ts';
import { chunkOf, chunkRun, findingsOf, STATUS } from './samples.ts';

const CHUNK = chunkOf();
const TARGETS = blockOfRanges(CHUNK.ranges);
const json = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

function encoded(findings: ChunkFindings): Uint8Array {
  return encodeAnswer({ ...CHUNK, v: CONTRACT }, 1, { findings, refusal: null });
}

function decoded(octets: Uint8Array): ReceivedAnswer {
  return decodeAnswer(octets, CHUNK, TARGETS);
}

/** A result whose head was changed on the way. */
function withHead(change: (head: Record<string, unknown>) => void): Uint8Array {
  const octets = encoded(findingsOf());
  const end = 4 + new DataView(octets.buffer, octets.byteOffset).getUint32(0, true);
  const head = JSON.parse(Buffer.from(octets.subarray(4, end)).toString());
  change(head);
  const text = json(head);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(text.length);
  return Buffer.concat([length, text, octets.subarray(end)]);
}

function refused(octets: Uint8Array, message: RegExp): void {
  assert.throws(
    () => decoded(octets),
    (error: unknown) => error instanceof MessageRefused && message.test(error.message),
  );
}

test('a name stays the same however often it is made printable', () => {
  for (const name of [
    'drucker-\u00fc'.repeat(25),
    '\u00fc'.repeat(120),
    '\\252'.repeat(253),
    'a b',
  ]) {
    const once = printableName(name)!;
    assert.equal(printableName(once), once);
  }
  assert.equal(printableName('\u00fc'.repeat(127)), undefined);
  assert.equal(printableName('a'.repeat(254)), undefined);
});

describe('the version of the messages', () => {
  test('rises when a status, a reason or a mark is added, because their numbers travel', () => {
    assert.deepEqual(
      { CONTRACT, statuses: STATUSES.length, reasons: REASONS.length, marks: Object.keys(MARKS) },
      { CONTRACT: 1, statuses: 4, reasons: 37, marks: ['reply', 'silence', 'error', 'unsent'] },
    );
  });

  test('is understood if it is this one or the one before', () => {
    assert.ok(OLDEST_CONTRACT === CONTRACT - 1 || CONTRACT === 1);
    const chunkOfVersion = (v: number) => json({ ...JSON.parse(text(encodeChunk(CHUNK))), v });
    assert.equal(decodeChunk(chunkOfVersion(OLDEST_CONTRACT)).v, OLDEST_CONTRACT);
    assert.throws(
      () => decodeChunk(chunkOfVersion(CONTRACT + 1)),
      (error: unknown) => error instanceof MessageRefused && error.isTooNew,
    );
    assert.throws(
      () => decodeChunk(chunkOfVersion(OLDEST_CONTRACT - 1)),
      (error: unknown) => error instanceof MessageRefused && !error.isTooNew,
    );
  });

  test('of a result is that of its chunk', () => {
    const octets = encodeAnswer({ ...CHUNK, v: CONTRACT + 1 }, 1, {
      findings: null,
      refusal: 'no engine',
    });
    refused(octets, /version 2/);
  });
});

describe('a chunk', () => {
  test('comes back as it was, also of IPv6 and with a zone', () => {
    const ranges = [
      { family: 6 as const, zone: 'eth0', first: 0xfe80n << 112n, last: (0xfe80n << 112n) + 9n },
    ];
    for (const chunk of [
      CHUNK,
      chunkOf({ ranges, ratePps: Number.POSITIVE_INFINITY, notAfterMs: 5 }),
    ]) {
      const { v, targets, ...back } = decodeChunk(encodeChunk(chunk));
      assert.deepEqual(back, chunk);
      assert.equal(v, CONTRACT);
      assert.equal(targets.count, Number(chunk.ranges[0]!.last - chunk.ranges[0]!.first) + 1);
    }
  });

  test('may be of every zone that a target may have, and so may responders', () => {
    const zone = `br-lan:1+${'x'.repeat(100)}`;
    const first = 0xfe80n << 112n;
    const chunk = chunkOf({ ranges: [{ family: 6, zone, first, last: first + 1n }] });
    const { targets } = decodeChunk(encodeChunk(chunk));
    assert.equal(addressText(targets, 0), `fe80::%${zone}`);
    const findings = findingsOf(chunk);
    const results = { ...findings.results, responders: [`fe80::9%${zone}`] };
    const octets = encoded({ ...findings, results });
    assert.deepEqual(decodeAnswer(octets, chunk, targets).findings?.results, results);
  });

  const refusals: readonly [string, Record<string, unknown>][] = [
    ['a scan with an invalid name', { scan: 'a.b' }],
    ['a site with a wildcard', { site: '*' }],
    ['a number below 0', { chunk: -1 }],
    ['more than 4,096 hosts', { ranges: [['10.0.0.0', '10.0.16.0']] }],
    ['no hosts', { ranges: [] }],
    ['overlapping ranges', { ranges: [['10.0.0.0', '10.0.0.9'], ['10.0.0.9']] }],
    ['ranges of the other family', { ranges: [['::1']] }],
    ['an option that does not travel', { settings: { source: '10.0.0.1' } }],
    ['a rate of 0', { ratePps: 0 }],
    ['a lease of no time', { leaseMs: 0 }],
    ['IPv4 with a zone', { zone: 'eth0' }],
  ];
  for (const [what, change] of refusals) {
    test(`with ${what} is refused`, () => {
      const message = { ...JSON.parse(text(encodeChunk(CHUNK))), ...change };
      assert.throws(() => decodeChunk(json(message)), MessageRefused);
    });
  }
});

describe('the result of a chunk', () => {
  test('comes back with every column, the names and the run', () => {
    const findings = findingsOf();
    const run = chunkRun({
      doubts: ['the canary was silent'],
      canary: {
        address: '192.0.2.254',
        choice: 'gateway',
        sent: 9,
        received: 7,
        silences: [{ from: new Date(1), to: new Date(2), hosts: 3, answered: 1 }],
      },
    });
    const hostnames = new Map([[addressText(TARGETS, 3), 'printer.example']]);
    const results = {
      ...findings.results,
      macs: Uint8Array.from({ length: 48 }, (_, i) => i),
      responders: ['198.51.100.1'],
      errnos: ['EPERM'],
      macConflicts: [
        { address: '192.0.2.5', macs: ['02:00:00:00:00:01', '02:00:00:00:00:02'] as const },
      ],
    };
    results.status[7] = NOT_COVERED;
    const answer = decoded(encoded({ results, hostnames, run, denied: 1 }));
    assert.deepEqual(answer, {
      attempt: 1,
      refusal: null,
      findings: { results, hostnames, run, denied: 1 },
    });
  });

  test('may be a refusal in words', () => {
    const octets = encodeAnswer({ ...CHUNK, v: CONTRACT }, 3, {
      findings: null,
      refusal: 'no engine works here',
    });
    assert.deepEqual(decoded(octets), {
      attempt: 3,
      refusal: 'no engine works here',
      findings: null,
    });
  });

  type Lie = readonly [string, RegExp, (head: Record<string, unknown>) => void];
  const lies: readonly Lie[] = [
    ['about another chunk', /another chunk/, (head) => Object.assign(head, { chunk: 1 })],
    ['about another site', /another chunk/, (head) => Object.assign(head, { site: 'paris' })],
    ['about more hosts', /the 8 hosts/, (head) => Object.assign(head, { count: 264 })],
    ['with fewer probes', /inflated/, (head) => Object.assign(head, { probes: 1 })],
    ['with a million probes', /probes/, (head) => Object.assign(head, { probes: 1e6 })],
    [
      'with a responder that is a formula',
      /address/,
      (head) => Object.assign(head, { responders: ['=cmd|calc'] }),
    ],
    [
      'with a run without a clock',
      /clock/,
      (head) => Object.assign(head, { run: { version: '1', engine: null } }),
    ],
    [
      'with a conflict of a host outside',
      /conflict/,
      (head) =>
        Object.assign(head, { macConflicts: [[8, '02:00:00:00:00:01', '02:00:00:00:00:02']] }),
    ],
    ...[0.5, -1, 1e300].map(
      (received): Lie => [
        `with ${received} packets`,
        /received is not a whole number/,
        (head) =>
          Object.assign(head, {
            run: { ...messageOfRun(chunkRun()), packets: { ...PACKETS, received } },
          }),
      ],
    ),
    [
      'with more time lost than there was',
      /worstDelayMs/,
      (head) => Object.assign(head, { run: { ...messageOfRun(chunkRun()), worstDelayMs: 1e300 } }),
    ],
    [
      'with more hosts denied than there are',
      /denied/,
      (head) => Object.assign(head, { denied: 9 }),
    ],
  ];
  for (const [what, message, change] of lies) {
    test(`is refused ${what}`, () => refused(withHead(change), message));
  }

  test('is refused with an outcome, a mark or a count that cannot be', () => {
    const spoil: readonly ((findings: ChunkFindings) => void)[] = [
      ({ results }) => results.status.fill(77),
      ({ results }) => results.reason.fill(200),
      ({ results }) => results.reason.fill(1),
      ({ results }) => results.received.fill(2),
      ({ results }) => results.responder.fill(1),
      ({ results }) => results.marks.fill('='.charCodeAt(0)),
      ({ results }) => results.rttNs.fill(5000),
    ];
    for (const change of spoil) {
      const findings = findingsOf();
      change(findings);
      refused(encoded(findings), /impossible/);
    }
  });

  test('is refused if it inflates to more than its columns', () => {
    const head = withHead(() => {});
    const end = 4 + new DataView(head.buffer, head.byteOffset).getUint32(0, true);
    const bomb = deflateRawSync(Buffer.alloc(50 << 20));
    assert.ok(bomb.length < 100_000);
    refused(Buffer.concat([head.subarray(0, end), bomb]), /inflated/);
  });

  test('is refused if it is rubbish', () => {
    for (const octets of [new Uint8Array(0), Buffer.from('rubbish'), Buffer.alloc(2_000_000)]) {
      refused(octets, /too long|too short|JSON/);
    }
  });

  test('shows no control characters of what an agent says', () => {
    const answer = decoded(
      encoded({ ...findingsOf(), run: chunkRun({ doubts: ['\u001b[31mred'] }) }),
    );
    assert.deepEqual(answer.findings?.run.doubts, ['\uFFFD[31mred']);
  });

  test('fits one message, whatever was found, if the chunk has no more hosts than fit', () => {
    for (const probes of [1, 3, 50, 1000]) {
      const hosts = hostsThatFit(4096, probes);
      const first = 0x0a000000n;
      const chunk = chunkOf({
        ranges: [{ family: 4, zone: '', first, last: first + BigInt(hosts - 1) }],
      });
      const { results, run } = findingsOf(chunk);
      // Nothing deflates noise.
      let state = 1;
      const noise = () => (state = (state * 48_271) % 0x7fff_ffff);
      const wide = {
        ...results,
        probesPerHost: probes,
        marks: new Uint8Array(hosts * probes).map(() => noise()),
        rttNs: new Float64Array(hosts * probes).map(() => noise() * 100),
        macs: new Uint8Array(hosts * 6).map(() => noise()),
      };
      const findings = { results: wide, hostnames: new Map(), run, denied: 0 };
      const octets = encodeAnswer({ ...chunk, v: 1 }, 1, { findings, refusal: null });
      assert.ok(octets.length <= MOST_RESULT_OCTETS, `${probes} probes: ${octets.length}`);
    }
  });

  test('may have a responder for each host, and every port', () => {
    const first = 0x0a000000n;
    const chunk = chunkOf({ ranges: [{ family: 4, zone: '', first, last: first + 4095n }] });
    const { results } = findingsOf(chunk);
    const responders = Array.from({ length: 4096 }, (_, at) => `2001:db8:0:1:2:3:4:${at + 1}`);
    const ports = Array.from({ length: 65_535 }, (_, at) => at + 1);
    const run = chunkRun({ tcp: { ports, hosts: 1, connections: 1, failed: 0 } });
    const findings = { results: { ...results, responders }, hostnames: new Map(), run, denied: 0 };
    const octets = encodeAnswer({ ...chunk, v: 1 }, 1, { findings, refusal: null });
    assert.ok(octets.length <= MOST_RESULT_OCTETS, String(octets.length));
    const back = decodeAnswer(octets, chunk, results.targets).findings;
    assert.equal(back?.results.responders.length, 4096);
    assert.equal(back?.run.tcp?.ports.length, 65_535);
  });

  test('leaves out the names if they are too long for one message', () => {
    const first = 0x0a000000n;
    const chunk = chunkOf({ ranges: [{ family: 4, zone: '', first, last: first + 4095n }] });
    const { results, run } = findingsOf(chunk);
    let state = 1;
    const letter = () => {
      state = (state * 48_271) % 0x7fff_ffff;
      return String.fromCharCode(97 + (state % 26));
    };
    const hostnames = new Map(
      Array.from({ length: 4096 }, (_, at) => [
        addressText(results.targets, at),
        Array.from({ length: 253 }, letter).join(''),
      ]),
    );
    const octets = encodeAnswer({ ...chunk, v: 1 }, 1, {
      findings: { results, hostnames, run, denied: 0 },
      refusal: null,
    });
    const { findings } = decodeAnswer(octets, chunk, results.targets);
    assert.equal(findings?.hostnames.size, 0);
    assert.equal(findings?.results.status.length, 4096);
  });
});

describe('the status of an agent', () => {
  test('comes back', () => assert.deepEqual(decodeStatus(encodeStatus(STATUS)), STATUS));

  test('is read even if the agent is of a later version, which it then says', () => {
    const later = json({
      ...JSON.parse(text(encodeStatus(STATUS))),
      v: 9,
      newestContract: 9,
      more: 1,
    });
    assert.equal(decodeStatus(later).newestContract, 9);
  });

  test('is refused if it has done more than there is', () => {
    const chunks = [{ ...STATUS.chunks[0]!, done: 300 }];
    assert.throws(() => decodeStatus(encodeStatus({ ...STATUS, chunks })), MessageRefused);
  });
});

describe('a control', () => {
  test('comes back', () => {
    for (const act of ['cancel', 'pause'] as const) {
      const control = { act, scan: 's1' };
      assert.deepEqual(decodeControl(encodeControl(control)), control);
    }
  });

  test('is refused if it is the answer of a server that an agent had sent elsewhere', () => {
    const answer = { type: 'io.nats.jetstream.api.v1.consumer_info_response', v: 1, cancel: 's1' };
    assert.throws(() => decodeControl(json(answer)), MessageRefused);
    assert.throws(() => decodeControl(json({ stream: 'ES_RESULT', seq: 3 })), MessageRefused);
    assert.throws(() => decodeControl(json({ v: 1, pause: 'S.>' })), MessageRefused);
  });
});

function text(octets: Uint8Array): string {
  return new TextDecoder().decode(octets);
}
