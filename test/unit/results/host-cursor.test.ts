/** What a host's row promises to be, made from the columns of its block. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseAddress } from '../../../src/address.ts';
import {
  type BlockResults,
  emptyResults,
  NOT_COVERED,
} from '../../../src/results/block-results.ts';
import { blockOfRanges } from '../../../src/results/block-targets.ts';
import { pickedResults } from '../../../src/results/final-hosts.ts';
import { HostRows, hopsFromTtl } from '../../../src/results/host-cursor.ts';
import { type HostResult, keptHosts } from '../../../src/results/host-result.ts';
import { MARKS, reasonNumber, statusNumber } from '../../../src/results/outcome.ts';
import { rowOf } from './row-of.ts';

function blockAt(first: string, count: number, zone = '', probesPerHost = 3): BlockResults {
  const { family, value } = parseAddress(first)!;
  const last = value + BigInt(count - 1);
  return emptyResults(blockOfRanges([{ family, first: value, last, zone }]), probesPerHost);
}

/** Sets the probes of a host: RTTs in nanoseconds for replies, other marks as they are. */
function setProbes(block: BlockResults, host: number, probes: readonly (number | string)[]): void {
  probes.forEach((probe, i) => {
    const at = host * block.probesPerHost + i;
    block.marks[at] = (typeof probe === 'number' ? MARKS.reply : probe).charCodeAt(0);
    if (typeof probe === 'number') block.rttNs[at] = probe;
  });
  block.sent[host] = probes.filter((probe) => probe !== MARKS.unsent).length;
  block.received[host] = probes.filter((probe) => typeof probe === 'number').length;
}

/** Fields that came later than a test are none of its business. */
function assertHas(row: HostResult, expected: Partial<HostResult>): void {
  for (const [key, value] of Object.entries(expected)) {
    assert.deepEqual(row[key as keyof HostResult], value, key);
  }
}

test('a host of which nothing is known has no values, not zeros', () => {
  const row = rowOf(blockAt('192.0.2.1', 1), 0);
  assertHas(row, {
    address: '192.0.2.1',
    hostname: null,
    responder: null,
    icmpType: null,
    icmpCode: null,
    sent: 0,
    received: 0,
    duplicates: 0,
    lossPct: null,
    rttMinMs: null,
    rttAvgMs: null,
    rttMaxMs: null,
    rttStddevMs: null,
    ttl: null,
    hops: null,
    pattern: '',
    rttsMs: [],
    startedAt: null,
    errno: null,
    mac: null,
  });
});

test('a host that answered has its own values, and its neighbours have none of them', () => {
  const block = {
    ...blockAt('192.0.2.255', 3),
    responders: ['192.0.2.9'],
    errnos: ['EINVAL'],
    macs: new Uint8Array(18),
  };
  setProbes(block, 1, [2_000_000, MARKS.silence, 4_000_000]);
  block.status[1] = statusNumber('up');
  block.reason[1] = reasonNumber('echo-reply');
  block.ttl[1] = 61;
  block.duplicates[1] = 2;
  block.startedAtMs[1] = Date.UTC(2026, 2, 4);
  block.responder[1] = 1;
  block.errno[1] = 1;
  block.macs.set([2, 0, 0, 0, 0, 255], 6);
  const row = rowOf(block, 1, new Map([['192.0.3.0', 'a.example']]));
  assertHas(row, {
    address: '192.0.3.0',
    hostname: 'a.example',
    status: 'up',
    reason: 'echo-reply',
    responder: '192.0.2.9',
    icmpType: null,
    icmpCode: null,
    sent: 3,
    received: 2,
    duplicates: 2,
    lossPct: 100 / 3,
    rttMinMs: 2,
    rttAvgMs: 3,
    rttMaxMs: 4,
    rttStddevMs: 1,
    ttl: 61,
    hops: 3,
    pattern: '!.!',
    rttsMs: [2, null, 4],
    startedAt: new Date('2026-03-04T00:00:00.000Z'),
    errno: 'EINVAL',
    mac: '02:00:00:00:00:ff',
  });
  for (const other of [0, 2]) {
    const { sent, pattern, ttl, responder, errno } = rowOf(block, other);
    assert.deepEqual([sent, pattern, ttl, responder, errno], [0, '', null, null, null]);
  }
});

test('hosts that are picked out of a block have the same rows as there', () => {
  const block = {
    ...blockAt('192.0.2.0', 4, '', 2),
    responders: ['192.0.2.254', '192.0.2.253'],
    errnos: ['EINVAL', 'EPERM'],
    macs: Uint8Array.from({ length: 24 }, (_, i) => 2 * i),
  };
  setProbes(block, 0, [MARKS.silence, 1_000_000]);
  setProbes(block, 1, [MARKS.error]);
  setProbes(block, 2, [3_000_000, 5_000_000]);
  setProbes(block, 3, [MARKS.unsent, MARKS.silence]);
  for (let host = 0; host < 4; host++) {
    block.status[host] = statusNumber(host % 2 === 0 ? 'up' : 'unreachable');
    block.reason[host] = reasonNumber(host % 2 === 0 ? 'echo-reply' : 'host-unreach');
    block.icmpType[host] = 3;
    block.icmpCode[host] = host;
    block.ttl[host] = 60 + host;
    block.duplicates[host] = host;
    block.startedAtMs[host] = Date.UTC(2026, 2, 4) + host;
  }
  block.responder.set([2, 0, 1, 2]);
  block.errno.set([0, 2, 1, 2]);
  const picked = [3, 0, 1];
  const copy = pickedResults(block, Uint32Array.from(picked));
  picked.forEach((host, at) => {
    assert.deepEqual(rowOf(copy, at), rowOf(block, host));
  });
  const { responder, errno, pattern, mac } = rowOf(copy, 0);
  assert.deepEqual(
    [responder, errno, pattern, mac],
    ['192.0.2.253', 'EPERM', 'E.', '24:26:28:2a:2c:2e'],
  );
});

test('rows come in address order, and a host that was not covered has none', () => {
  const block = blockAt('192.0.2.1', 5);
  block.status[2] = NOT_COVERED;
  const rows = new HostRows(block, new Map(), 1, 4);
  const addresses = (): (string | null)[] => keptHosts(rows).map(({ address }) => address);
  assert.deepEqual(addresses(), ['192.0.2.2', '192.0.2.4']);
  assert.deepEqual(addresses(), ['192.0.2.2', '192.0.2.4'], 'and may be gone through again');
});

test('an ICMP error with code 0 keeps its code', () => {
  const block = blockAt('192.0.2.1', 1);
  block.icmpType[0] = 3;
  const { icmpType, icmpCode } = rowOf(block, 0);
  assert.deepEqual([icmpType, icmpCode], [3, 0]);
});

test('the pattern ends with the last probe that was tried', () => {
  const block = blockAt('192.0.2.1', 2);
  setProbes(block, 0, [MARKS.error]);
  setProbes(block, 1, [MARKS.unsent, MARKS.silence]);
  assert.equal(rowOf(block, 0).pattern, 'U');
  assert.equal(rowOf(block, 1).pattern, 'E.');
  assert.equal(rowOf(block, 1).lossPct, 100);
});

test('a link-local address carries its zone, and its name is found by both', () => {
  const block = blockAt('fe80::1', 1, 'eth0');
  const row = rowOf(block, 0, new Map([['fe80::1%eth0', 'router']]));
  assert.equal(row.address, 'fe80::1%eth0');
  assert.equal(row.hostname, 'router');
});

test('RTT statistics lie where they must for any replies', () => {
  const rtt = fc.double({ min: 1, max: 1e10, noNaN: true });
  const probe = fc.oneof(rtt, fc.constantFrom(MARKS.silence, MARKS.error));
  fc.assert(
    fc.property(fc.array(probe, { minLength: 1, maxLength: 8 }), (probes) => {
      const block = blockAt('192.0.2.1', 1, '', 8);
      setProbes(block, 0, probes);
      const row = rowOf(block, 0);
      const rtts = row.rttsMs.filter((value) => value !== null);
      assert.equal(rtts.length, row.received);
      assert.equal(row.pattern.length, probes.length);
      if (rtts.length === 0) {
        assert.deepEqual([row.rttMinMs, row.rttStddevMs], [null, null]);
        return;
      }
      assert.equal(row.rttMinMs, Math.min(...rtts));
      assert.equal(row.rttMaxMs, Math.max(...rtts));
      const slack = row.rttMaxMs * 1e-12;
      assert.ok(row.rttAvgMs! >= row.rttMinMs - slack && row.rttAvgMs! <= row.rttMaxMs + slack);
      assert.ok(row.rttStddevMs! >= 0);
      assert.ok(row.rttStddevMs! <= (row.rttMaxMs - row.rttMinMs) / 2 + slack);
    }),
  );
});

test('hops count down from the next common initial TTL', () => {
  const hops: [number, number | null][] = [
    [0, null],
    [1, 31],
    [32, 0],
    [33, 31],
    [64, 0],
    [65, 63],
    [128, 0],
    [129, 126],
    [255, 0],
  ];
  for (const [ttl, expected] of hops) assert.equal(hopsFromTtl(ttl), expected, `ttl ${ttl}`);
});
