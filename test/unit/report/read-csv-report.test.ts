/** Whatever CSV echosweep writes it reads back, and what is no such CSV it refuses with the line at fault. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import fc from 'fast-check';
import { COLUMNS, decimalText, pickColumns } from '../../../src/report/columns.ts';
import { CSV } from '../../../src/report/csv.ts';
import type { FormatSettings } from '../../../src/report/format.ts';
import { openCsvReport, type ReportedHost } from '../../../src/report/read-csv.ts';
import type { HostResult } from '../../../src/results/host-result.ts';
import { unresolvedRow } from '../../../src/results/unresolved-row.ts';
import { runOf, settingsOf, silentHost, unsentHost, upHost } from './samples.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'echosweep-test-'));
const FILE = join(FOLDER, 'r.csv');
after(() => rmSync(FOLDER, { recursive: true }));

async function read(content: string | Uint8Array): Promise<ReportedHost[]> {
  writeFileSync(FILE, content);
  const hosts: ReportedHost[] = [];
  for await (const batch of (await openCsvReport(FILE)).batches) hosts.push(...batch);
  return hosts;
}

function written(
  rows: readonly HostResult[],
  settings: Partial<FormatSettings<HostResult>> = {},
): string {
  const format = CSV.rows(settingsOf(settings));
  return format.begin(runOf()) + Buffer.from(format.rows(rows)).toString();
}

const HEADER = 'address,status,reason,rtt_avg_ms,started_at';

test('names without an address are read apart from the hosts, and come last', async () => {
  writeFileSync(FILE, written([upHost(), unresolvedRow('a.example'), unresolvedRow('b.example')]));
  const { batches, unresolved } = await openCsvReport(FILE);
  const addresses: string[] = [];
  for await (const batch of batches) addresses.push(...batch.map(({ address }) => address));
  assert.deepEqual(addresses, ['192.0.2.1']);
  assert.deepEqual(
    unresolved.map(({ address, hostname, reason, sent }) => [address, hostname, reason, sent]),
    ['a.example', 'b.example'].map((name) => [null, name, 'name-unresolved', 0]),
  );
  await assert.rejects(
    read(written([unresolvedRow('a.example'), upHost()])),
    /put those names last/,
  );
  await assert.rejects(read(written([upHost({ address: null })])), /"" is not an address/);
});

describe('a report is read back', () => {
  test('with the site of each host: the same address at two sites is two hosts', async () => {
    const rows = [
      upHost({ site: 'berlin' }),
      silentHost({ site: 'berlin-2' }),
      upHost({ site: 'paris' }),
    ];
    const hosts = await read(written(rows, { hasSites: true }));
    assert.deepEqual(
      hosts.map(({ site, address }) => [site, address]),
      rows.map(({ site, address }) => [site, address]),
    );
    assert.equal((await read(written([upHost()])))[0]!.site, null);
  });

  test('from every profile, delimiter and decimal sign', async () => {
    const settings = fc.record({
      csvProfile: fc.constantFrom('plain' as const, 'excel' as const),
      csvDelimiter: fc.constantFrom(',', ';', '\t', '|', '¦', '#', '~'),
      csvDecimal: fc.constantFrom('.' as const, ',' as const),
    });
    const names = fc.oneof(
      fc.string({ minLength: 1 }),
      fc.constantFrom(
        '=cmd()',
        '-a',
        'a;=b',
        '"x',
        'ä.example',
        "'x",
        '\t@y',
        'a,b',
        'a\nb',
        '1.5',
        'a"5',
        '="7"',
      ),
    );
    await fc.assert(
      fc.asyncProperty(settings, names, async (asked, hostname) => {
        const host = upHost({ hostname });
        const [seen, silent, unsent] = await read(
          written([host, silentHost(), unsentHost()], asked),
        );
        assert.deepEqual([seen!.text, seen!.key], ['192.0.2.1', '4c0000201']);
        for (const { key, kind, decimals } of COLUMNS) {
          const value = host[key];
          const isRounded = kind === 'figure' && value !== null;
          const expected = isRounded ? Number(decimalText(Number(value), decimals)) : value;
          if (key !== 'hostname') assert.deepEqual(seen![key], expected, key);
        }
        // Where a name has apostrophes of its own, one may pass for the report's.
        if (!hostname.includes("'")) assert.equal(seen!.hostname, hostname);
        assert.deepEqual([silent!.status, silent!.rttAvgMs], ['down', null]);
        assert.deepEqual([unsent!.status, unsent!.startedAt], ['error', null]);
      }),
      { numRuns: 60 },
    );
  });

  test('with columns picked, and with columns of somebody else behind them', async () => {
    const columns = pickColumns(['status', 'address'], COLUMNS);
    assert.equal((await read(written([upHost()], { columns })))[0]!.text, '192.0.2.1');
    const [host] = await read(
      `${HEADER},mac,owner\n192.0.2.1,up,,,,02:AB:00:00:00:01,"J, ""x"""\n`,
    );
    assert.deepEqual([host!.mac, host!.reason], ['02:ab:00:00:00:01', null]);
  });

  test('of a sweep of nothing', async () => {
    assert.deepEqual(await read(`${HEADER}\n`), []);
    assert.deepEqual(await read(HEADER), []);
  });

  test('in the order of addresses, IPv4 before IPv6, zones behind', async () => {
    const addresses = ['9.0.0.1', '10.0.0.1', '2001:db8::a', 'fe80::1%eth0', 'fe80::1%eth1'];
    const hosts = await read(`address,status\n${addresses.map((a) => `${a},up\n`).join('')}`);
    assert.deepEqual(
      hosts.map(({ text }) => text),
      addresses,
    );
  });
});

describe('refused, with the line and what to do', () => {
  const cases: [string, string | Uint8Array, RegExp][] = [
    ['an empty file', '', /r\.csv: its header has no address and no status: give a CSV/],
    ['something else', 'hello\nworld\n', /its header has no address/],
    [
      'a PNG',
      Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10),
      /line 1: is neither UTF-8 nor UTF-16/,
    ],
    ['a column twice', 'address,status,status\n', /names "status" twice: leave one out/],
    ['a stranger in the middle', 'address,owner,status\n', /"owner" is not one of schema 1: put/],
    [
      'other marks',
      'address,status,pattern\n192.0.2.1,up,=1+1\n',
      /line 2: pattern: "=1\+1" is not/,
    ],
    ['a short row', 'address,status\n192.0.2.1\n', /line 2: the row is not as wide/],
    ['a broken quote', 'address,status\n"192.0.2.1,up\n', /line \d: the quotes are not those/],
    ['no address', 'address,status\nhost,up\n', /line 2: "host" is not an address/],
    ['an unknown status', 'address,status\n192.0.2.1,UP\n', /line 2: status: "UP" is not a status/],
    ['a number of words', `${HEADER}\n192.0.2.1,up,,fast,\n`, /line 2: rtt_avg_ms: "fast" is not/],
    ['half a packet', 'address,status,sent\n192.0.2.1,up,1.5\n', /line 2: sent: "1\.5" is not/],
    ['endless packets', 'address,status,sent\n192.0.2.1,up,65536\n', /line 2: sent: "65536" is/],
    [
      'no time at all',
      `${HEADER}\n192.0.2.1,up,,1000000001,\n`,
      /line 2: rtt_avg_ms: "1000000001"/,
    ],
    ['no day', `${HEADER}\n192.0.2.1,up,,,2026-13-45T12:00:00.000Z\n`, /line 2: started_at/],
    ['a local time', `${HEADER}\n192.0.2.1,up,,,31.1.2026 12:00\n`, /line 2: started_at/],
    ['a wrong MAC', 'address,status,mac\n192.0.2.1,up,x\n', /line 2: mac: "x" is not a MAC/],
    [
      'a row twice',
      'address,status\n192.0.2.1,up\n192.0.2.1,up\n',
      /line 3: 192.0.2.1 is listed twice/,
    ],
    [
      'sites out of order',
      'address,status,site\n192.0.2.1,up,paris\n192.0.2.2,down,berlin\n',
      /line 3: rows of "berlin" come after rows of "paris": sort the rows by site, then by address/,
    ],
    [
      'a site out of order',
      'address,status,site\n192.0.2.2,up,paris\n192.0.2.1,down,paris\n',
      /line 3: 192.0.2.1 comes after 192.0.2.2: sort the rows by address/,
    ],
    [
      'a site of another program',
      'address,status,site\n192.0.2.1,up,Main office\n',
      /line 2: site: "Main office" is not the name of a site/,
    ],
    [
      'another order',
      'address,status\n192.0.2.10,up\n192.0.2.9,up\n',
      /line 3: 192.0.2.9 comes after/,
    ],
    ['escapes', 'address,status\n\u001b[31m,up\n', /line 2: "\\u001b\[31m" is not an address/],
  ];
  for (const [what, content, message] of cases) {
    test(what, async () => {
      await assert.rejects(read(content), { code: 'REPORT_INVALID', message });
    });
  }

  test('a file that is not there', async () => {
    await assert.rejects(openCsvReport(join(FOLDER, 'none.csv')), {
      code: 'REPORT_INVALID',
      message: /cannot read .*none\.csv: there is no such file/,
    });
  });
});
