/** What the packets about a host come to: its outcome, the details that belong to it, and its cell on the live map. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { addressOctets, type Family, parseAddress } from '../../../src/address.ts';
import { Evidence } from '../../../src/probe/evidence.ts';
import type { HostBlock } from '../../../src/probe/host-block.ts';
import { HostMacs } from '../../../src/probe/host-macs.ts';
import type { ProbeSettings } from '../../../src/probe/schedule.ts';
import { NOT_COVERED } from '../../../src/results/block-results.ts';
import { cellCode } from '../../../src/results/cell-code.ts';
import type { HostResult } from '../../../src/results/host-result.ts';
import { type Reason, reasonNumber } from '../../../src/results/outcome.ts';
import { MOST_MAC_CONFLICTS } from '../../../src/results/run-record.ts';
import { rowOf } from '../results/row-of.ts';
import { blockOf, MS, sendDue, setupOf } from './blocks.ts';
import { block as targetsOf } from './probing.ts';

const FIRST: Readonly<Record<Family, string>> = { 4: '198.51.100.0', 6: '2001:db8:1::' };
const ROUTER: Readonly<Record<Family, string>> = { 4: '192.0.2.254', 6: '2001:db8::fe' };

function viewOf(address: string): DataView {
  const { family, value } = parseAddress(address)!;
  return new DataView(Uint8Array.from(addressOctets(family, value)).buffer);
}

/** One host, two probes. */
class Story {
  readonly liveCells = new Uint8Array(1);
  readonly block: HostBlock;
  readonly evidence: Evidence;
  private readonly router: DataView;

  constructor(family: Family = 4, settings: Partial<ProbeSettings> = {}) {
    this.block = blockOf(setupOf(FIRST[family], 1, { liveCells: this.liveCells }), { settings });
    this.evidence = new Evidence(this.block);
    this.router = viewOf(ROUTER[family]);
  }

  send(): this {
    sendDue(this.block, this.block.hosts.attempts[0]! * 100 * MS);
    return this;
  }

  refuse(errno: string): this {
    const nowNs = this.block.hosts.attempts[0]! * 100 * MS;
    this.block.recordUnsent(this.block.due.take(nowNs), nowNs);
    this.evidence.noteErrno(0, errno);
    return this;
  }

  /** To the last probe, 5 ms after it left, unless its time is not known. */
  reply(from?: DataView, rttNs = 5 * MS): this {
    const round = this.block.hosts.attempts[0]! - 1;
    this.block.recordReply(0, round, round * 100 * MS + 5 * MS, true);
    this.evidence.noteReply(0, rttNs, 61, from, 0);
    return this;
  }

  error(reason: Reason, type = 3, code = 1): this {
    this.block.recordError(0, this.block.hosts.attempts[0]! - 1);
    this.evidence.noteError(0, type, code, reasonNumber(reason), this.router, 0);
    return this;
  }

  end(): this {
    this.block.expire(10_000 * MS, -1);
    return this;
  }

  get row(): HostResult {
    return rowOf(this.evidence.results(0), 0);
  }

  get summary(): unknown[] {
    const { status, reason, icmpType, icmpCode, responder, ttl } = this.row;
    return [status, reason, icmpType, icmpCode, responder, ttl];
  }
}

describe('the outcome', () => {
  test('of a reply and an error is up, whichever came first, and without the details of the error', () => {
    const up = ['up', 'echo-reply', null, null, null, 61];
    const first = new Story().send().error('host-unreach').send().reply().end();
    const last = new Story().send().reply().error('host-unreach').end();
    assert.deepEqual([first.summary, last.summary], [up, up]);
  });

  for (const family of [4, 6] as const) {
    test(`of several IPv${family} errors is the last one, with its router`, () => {
      const story = new Story(family).send().error('host-unreach', 3, 1);
      story.send().error('admin-prohibited', 3, 13).end();
      const expected = ['unreachable', 'admin-prohibited', 3, 13, ROUTER[family], null];
      assert.deepEqual(story.summary, expected);
    });
  }

  test('of a reply from another address names that address, and a later reply does not change it', () => {
    const story = new Story().send().send().reply(viewOf('203.0.113.9')).reply().end();
    assert.equal(story.row.responder, '203.0.113.9');
  });

  test('of a host that our own system gave up is arp-failed, whatever a router said before', () => {
    const story = new Story().send().error('host-unreach');
    story.block.giveUp(0);
    assert.deepEqual(story.summary, ['down', 'arp-failed', null, null, null, null]);
  });

  test('of a host that answered ARP or NDP is up, with an error only if it sent that itself', () => {
    const router = new Story().send().error('host-unreach');
    router.evidence.notePresent(0);
    assert.deepEqual(router.send().end().summary, ['up', 'arp-reply', null, null, null, null]);
    const itself = new Story(6).send();
    itself.evidence.noteError(0, 1, 1, reasonNumber('admin-prohibited'), undefined, 0);
    itself.evidence.notePresent(0);
    assert.deepEqual(itself.send().end().summary, ['up', 'ndp-reply', 1, 1, null, null]);
  });

  test('of an echo reply beats an answer by ARP, and the host counts as up once', () => {
    const story = new Story().send().send().end();
    story.evidence.notePresent(0);
    assert.equal(story.row.reason, 'arp-reply');
    assert.equal(story.reply().row.reason, 'echo-reply');
    assert.equal(story.block.hosts.up, 1);
  });

  test('of a reply in time after the host was final is up', () => {
    const story = new Story().send().send().end();
    assert.equal(story.row.reason, 'no-response');
    assert.equal(story.reply().row.status, 'up');
  });

  test('of probes that all were refused is our own error, and of some is silence', () => {
    const none = new Story().refuse('EPERM').refuse('ENETUNREACH').end();
    assert.deepEqual(
      [none.row.status, none.row.reason, none.row.errno],
      ['error', 'no-route', 'ENETUNREACH'],
    );
    const some = new Story().send().refuse('EPERM').end();
    assert.deepEqual(
      [some.row.status, some.row.reason, some.row.errno],
      ['down', 'no-response', 'EPERM'],
    );
  });

  test('of a host that is not final is open, unless it has answered some probes of a count', () => {
    const open = new Story().send().error('host-unreach').evidence.results(0);
    assert.deepEqual(
      [open.status[0], open.icmpType[0], open.icmpCode[0], open.responder[0]],
      [NOT_COVERED, 0, 0, 0],
    );
    const retried = new Story().send().send().reply();
    assert.equal(retried.block.hosts.isFinal(0), false);
    assert.equal(retried.evidence.results(0).status[0], NOT_COVERED);
    const counted = new Story(4, { count: 3 }).send().reply();
    assert.equal(counted.block.hosts.isFinal(0), false);
    assert.equal(counted.row.status, 'up');
  });

  test('does not count a last probe that may still be answered as lost', () => {
    const { row } = new Story(4, { count: 3 }).send().reply().send();
    assert.deepEqual([row.pattern, row.sent, row.received, row.lossPct], ['!', 1, 1, 0]);
  });
});

test('hosts that the same router reports share its text', () => {
  const block = blockOf(setupOf(FIRST[4], 3), { settings: { retries: 0 } });
  const evidence = new Evidence(block);
  sendDue(block, 0);
  [ROUTER[4], '192.0.2.253', ROUTER[4]].forEach((router, host) => {
    block.recordError(host, 0);
    evidence.noteError(host, 3, 1, reasonNumber('host-unreach'), viewOf(router), 0);
  });
  block.expire(100 * MS, -1);
  const { responder, responders } = evidence.results(0);
  assert.deepEqual([...responder], [1, 2, 1]);
  assert.deepEqual(responders, [ROUTER[4], '192.0.2.253']);
});

describe('the cell of the live map', () => {
  const none = 0;
  for (const [what, cell, story] of [
    ['empty while nothing is known', none, () => new Story().send()],
    ['a reply with its RTT', cellCode('up', 'echo-reply', 5), () => new Story().send().reply()],
    [
      'a reply whose RTT is not known',
      cellCode('up', 'echo-reply', null),
      () => new Story().send().reply(undefined, Number.NaN).end(),
    ],
    [
      'an error before its host is final',
      cellCode('unreachable', 'host-unreach', null),
      () => new Story().send().error('host-unreach'),
    ],
    [
      'silence once its host is final',
      cellCode('down', 'no-response', null),
      () => new Story().send().send().end(),
    ],
    [
      'our own refusal',
      cellCode('error', 'permission-denied', null),
      () => new Story().refuse('EPERM').refuse('EPERM').end(),
    ],
  ] as const) {
    test(`shows ${what}`, () => {
      assert.equal(story().liveCells[0], cell);
    });
  }
});

describe('MAC addresses', () => {
  const mac = (last: number): DataView =>
    new DataView(Uint8Array.of(9, 2, 0, 0, 0, 0, last).buffer);

  test('the first of a host is kept, and another is a conflict, reported once', () => {
    const macs = new HostMacs(targetsOf(FIRST[4], 2), 2);
    for (const last of [7, 7, 8, 8]) macs.note(1, mac(last), 1);
    assert.deepEqual([...macs.octets], [0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 7]);
    assert.deepEqual(macs.conflicts, [
      { address: '198.51.100.1', macs: ['02:00:00:00:00:07', '02:00:00:00:00:08'] },
    ]);
  });

  test('conflicts of a network that claims everything are cut off', () => {
    const macs = new HostMacs(targetsOf(FIRST[4], 2), 2);
    for (let last = 0; last < 200; last++) for (const host of [0, 1]) macs.note(host, mac(last), 1);
    assert.equal(macs.conflicts.length, MOST_MAC_CONFLICTS);
  });

  test('take no memory if the hosts are routed', () => {
    const evidence = (reach: 'routed' | 'system'): Evidence =>
      new Evidence(blockOf(setupOf(FIRST[4], 4, { reach })));
    assert.equal(evidence('routed').macs.octets.length, 0);
    assert.equal(evidence('system').macs.octets.length, 24);
  });
});
