/** What the HTML report promises before any browser sees it: the data inside, the policy, and bounded memory. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { inflateRawSync } from 'node:zlib';
import { parseAddress } from '../../../src/address.ts';
import type { PageData, SubnetColumns } from '../../../src/report/html/page-data.ts';
import { htmlFormat } from '../../../src/report/html.ts';
import { cellStory } from '../../../src/results/cell-code.ts';
import type { HostResult } from '../../../src/results/host-result.ts';
import type { RunRecord } from '../../../src/results/run-record.ts';
import { runOf, silentHost, unsentHost, upHost } from './samples.ts';

function pageOf(rows: Iterable<HostResult>, run: Partial<RunRecord> = {}): string {
  const format = htmlFormat();
  assert.equal(format.begin(runOf()), '');
  assert.equal(format.rows(rows), '');
  return format.end(runOf(run));
}

function blockOf(page: string, id: string): Buffer {
  const base64 = new RegExp(`<script type="text/plain" id="${id}">([\\w+/=]*)</script>`).exec(page);
  return inflateRawSync(Buffer.from(base64![1]!, 'base64'));
}

function dataOf(page: string): PageData {
  return JSON.parse(blockOf(page, 'data').toString()) as PageData;
}

describe('an HTML report', () => {
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
      /<p id="totals">1 of 3 addresses answers \(33\.3 %\), half of them within 9\.1 ms\. 1 is silent, 1 could not be asked\.<\/p>/,
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
    assert.equal(run.missing, 300 - 254);
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
});
