/** TCP connections to hosts that did not reply: which hosts, how many at once, and what the answers make of the rows. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Connect, TcpCheck } from '../../../src/coordinator/tcp-check.ts';
import { prepareSharedState, SharedState } from '../../../src/probe/shared-state.ts';
import {
  type BlockResults,
  emptyResults,
  NOT_COVERED,
} from '../../../src/results/block-results.ts';
import { cellCodeOfOutcome } from '../../../src/results/cell-code.ts';
import {
  outcomeNumber,
  type Reason,
  reasonNumber,
  type Status,
  statusNumber,
} from '../../../src/results/outcome.ts';
import { resolveSettings, type SweepOptions } from '../../../src/settings.ts';
import { monotonicNs } from '../../../src/transport/monotonic-clock.ts';
import type { TcpConnectionRequest, TcpResult } from '../../../src/transport/tcp-connection.ts';
import { block } from '../probe/probing.ts';
import { rowOf } from '../results/row-of.ts';

const ROUTER = '192.0.2.254';

/** A host as the echo part left it. */
interface Found {
  readonly status: Status;
  readonly reason: Reason;
  readonly responder?: string;
}

const SILENT: Found = { status: 'down', reason: 'no-response' };
const REFUSED_BY_ROUTER: Found = {
  status: 'unreachable',
  reason: 'admin-prohibited',
  responder: ROUTER,
};

function resultsOf(hosts: readonly Found[], first = '198.51.100.0'): BlockResults {
  const results = { ...emptyResults(block(first, hosts.length), 1), responders: [ROUTER] };
  hosts.forEach(({ status, reason, responder }, host) => {
    results.status[host] = statusNumber(status);
    results.reason[host] = reasonNumber(reason);
    results.sent[host] = 3;
    if (status !== 'unreachable') return;
    results.icmpType[host] = 3;
    results.icmpCode[host] = 13;
    results.responder[host] = responder === undefined ? 0 : 1;
  });
  return results;
}

const silent = (count: number): BlockResults => resultsOf(new Array<Found>(count).fill(SILENT));

/** A network that answers each connection in its own turn. */
class AnsweringNetwork {
  readonly requests: TcpConnectionRequest[] = [];
  mostAtOnce = 0;
  private atOnce = 0;
  private readonly answer: (request: TcpConnectionRequest, atOnce: number) => TcpResult;

  constructor(answer: (request: TcpConnectionRequest, atOnce: number) => TcpResult) {
    this.answer = answer;
  }

  readonly connect: Connect = (request, onEnd) => {
    this.requests.push(request);
    this.mostAtOnce = Math.max(this.mostAtOnce, ++this.atOnce);
    const result = this.answer(request, this.atOnce);
    setImmediate(() => {
      this.atOnce--;
      onEnd(result);
    });
    return () => {};
  };

  get tried(): string[] {
    return this.requests.map(({ address, port }) => `${address} ${port}`);
  }
}

/** A network that drops everything: a connection ends only when it is given up. */
class SilentNetwork {
  cancelled = 0;
  begun = 0;

  readonly connect: Connect = (_request, onEnd) => {
    this.begun++;
    return () => {
      this.cancelled++;
      setImmediate(() => onEnd({ answer: 'cancelled' }));
    };
  };
}

function checking(
  network: { readonly connect: Connect },
  ports: readonly number[],
  options: Omit<SweepOptions, 'targets'> = {},
  most = 1024,
) {
  const settings = resolveSettings({
    targets: [],
    ratePps: Number.POSITIVE_INFINITY,
    order: 'sequential',
    ...options,
  });
  const { ratePps } = settings;
  const shared = new SharedState(
    prepareSharedState({ ratePps, neighbourCap: 1, nowNs: monotonicNs() }),
  );
  return { check: new TcpCheck(ports, settings, shared, network.connect, most), shared };
}

describe('hosts that are tried', () => {
  test('are the silent ones and those that only a router called unreachable', async () => {
    const network = new AnsweringNetwork(() => ({ answer: 'nothing' }));
    const hosts: Found[] = [
      SILENT,
      REFUSED_BY_ROUTER,
      { status: 'unreachable', reason: 'port-unreach' },
      { status: 'down', reason: 'arp-failed' },
      { status: 'up', reason: 'arp-reply' },
      { status: 'up', reason: 'echo-reply' },
      { status: 'error', reason: 'gateway-unresolved' },
    ];
    const results = resultsOf(hosts);
    const before = structuredClone(results);
    const { check } = checking(network, [443]);
    assert.deepEqual(await check.check(results), before, 'without an answer no row changes');
    assert.deepEqual(network.tried, ['198.51.100.0 443', '198.51.100.1 443']);
    assert.deepEqual(check.record, { ports: [443], hosts: 2, connections: 2, failed: 0 });
  });

  test('are tried port by port, and no more once they have answered', async () => {
    const network = new AnsweringNetwork(({ address }) => ({
      answer: address.endsWith('.0') ? 'refused' : 'nothing',
    }));
    // One at a time, so that an answer is known before the next connection begins.
    await checking(network, [443, 22], {}, 1).check.check(silent(2));
    assert.deepEqual(network.tried, ['198.51.100.0 443', '198.51.100.1 443', '198.51.100.1 22']);
  });

  test('are tried in the random order of the sweep, each at every port once', async () => {
    const network = new AnsweringNetwork(() => ({ answer: 'nothing' }));
    await checking(network, [443, 22], { order: 'random', seed: 7 }).check.check(silent(50));
    const addresses = network.requests.slice(0, 50).map(({ address }) => address);
    assert.notDeepEqual(addresses, addresses.toSorted());
    assert.equal(new Set(network.tried).size, 100);
  });

  test('are tried from the source address of their family, within the timeout', async () => {
    const network = new AnsweringNetwork(() => ({ answer: 'nothing' }));
    const source = ['192.0.2.1', '2001:db8::1'];
    const { check } = checking(network, [443], { source, timeoutMs: 250 });
    await check.check(silent(1));
    await check.check(resultsOf([SILENT], '2001:db8:1::'));
    assert.deepEqual(network.requests, [
      { address: '198.51.100.0', family: 4, port: 443, source: '192.0.2.1', timeoutMs: 250 },
      { address: '2001:db8:1::', family: 6, port: 443, source: '2001:db8::1', timeoutMs: 250 },
    ]);
  });
});

describe('a host that answers', () => {
  test('is up, has no reply, and no trace of the error of a router', async () => {
    const network = new AnsweringNetwork(({ address }) => ({
      answer: address.endsWith('.0') ? 'open' : 'refused',
    }));
    const { check, shared } = checking(network, [443]);
    const liveCells = new Uint8Array(2);
    const results = resultsOf([REFUSED_BY_ROUTER, REFUSED_BY_ROUTER]);
    await check.check(results, liveCells);
    const shown = [0, 1].map((host) => {
      const { status, reason, responder, icmpType, icmpCode, ...row } = rowOf(results, host);
      assert.deepEqual([row.received, row.lossPct, row.rttMinMs], [0, 100, null]);
      return [status, reason, responder, icmpType, icmpCode];
    });
    assert.deepEqual(shown, [
      ['up', 'tcp-open', null, null, null],
      ['up', 'tcp-refused', null, null, null],
    ]);
    const cells = [outcomeNumber('up', 'tcp-open'), outcomeNumber('up', 'tcp-refused')];
    assert.deepEqual([...liveCells], cells.map(cellCodeOfOutcome));
    assert.equal(shared.counts().hostsUp, 2);
    assert.equal(shared.counts().hostsDone, 0, 'as many as before');
  });

  test('is open if it accepts one connection and refuses another, whichever ends first', async () => {
    for (const openPort of [443, 22]) {
      const network = new AnsweringNetwork(({ port }) => ({
        answer: port === openPort ? 'open' : 'refused',
      }));
      const results = silent(1);
      const { check, shared } = checking(network, [443, 22, 3389]);
      await check.check(results);
      assert.equal(rowOf(results, 0).reason, 'tcp-open');
      assert.deepEqual([shared.counts().hostsUp, shared.counts().hostsDone], [1, 0]);
    }
  });

  test('in each of many blocks leaves with its block, in order', async () => {
    const network = new AnsweringNetwork(() => ({ answer: 'open' }));
    const { check } = checking(network, [443]);
    const liveCells = new Uint8Array(30);
    const blocks = async function* (): AsyncGenerator<BlockResults> {
      for (let i = 0; i < 10; i++) yield silent(3);
    };
    let count = 0;
    for await (const { status } of check.checkAll(blocks(), liveCells)) {
      assert.deepEqual(new Set(status), new Set([statusNumber('up')]));
      count++;
    }
    assert.equal(count, 10);
    assert.ok(!liveCells.includes(0));
  });
});

describe('connections', () => {
  test('are never more at once than allowed', async () => {
    const network = new AnsweringNetwork(() => ({ answer: 'nothing' }));
    const { check } = checking(network, [443, 22, 3389], {}, 7);
    await Promise.all([check.check(silent(50)), check.check(silent(50))]);
    assert.equal(network.requests.length, 300);
    assert.equal(network.mostAtOnce, 7);
  });

  test('draw from the rate of the sweep', async () => {
    const network = new AnsweringNetwork(() => ({ answer: 'nothing' }));
    const { check, shared } = checking(network, [443, 22], { ratePps: 1000 });
    const startNs = monotonicNs();
    await check.check(silent(10));
    // What was missed for 8 ms may be made up for.
    assert.ok(shared.pacer.nextNs() - startNs > 11e6);
  });

  test('for which the system has no room are tried again when others have ended', async () => {
    const network = new AnsweringNetwork((_request, atOnce) =>
      atOnce > 3 ? { answer: 'busy', errno: 'EMFILE' } : { answer: 'open' },
    );
    const { check } = checking(network, [443]);
    const results = silent(12);
    await check.check(results);
    assert.deepEqual(new Set(results.status), new Set([statusNumber('up')]));
    assert.deepEqual(check.record, { ports: [443], hosts: 12, connections: 12, failed: 0 });
  });

  test('for which the system has no room are not needed once the host has answered', async () => {
    const network = new AnsweringNetwork((_request, atOnce) =>
      atOnce > 1 ? { answer: 'busy', errno: 'EMFILE' } : { answer: 'refused' },
    );
    const { check, shared } = checking(network, [443, 22, 3389]);
    await check.check(silent(3));
    assert.equal(shared.counts().hostsUp, 3);
  });

  test('that the system refuses leave the row as it is, and are counted', async () => {
    const network = new AnsweringNetwork(() => ({ answer: 'failed', errno: 'EADDRNOTAVAIL' }));
    const { check } = checking(network, [443, 22]);
    const results = silent(3);
    await check.check(results);
    assert.deepEqual(results, silent(3));
    assert.equal(check.record.failed, 6);
    assert.deepEqual([...check.failed], [['EADDRNOTAVAIL', 6]]);
  });
});

test('a sweep that is stopped gives its connections up, and hosts that are not final have no row', async () => {
  const network = new SilentNetwork();
  const { check, shared } = checking(network, [443], {}, 5);
  const results = resultsOf([
    ...new Array<Found>(9).fill(SILENT),
    { status: 'up', reason: 'echo-reply' },
  ]);
  const checked = check.check(results);
  assert.equal(network.begun, 5);
  shared.stop();
  await checked;
  assert.equal(network.cancelled, 5);
  assert.deepEqual(
    [...results.status],
    [...new Array<number>(9).fill(NOT_COVERED), statusNumber('up')],
  );
  assert.deepEqual(check.sameAnswers, []);
});

test('nearly all hosts of a subnet that answer alike are noticed', async () => {
  const network = new AnsweringNetwork(() => ({ answer: 'open' }));
  const { check } = checking(network, [443]);
  await check.check(silent(64));
  assert.deepEqual(check.sameAnswers, [{ subnet: '198.51.100.0/24', answer: 'open', port: 443 }]);
});
