/** XML of nmap, of masscan and of our own, read as a report. */

import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { describe, test } from 'node:test';
import { NMAP_XML } from '../../../src/report/nmap-xml.ts';
import type { ReportedHost } from '../../../src/report/read-csv.ts';
import { openReport, readReport } from '../../../src/report/read-report.ts';
import type { HostResult, ReportedRow } from '../../../src/results/host-result.ts';
import { OUTCOMES } from '../../../src/results/outcome.ts';
import type { RunRecord } from '../../../src/results/run-record.ts';
import { unresolvedRow } from '../../../src/results/unresolved-row.ts';
import { assertSoon } from '../../machine-speed.ts';
import { MASSCAN, NMAP_ASSUMED, NMAP_LAN, NMAP_ROUTED } from './nmap-samples.ts';
import { runOf, settingsOf, silentHost, textOf, upHost } from './samples.ts';

/** Of a file or a pipe, at once. */
const PIECE = 1 << 16;

async function read(
  text: string | Uint8Array,
): Promise<{ hosts: ReportedHost[]; unresolved: readonly ReportedRow[] }> {
  const octets = Buffer.from(text);
  const pieces = function* (): Generator<Buffer> {
    for (let at = 0; at < octets.length; at += PIECE) yield octets.subarray(at, at + PIECE);
  };
  return readPieces(pieces());
}

async function readPieces(
  pieces: Iterable<Buffer>,
): Promise<{ hosts: ReportedHost[]; unresolved: readonly ReportedRow[] }> {
  const report = await openReport('scan', Readable.from(pieces));
  const hosts: ReportedHost[] = [];
  for await (const batch of report.batches) hosts.push(...batch);
  return { hosts, unresolved: report.unresolved };
}

async function outcomesIn(text: string): Promise<(string | null)[][]> {
  const { hosts } = await read(text);
  return hosts.map(({ address, status, reason }) => [address, status, reason]);
}

function written(rows: readonly HostResult[], names?: ReadonlyMap<string, string>): string {
  const writer = NMAP_XML.rows(settingsOf());
  return writer.begin(runOf(), names) + textOf(writer, rows) + writer.end(runOf());
}

describe('XML of nmap', () => {
  test('says who was up, in address order, whatever the order in the file', async () => {
    assert.deepEqual(await outcomesIn(NMAP_LAN), [
      ['10.100.0.1', 'up', null],
      ['10.100.0.2', 'down', 'no-response'],
      ['10.100.1.7', 'up', 'arp-reply'],
    ]);
  });

  test('gives what it knows of a host, and leaves the rest empty', async () => {
    const { hosts } = await read(NMAP_LAN);
    const [own, silent, neighbour] = hosts;
    assert.equal(own!.rttAvgMs, null);
    assert.equal(own!.ttl, null);
    assert.equal(silent!.mac, null);
    assert.equal(silent!.sent, null);
    assert.equal(neighbour!.rttAvgMs, 0.022);
    assert.equal(neighbour!.mac, '56:7c:4a:f1:6e:95');
    assert.deepEqual(neighbour!.startedAt, new Date('2026-11-28T09:22:28Z'));
    const [, , routed] = (await read(NMAP_ROUTED)).hosts;
    assert.equal(routed!.ttl, 63);
    assert.equal(routed!.hops, 1);
    assert.equal(routed!.hostname, 'gw.example');
  });

  test('counts an ICMP error as one, without its round-trip time', async () => {
    assert.deepEqual(await outcomesIn(NMAP_ROUTED), [
      ['10.66.0.1', 'unreachable', 'time-exceeded'],
      ['10.75.0.1', 'down', 'no-response'],
      ['10.79.0.1', 'up', 'echo-reply'],
    ]);
    const { hosts, unresolved } = await read(NMAP_ROUTED);
    assert.equal(hosts[0]!.rttAvgMs, null);
    assert.deepEqual(unresolved, [unresolvedRow('nosuch.invalid')]);
  });

  test('is not believed about hosts that nmap took for granted, unless a port answered', async () => {
    assert.deepEqual(await outcomesIn(NMAP_ASSUMED), [
      ['10.75.0.1', 'down', null],
      ['10.75.0.2', 'error', null],
      ['10.79.0.1', 'up', 'tcp-refused'],
    ]);
  });

  test('may be in UTF-16, as PowerShell saves it', async () => {
    const utf16 = Buffer.from(`\uFEFF${NMAP_LAN}`, 'utf16le');
    assert.equal((await read(utf16)).hosts.length, 3);
  });

  test('is known by its beginning, and read from standard input', async () => {
    const rows: ReportedRow[] = [];
    const { run } = await readReport(
      '-',
      Readable.from([Buffer.from(`\n ${NMAP_ROUTED}`)]),
      (row) => rows.push(row),
    );
    assert.equal(run, undefined);
    assert.deepEqual(
      rows.map(({ address, hostname }) => address ?? hostname),
      ['10.66.0.1', '10.75.0.1', '10.79.0.1', 'nosuch.invalid'],
    );
  });

  test('whose run failed is partial', async () => {
    const failed = NMAP_LAN.replace('exit="success"', 'exit="error" errormsg="out of memory"');
    assert.notEqual(failed, NMAP_LAN);
    const report = await openReport('scan', Readable.from([Buffer.from(failed)]));
    for await (const _ of report.batches);
    const { failure, partial, doubts } = report.limits!()!;
    assert.deepEqual([failure, partial, doubts], ['out of memory', true, []]);
  });

  test('that is cut off, empty or of something else is refused', async () => {
    const cut = NMAP_LAN.slice(0, NMAP_LAN.indexOf('<runstats'));
    const refused = { code: 'REPORT_INVALID' } as const;
    await assert.rejects(read(cut), {
      ...refused,
      message: /^scan, line 25: is not well-formed XML/,
    });
    await assert.rejects(read('<a/>'), {
      ...refused,
      message: /^scan, line 1: is XML, but not of nmap/,
    });
    await assert.rejects(read('<!doctype html><html>'), { ...refused, message: /is an HTML page/ });
    const wrong = NMAP_LAN.replace('10.100.0.2', 'printer');
    await assert.rejects(read(wrong), {
      ...refused,
      message: /line 11: "printer" is not an address/,
    });
    await assert.rejects(read('<!-- nothing -->'), { ...refused, message: /no scan in it/ });
  });

  test('may have a long command line, but no tag and no depth without end', async () => {
    const command = `nmap -sn ${'10.0.0.1 '.repeat(50_000)}`;
    for (const text of [NMAP_LAN, MASSCAN]) {
      const long = text.replace(/ args="[^"]*"| scanner="masscan"/, ` args="${command}"`);
      assert.ok(long.length > command.length);
      assert.deepEqual(await outcomesIn(long), await outcomesIn(text));
    }
    const pieces = function* (start: string, piece: string): Generator<Buffer> {
      yield Buffer.from(start.padEnd(PIECE));
      for (;;) yield Buffer.from(piece);
    };
    for (const [start, piece, message] of [
      ['<!DOCTYPE nmaprun>\n<nmaprun args="', 'a'.repeat(1 << 20), /a tag that is too long/],
      [
        '<!DOCTYPE nmaprun>\n<nmaprun>',
        '<host>'.repeat(100),
        /too many elements inside each other/,
      ],
    ] as const) {
      await assert.rejects(readPieces(pieces(start, piece)), { code: 'REPORT_INVALID', message });
    }
  });
});

describe('XML of masscan', () => {
  test('has the hosts that answered, each once', async () => {
    assert.deepEqual(await outcomesIn(MASSCAN), [
      ['10.79.0.3', 'up', 'tcp-refused'],
      ['10.79.0.5', 'up', 'echo-reply'],
    ]);
    const { hosts } = await read(MASSCAN);
    assert.equal(hosts[1]!.ttl, 63);
    assert.equal(hosts[1]!.rttAvgMs, null);
    assert.deepEqual(hosts[1]!.startedAt, new Date('2026-11-28T09:25:40Z'));
  });
});

describe('our own XML', () => {
  test('keeps every outcome', async () => {
    const rows = OUTCOMES.filter(({ reason }) => reason !== 'name-unresolved').map((outcome, i) =>
      silentHost({ address: `192.0.2.${i + 1}`, ...outcome }),
    );
    const { hosts } = await read(written(rows));
    assert.deepEqual(
      hosts.map(({ status, reason }) => ({ status, reason })),
      rows.map(({ status, reason }) => ({ status, reason })),
    );
  });

  test('keeps addresses with their zones, names, MAC addresses, round-trip times and TTLs', async () => {
    const rows = [
      upHost({ hostname: 'a.example b.example', mac: '00:00:5e:00:53:01' }),
      silentHost({ hostname: 'c.example' }),
      upHost({ address: 'fe80::1%eth0' }),
      upHost({ address: 'fe80::1%eth1', hostname: 'd.example' }),
      unresolvedRow('e.example'),
    ];
    const { hosts, unresolved } = await read(written(rows));
    hosts.forEach((host, i) => {
      const { address, hostname, mac, ttl, hops, rttAvgMs } = rows[i]!;
      const { address: readAddress, hostname: name, mac: readMac } = host;
      assert.deepEqual([readAddress, name, readMac], [address, hostname, mac]);
      assert.deepEqual([host.ttl, host.hops, host.rttAvgMs], [ttl, hops, rttAvgMs]);
    });
    assert.equal(hosts.length, 4);
    assert.deepEqual(unresolved, [rows[4]]);
  });

  test('may have a host with many addresses and many names', async () => {
    const many = 15_000;
    const list = (text: (i: number) => string): string =>
      Array.from({ length: many }, (_, i) => text(i)).join('');
    const addresses = list(
      (i) => `<address addr="2001:db8::${(i + 1).toString(16)}" addrtype="ipv6"/>`,
    );
    const names = list((i) => `<hostname name="h${i}" type="user"/>`);
    const zoned = '<hostname name="2001:db8::2%eth0" type="user"/>';
    const startedMs = performance.now();
    const { hosts } = await read(
      `<nmaprun><host><status state="up"/>${addresses}<hostnames>${zoned}${names}</hostnames></host></nmaprun>`,
    );
    // A copy of the names for each address takes a minute.
    assertSoon(performance.now() - startedMs, 20_000);
    assert.equal(hosts.length, many);
    assert.deepEqual(
      [hosts[0]!.address, hosts.at(-1)!.address],
      ['2001:db8::1', '2001:db8::2%eth0'],
    );
    for (const { hostname } of hosts) {
      assert.ok(hostname!.startsWith('h0 h1 ') && hostname!.endsWith(` h${many - 1}`));
    }
  });

  test('may have any number of names without an address', async () => {
    const names = Array.from({ length: 200_000 }, (_, i) => unresolvedRow(`h${i}`));
    assert.equal((await read(written(names))).unresolved.length, names.length);
  });

  test('is refused if it is no longer in address order', async () => {
    const rows = [upHost({ address: '192.0.2.2' }), upHost({ address: '192.0.2.1' })];
    await assert.rejects(read(written(rows)), /192\.0\.2\.1 does not come after 192\.0\.2\.2/);
  });

  test('says how far it can be believed', async () => {
    const limits = async (values: Partial<RunRecord>) => {
      const writer = NMAP_XML.rows(settingsOf());
      const text = writer.begin(runOf()) + writer.end(runOf(values));
      const report = await openReport('scan', Readable.from([Buffer.from(text)]));
      for await (const _ of report.batches);
      return report.limits?.();
    };
    const { endedAt } = runOf();
    const doubts = ['the gateway was silent; sweep again'];
    assert.equal(await limits({}), undefined);
    assert.deepEqual(await limits({ partial: true, failure: 'disk full; 3 rows lost', doubts }), {
      endedAt,
      failure: 'disk full; 3 rows lost',
      partial: true,
      doubts,
    });
    assert.deepEqual(await limits({ partial: true }), {
      endedAt,
      failure: null,
      partial: true,
      doubts: [],
    });
    assert.deepEqual(await limits({ doubts }), { endedAt, failure: null, partial: false, doubts });
  });
});
