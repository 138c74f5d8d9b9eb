/** What the pings of one host come to: the same outcomes as an engine that sees the packets. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { emptyResults } from '../../../src/results/block-results.ts';
import { blockOfRanges } from '../../../src/results/block-targets.ts';
import type { HostResult } from '../../../src/results/host-result.ts';
import { InternedTexts } from '../../../src/results/interned-texts.ts';
import { HostFacts } from '../../../src/system-ping/host-facts.ts';
import type { PingError, PingReply, PingReport } from '../../../src/system-ping/ping-report.ts';
import { rowOf } from '../results/row-of.ts';

const HOST = '198.51.100.1';
const OWN = '192.0.2.1';
const ROUTER = '192.0.2.254';

const reply = (from: string | null = HOST): PingReply => ({
  kind: 'reply',
  probe: 0,
  rttMs: 1.5,
  ttl: 61,
  from,
});
const error = (words: string, from: string | null = ROUTER): PingError => ({
  kind: 'error',
  probe: 0,
  from,
  words,
});
const says = (...events: PingReport['events']): PingReport => ({ events, refusal: null });
const refusal = (words: string): PingReport => ({ events: [], refusal: words });

/** The row that processes of one probe each come to. */
function rowAfter(...reports: readonly PingReport[]): HostResult {
  const facts = new HostFacts(4, HOST, new Set([OWN]));
  for (const report of reports) facts.add(report, 1, 1.7e12);
  const responders = new InternedTexts();
  const errnos = new InternedTexts();
  const value = 0xc6336401n;
  const targets = blockOfRanges([{ family: 4, zone: '', first: value, last: value }]);
  const results = {
    ...emptyResults(targets, reports.length),
    responders: responders.texts,
    errnos: errnos.texts,
  };
  facts.writeTo(results, 0, responders, errnos);
  return rowOf(results, 0);
}

function summaryOf({ status, reason, icmpType, icmpCode, responder, ttl }: HostResult): unknown[] {
  return [status, reason, icmpType, icmpCode, responder, ttl];
}

describe('the outcome of a host', () => {
  const unreachable = error('Destination Net Unreachable');
  const filtered = error('Packet filtered', '192.0.2.253');
  const absent = error('Destination Host Unreachable', OWN);
  for (const [what, row, expected] of [
    [
      'an error and then a reply is up',
      rowAfter(says(unreachable), says(reply())),
      ['up', 'echo-reply', null, null, null, 61],
    ],
    [
      'a reply and then an error is up',
      rowAfter(says(reply()), says(unreachable)),
      ['up', 'echo-reply', null, null, null, 61],
    ],
    [
      'a reply from elsewhere names its sender',
      rowAfter(says(reply(ROUTER))),
      ['up', 'echo-reply', null, null, ROUTER, 61],
    ],
    [
      'two errors is the last one',
      rowAfter(says(unreachable), says(filtered)),
      ['unreachable', 'admin-prohibited', 3, 13, '192.0.2.253', null],
    ],
    [
      'an error of our own kernel is arp-failed, whatever a router says',
      rowAfter(says(absent), says(unreachable)),
      ['down', 'arp-failed', null, null, null, null],
    ],
    [
      'a refusal because the host is down is arp-failed',
      rowAfter(says(), refusal('Host is down')),
      ['down', 'arp-failed', null, null, null, null],
    ],
    [
      'silence after an error is the error',
      rowAfter(says(unreachable), says()),
      ['unreachable', 'net-unreach', 3, 0, ROUTER, null],
    ],
    ['silence is down', rowAfter(says()), ['down', 'no-response', null, null, null, null]],
    [
      'a redirect is silence',
      rowAfter(says(error('Redirect Host'))),
      ['down', 'no-response', null, null, null, null],
    ],
    [
      'refusals alone is our own error',
      rowAfter(refusal('Network is unreachable'), refusal('Operation not permitted')),
      ['error', 'permission-denied', null, null, null, null],
    ],
    [
      'a refusal and silence is down',
      rowAfter(refusal('Network is unreachable'), says()),
      ['down', 'no-response', null, null, null, null],
    ],
  ] as const) {
    test(`of ${what}`, () => {
      assert.deepEqual(summaryOf(row), expected);
    });
  }
});

test('a host is final once it has answered or our own kernel has given it up', () => {
  for (const [event, isFinal] of [
    [reply(), true],
    [error('Destination Host Unreachable', OWN), true],
    [error('Destination Host Unreachable'), false],
  ] as const) {
    const facts = new HostFacts(4, HOST, new Set([OWN]));
    assert.equal(facts.isFinal, false);
    facts.add(says(event), 1, 1.7e12);
    assert.equal(facts.isFinal, isFinal);
  }
});
