/** What the HTML report promises before any browser sees it: the data inside, the policy, and bounded memory. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { inflateRawSync } from 'node:zlib';
import { parseAddress } from '../../../src/address.ts';
import type { PageData, SubnetColumns } from '../../../src/report/html/page-data.ts';
import { HTML } from '../../../src/report/html.ts';
import { cellStory } from '../../../src/results/cell-code.ts';
import type { HostResult } from '../../../src/results/host-result.ts';
import type { RunRecord } from '../../../src/results/run-record.ts';
import { unresolvedRow } from '../../../src/results/unresolved-row.ts';
import { runOf, settingsOf, silentHost, unsentHost, upHost } from './samples.ts';

function pageOf(rows: Iterable<HostResult>, run: Partial<RunRecord> = {}): string {
  const format = HTML.rows(settingsOf());
  const statuses = { up: 0, unreachable: 0, down: 0, error: 0 };
  const counted = function* (): Generator<HostResult> {
    for (const host of rows) {
      statuses[host.status]++;
      yield host;
    }
  };
  assert.equal(format.begin(runOf()), '');
  assert.equal(format.rows(counted()), '');
  return String(format.end(runOf({ statuses, ...run })));
}

function blockOf(page: string, id: string): Buffer {
  const base64 = new RegExp(`<script type="text/plain" id="${id}">([\\w+/=]*)</script>`).exec(page);
  return inflateRawSync(Buffer.from(base64![1]!, 'base64'));
}

function dataOf(page: string): PageData {
  return JSON.parse(blockOf(page, 'data').toString()) as PageData;
}

describe('an HTML report', () => {
  test('lists names without an address in a note, also if there is nothing else', () => {
    for (const hosts of [[upHost()], []]) {
      const names = [unresolvedRow('a.example'), unresolvedRow('b.example')];
      const { run, hosts: count, statuses, swept } = dataOf(pageOf([...hosts, ...names]));
      assert.deepEqual(run.notes, ['2 names have no address to probe: a.example, b.example']);
      assert.deepEqual([count, statuses.error, swept], [hosts.length, 0, undefined]);
    }
  });

  test('carries every row as columns, to the microsecond', () => {
    const unreachable = silentHost({
      address: '192.0.2.9',
      status: 'unreachable',
      reason: 'admin-prohibited',
      responder: '10.99.0.254',
      icmpType: 3,
      icmpCode: 13,
    });
    const data = dataOf(pageOf([upHost({ hostname: 'a.example' }), silentHost(), unreachable]));
    assert.equal(data.map.kind, 'hosts');
    assert.ok(data.map.kind === 'hosts');
    assert.deepEqual(data.map.runs, [
      ['192.0.2.1', 2],
      ['192.0.2.9', 1],
    ]);
    assert.deepEqual(data.map.hostname, ['a.example', '', '']);
    assert.deepEqual(data.map.rttAvgUs, [9100, -1, -1]);
    assert.deepEqual(data.map.rttBelowUs, [8688, -1, -1]);
    assert.deepEqual(data.map.rttAboveUs, [1_034_901, -1, -1]);
    assert.deepEqual(data.map.responders, ['10.99.0.254']);
    assert.deepEqual(data.map.icmpCode, [-1, -1, 13]);
    assert.deepEqual(data.statuses, { up: 1, unreachable: 1, down: 1, error: 0 });
    assert.deepEqual(data.hops, [0, 0, 0, 1]);
  });

  test('says in one line what the sweep comes to', () => {
    const page = pageOf([upHost(), silentHost(), unsentHost()]);
    assert.match(
      page,
      /<p id="totals">1 of 3 addresses answers \(33\.3 %\), half of them within 9\.1 ms\. 1 is silent, 1 could not be probed\.<\/p>/,
    );
  });

  test('names who said why, and whom they said it of', () => {
    const refused = (host: number) =>
      silentHost({
        address: `192.0.2.${host}`,
        status: 'unreachable',
        reason: 'admin-prohibited',
        responder: '10.99.0.254',
      });
    const { verdicts } = dataOf(
      pageOf([upHost(), refused(4), refused(5), silentHost({ address: '192.0.2.6' })]),
    );
    assert.deepEqual(verdicts[0], {
      responder: '10.99.0.254',
      status: 'unreachable',
      reason: 'admin-prohibited',
      hosts: 2,
      firstAddress: '192.0.2.4',
      lastAddress: '192.0.2.5',
    });
    assert.equal(verdicts.length, 2);
  });

  test('owns up to what the run doubts, and to what is missing', () => {
    const { run } = dataOf(
      pageOf([upHost()], {
        doubts: ['its sockets dropped replies'],
        partial: true,
        targets: 300,
        failure: 'the interface went away',
      }),
    );
    assert.deepEqual(run.doubts, ['the interface went away', 'its sockets dropped replies']);
    assert.equal(run.missing, 299);
  });

  test('counts the hosts that it leaves out, and says so', () => {
    const statuses = { up: 1, unreachable: 0, down: 3, error: 0 };
    const page = pageOf([upHost()], { targets: 4, statuses });
    assert.match(page, /<p id="totals">1 of 4 addresses answers \(25\.0 %\).* 3 are silent\.</);
    const data = dataOf(page);
    assert.deepEqual(data.swept, statuses);
    assert.deepEqual(data.statuses, { up: 1, unreachable: 0, down: 0, error: 0 });
    assert.equal(dataOf(pageOf([upHost()])).swept, undefined);
  });

  test('does not pass for whole where its sweep never ended', () => {
    const { run, swept } = dataOf(pageOf([upHost()], { endedAt: null, targets: 254 }));
    assert.match(run.doubts[0]!, /breaks off .* 253 of 254 targets are not in it/);
    assert.equal(swept, undefined);
  });

  test('tells what became of the probes, and how the canary answered', () => {
    const canary = {
      address: '192.0.2.254',
      choice: 'gateway',
      sent: 3,
      received: 2,
      silences: [],
    } as const;
    const packets = { ...runOf().packets, late: 4 };
    const { facts } = dataOf(pageOf([upHost()], { canary, packets })).run;
    assert.deepEqual(
      facts!.map((fact) => fact.replaceAll('\u00A0', ' ')),
      [
        'Probes: 762 sent, 12 received, 381 probes/s, 4 late replies',
        'Canary: gateway 192.0.2.254 answered 2 of 3 probes',
      ],
    );
  });

  test('means by "95 % within" that at least 95 % of the hosts are', () => {
    const hosts = [1, 2, 3, 10].map((ms) =>
      upHost({ address: `192.0.2.${ms}`, rttMinMs: ms, rttAvgMs: ms, rttMaxMs: ms }),
    );
    assert.deepEqual(dataOf(pageOf(hosts)).rttUs, {
      min: 1000,
      median: 2000,
      p95: 10_000,
      max: 10_000,
    });
  });

  test('counts round-trip times as the CSV gives them, to the microsecond', () => {
    // A microsecond is a step of the scale: 1.6 rounds to 2, and is another step before.
    const page = (ms: number): PageData => dataOf(pageOf([upHost({ rttAvgMs: ms })]));
    assert.deepEqual(page(0.0016).rttSteps, page(0.002).rttSteps);
  });

  test('is whole without a single host', () => {
    assert.match(pageOf([]), /<title>No address · echosweep<\/title>/);
  });

  test('lets no text out of its place', () => {
    const name = '</script><script>alert(1)</script>';
    const page = pageOf([upHost({ hostname: name, address: 'fe80::1%<img>' })], { command: name });
    assert.doesNotMatch(page, /<script>alert|<img>/);
    assert.equal([...page.matchAll(/<script/g)].length, 2);
  });
});

describe('an HTML report of more than a /16', () => {
  function* manyHosts(count: number): Generator<HostResult> {
    const first = Number(parseAddress('10.0.0.0')!.value);
    const host = upHost();
    const silent = silentHost();
    for (let i = 0; i < count; i++) {
      const value = first + i;
      const address = `${value >>> 24}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}`;
      yield Object.assign(i % 4 === 0 ? host : silent, { address });
    }
  }

  test('counts subnets, with an octet for each address', () => {
    const page = pageOf(manyHosts(70_000));
    const { map, hosts } = dataOf(page) as PageData & { map: SubnetColumns };
    assert.equal(map.kind, 'subnets');
    assert.equal(hosts, 70_000);
    assert.deepEqual(map.runs, [['10.0.0.0', 274]]);
    assert.equal(map.up[0], 64);
    assert.equal(map.down[0], 192);
    assert.equal(map.up.at(-1), 28);
    const cells = blockOf(page, 'cells');
    assert.equal(cells.length, 274 * 256);
    assert.equal(cellStory(cells[4]!)!.status, 'up');
    assert.equal(cellStory(cells[5]!)!.reason, 'no-response');
    assert.equal(cells.at(-1), 0);
  });

  test('tells how fast they are within a thousandth', () => {
    function* timed(): Generator<HostResult> {
      let i = 0;
      for (const host of manyHosts(80_000)) {
        i++;
        yield Object.assign(host, { rttAvgMs: host.status === 'up' ? i / 1000 : null });
      }
    }
    const { rttUs } = dataOf(pageOf(timed()));
    assert.equal(rttUs!.min, 1);
    assert.equal(rttUs!.max, 79_997);
    assert.ok(Math.abs(rttUs!.median / 40_000 - 1) < 0.002, `${rttUs!.median}`);
    assert.ok(Math.abs(rttUs!.p95 / 76_000 - 1) < 0.002, `${rttUs!.p95}`);
  });

  test('keeps no more than 65,536 subnets, however far its hosts lie apart', () => {
    function* strewn(): Generator<HostResult> {
      const host = silentHost();
      for (let third = 0; third < 300; third++) {
        for (let fourth = 0; fourth < 256; fourth++) {
          yield Object.assign(host, { address: `${20 + (third >> 8)}.${third & 255}.${fourth}.1` });
        }
      }
    }
    const { map } = dataOf(pageOf(strewn())) as PageData & { map: SubnetColumns };
    assert.equal(map.hostBits, 12);
    assert.equal(
      map.down.reduce((sum, count) => sum + count),
      300 * 256,
    );
    assert.equal(map.hasCells, false);
  });

  test('keeps no more of them for lists of IPv6 addresses, beside IPv4', () => {
    function* listed(): Generator<HostResult> {
      const host = silentHost();
      yield Object.assign(host, { address: '192.0.2.1' });
      for (let i = 0; i < 70_000; i++) {
        const address = `2001:${((i >> 8) + 1).toString(16)}:${((i & 255) + 1).toString(16)}::1`;
        yield Object.assign(host, { address });
      }
    }
    const { map } = dataOf(pageOf(listed())) as PageData & { map: SubnetColumns };
    assert.ok(map.down.length <= 65_536, `${map.down.length} subnets`);
    assert.equal(
      map.down.reduce((sum, count) => sum + count),
      70_001,
    );
    assert.equal(map.runs[0]![0], '0.0.0.0');
  });
});
