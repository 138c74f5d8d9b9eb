/** JSON Lines read back: every host and the run as they were written, and what is wrong told with its line. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, describe, test } from 'node:test';
import { COLUMNS, decimalText } from '../../../src/report/columns.ts';
import { JSON_LINES, runJson } from '../../../src/report/json-lines.ts';
import { readJsonLines, type SiteRow } from '../../../src/report/read-json-lines.ts';
import { openReport } from '../../../src/report/read-report.ts';
import type { HostResult } from '../../../src/results/host-result.ts';
import type { RunRecord } from '../../../src/results/run-record.ts';
import { unresolvedRow } from '../../../src/results/unresolved-row.ts';
import { runOf, settingsOf, silentHost, unsentHost, upHost } from './samples.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'echosweep-test-'));
const FILE = join(FOLDER, 'report.jsonl');
after(() => rmSync(FOLDER, { recursive: true }));

async function read(text: string): Promise<{ rows: SiteRow[]; run: RunRecord | undefined }> {
  writeFileSync(FILE, text);
  const rows: SiteRow[] = [];
  return { run: await readJsonLines(FILE, (row) => rows.push(row)), rows };
}

describe('JSON Lines', () => {
  test('may end with names that have no address, and only with those', async () => {
    const format = JSON_LINES.rows(settingsOf());
    const linesOf = (...rows: HostResult[]) => format.begin(runOf()) + String(format.rows(rows));
    const names = [unresolvedRow('b.example'), unresolvedRow('a.example')];
    const { rows } = await read(linesOf(upHost(), ...names));
    assert.deepEqual(
      rows.map(({ address, hostname }) => address ?? hostname),
      ['192.0.2.1', 'b.example', 'a.example'],
    );
    await assert.rejects(read(linesOf(...names, upHost())), /not in the order/);
    await assert.rejects(read(linesOf(upHost({ address: null }))), /a host has no address/);
  });

  test('are read back as they were written', async () => {
    const format = JSON_LINES.rows(settingsOf());
    const run = runOf({ partial: true, doubts: ['a doubt'] });
    const hosts = [upHost({ hostname: '=cmd()\u2028' }), silentHost(), unsentHost()];
    const written = `${format.begin(runOf())}${String(format.rows(hosts))}${format.end(run)}`;
    const seen = await read(written);
    assert.deepEqual(seen.run!.startedAt, run.startedAt);
    assert.deepEqual(seen.run!.endedAt, run.endedAt);
    assert.deepEqual(seen.run!.statuses, run.statuses);
    assert.deepEqual(seen.run!.reasons, run.reasons);
    assert.deepEqual(seen.run!.outcomes, run.outcomes);
    assert.deepEqual(seen.run!.packets, run.packets);
    assert.deepEqual(seen.run!.doubts, ['a doubt']);
    seen.rows.forEach((row, i) => {
      for (const { key, kind, decimals } of COLUMNS) {
        const value = hosts[i]![key];
        const isRounded = kind === 'figure' && value !== null;
        const expected = isRounded ? Number(decimalText(Number(value), decimals)) : value;
        assert.deepEqual(row[key], expected, key);
      }
    });
  });

  test('may be those of a sweep with a long command line', async () => {
    const command = `echosweep${' 192.0.2.1'.repeat(200_000)}`;
    const { run } = await read(JSON_LINES.rows(settingsOf()).begin(runOf({ command })));
    assert.equal(run!.command, command);
  });

  test('on several sites have an address once for each', async () => {
    const format = JSON_LINES.rows(settingsOf({ hasSites: true }));
    const hosts = [upHost({ site: 'berlin' }), upHost({ site: 'paris' })];
    const name = unresolvedRow('a.example');
    const { rows } = await read(format.begin(runOf()) + String(format.rows([...hosts, name])));
    assert.deepEqual(
      rows.map(({ site, address }) => [site, address]),
      [...hosts.map(({ site, address }) => [site, address]), [null, null]],
    );
  });

  test('are known by their beginning, whatever encoding and pieces they come in', async () => {
    const format = JSON_LINES.rows(settingsOf());
    const text = format.begin(runOf()) + String(format.rows([upHost()])) + format.end(runOf());
    const marked = `\uFEFF${text}`;
    for (const octets of [text, marked]
      .map((each) => Buffer.from(each))
      .concat(Buffer.from(marked, 'utf16le'))) {
      const report = await openReport(
        'scan',
        Readable.from([octets.subarray(0, 3), octets.subarray(3)]),
      );
      const batches = [];
      for await (const batch of report.batches) batches.push(...batch);
      assert.deepEqual(
        batches.map(({ address }) => address),
        ['192.0.2.1'],
      );
    }
  });

  const host = '{"type":"host","address":"192.0.2.1","status":"up","reason":"echo-reply"}';
  test('have MAC addresses in lower case, as those of other reports are', async () => {
    const { rows } = await read(host.replace('}', ',"mac":"AA:BB:CC:DD:EE:0F"}'));
    assert.equal(rows[0]!.mac, 'aa:bb:cc:dd:ee:0f');
  });

  for (const [what, text, message] of [
    ['nothing', '', /it is empty: take the report as it was written$/],
    ['another language', 'address,status\n', /line 1: it is not a JSON object/],
    ['another record', `${host}\n{"type":"hop"}\n`, /line 2: it is neither a run nor a host/],
    ['another status', host.replace('"up"', '"alive"'), /line 1: status is not written as/],
    ['a figure in words', host.replace('}', ',"ttl":"64"}'), /line 1: ttl is not written as/],
    ['half a packet', host.replace('}', ',"received":0.5}'), /line 1: received is not written as/],
    ['no time at all', host.replace('}', ',"rtt_avg_ms":1e300}'), /line 1: rtt_avg_ms is not/],
    ['a time before', host.replace('}', ',"rtts_ms":[-1]}'), /line 1: rtts_ms is not written as/],
    [
      'half a MAC address',
      host.replace('}', ',"mac":"02:00:00"}'),
      /line 1: mac is not written as/,
    ],
    [
      'a time of a zone that is not named',
      host.replace('}', ',"started_at":"2026-03-01 12:00"}'),
      /line 1: started_at is not written as/,
    ],
    ['no address', host.replace('192.0.2.1', '192.0.2.256'), /line 1: address is not written as/],
    ['a host twice', `${host}\n${host}\n`, /line 2: the hosts are not in the order of sites/],
    [
      'sites out of order',
      ['paris', 'berlin'].map((site) => host.replace('}', `,"site":"${site}"}`)).join('\n'),
      /line 2: the hosts are not in the order of sites and addresses: take a report that was not written with --stream$/,
    ],
    [
      'more than a MAC address',
      host.replace('}', ',"mac":"02:00:00:00:00:01\\"/>"}'),
      /line 1: mac is not/,
    ],
    [
      'other marks',
      host.replace('}', ',"pattern":"!\\",\\"a"}'),
      /line 1: pattern is not written as/,
    ],
    ['no name of a site', host.replace('}', ',"site":"a b"}'), /line 1: site is not written as/],
    ['a later schema', '{"type":"run","schema":2}', /line 1: its schema is 2, not 1/],
    [
      'a schema that is no number',
      `{"type":"run","schema":"${'1'.repeat(1e5)}"}`,
      /line 1: it does not say that its schema is 1: [a-z ]+$/,
    ],
    [
      'a schema without end',
      `{"type":"run","schema":${'['.repeat(1e5)}${']'.repeat(1e5)}}`,
      /line 1: it does not say that its schema is 1: [a-z ]+$/,
    ],
    ['half a run', '{"type":"run","schema":1}', /line 1: its record of the run is not whole/],
  ] as const) {
    test(`with ${what} are refused`, async () => {
      await assert.rejects(read(text), { code: 'REPORT_INVALID', message });
    });
  }

  const written = JSON.parse(JSON_LINES.rows(settingsOf()).begin(runOf()));
  const silence = {
    from: '2026-03-04T05:06:07.089Z',
    to: '2026-03-04T05:06:11.500Z',
    hosts: 3,
    answered: 1,
  };
  const canary = { address: '192.0.2.254', choice: 'named', sent: 4, received: 2 };

  test('have the canary with its times', async () => {
    const record = { ...written, canary: { ...canary, silences: [silence] } };
    const { run } = await read(JSON.stringify(record));
    const [first] = run!.canary!.silences;
    assert.deepEqual(first, { ...silence, from: new Date(silence.from), to: new Date(silence.to) });
  });

  test('of a version that knew less of a run are read', async () => {
    const { failure, canary, tcp, outcomes, mac_conflicts, resumed, ...older } = written;
    const { run } = await read(JSON.stringify(older));
    assert.deepEqual(
      [run!.failure, run!.canary, run!.tcp, run!.outcomes, run!.macConflicts, run!.resumed],
      [null, null, null, {}, [], null],
    );
  });

  for (const [what, fields] of [
    ['statuses in words', { statuses: { up: '1', unreachable: 0, down: 0, error: 0 } }],
    ['a status fewer', { statuses: { up: 1, unreachable: 0, down: 0 } }],
    ['a reason that there is not', { outcomes: { up: { '<b>': 1 } } }],
    ['a figure below zero', { targets: -1 }],
    ['a time of no zone', { started_at: '2026-03-01 12:00' }],
    ['notes that are no sentences', { notes: [{}] }],
    ['half of its times', { rtt: { min_ms: 1 } }],
    ['a silence without its end', { canary: { ...canary, silences: [{ ...silence, to: null }] } }],
    ['one MAC address against itself', { mac_conflicts: [{ address: '192.0.2.1', macs: ['a'] }] }],
    ['packets that are not counted', { packets: { ...written.packets, dropped: 'none' } }],
  ] as const) {
    test(`with a run of ${what} are refused`, async () => {
      const message = /line 1: its record of the run is not whole/;
      await assert.rejects(read(JSON.stringify({ ...written, ...fields })), {
        code: 'REPORT_INVALID',
        message,
      });
    });
  }

  describe('with every part of a run', () => {
    const macs = ['00:00:5e:00:53:01', '00:00:5e:00:53:02'] as const;
    const times = { from: new Date(0), to: new Date(1) };
    const { type, phase, schema, ...whole } = JSON.parse(
      runJson(
        'end',
        runOf({
          canary: {
            ...{ address: '192.0.2.254', choice: 'named', sent: 4, received: 2 },
            silences: [{ ...times, hosts: 3, answered: 1 }],
          },
          tcp: { ports: [22], hosts: 1, connections: 1, failed: 0 },
          failure: 'it ended early',
          resumed: { report: 'report.csv', rows: 1 },
          macConflicts: [{ address: '192.0.2.1', macs }],
          doubts: ['a doubt'],
          notes: ['a note'],
          sites: [{ site: 'berlin', targets: 2, missing: 1, agents: ['berlin/a1'] }],
        }),
      ),
    ) as Record<string, object>;
    const readRun = (run: object) => read(JSON.stringify({ type, phase, schema, ...run }));
    const notWhole = /its record of the run is not whole/;

    /** The same with one part in another form. No part of a run is a list of lists. */
    function* spoilt(value: object): Generator<object> {
      const put = (key: string, part: unknown): object =>
        Array.isArray(value)
          ? value.map((each, i) => (String(i) === key ? part : each))
          : { ...value, [key]: part };
      for (const [key, part] of Object.entries(value)) {
        yield put(key, [[]]);
        if (typeof part === 'object' && part !== null)
          for (const inner of spoilt(part)) yield put(key, inner);
      }
    }

    test('are read', async () => {
      assert.equal((await readRun(whole)).run!.sites![0]!.site, 'berlin');
    });

    test('but one are refused if that one is of another form', async () => {
      for (const run of spoilt(whole)) {
        await assert.rejects(readRun(run), notWhole, JSON.stringify(run));
      }
    });

    test('but one are refused unless that one came later', async () => {
      const later = ['canary', 'tcp', 'outcomes', 'failure', 'resumed', 'mac_conflicts', 'sites'];
      for (const name of Object.keys(whole).filter((each) => !later.includes(each))) {
        await assert.rejects(readRun({ ...whole, [name]: undefined }), notWhole, name);
      }
      const counted = whole['packets']!;
      const laterCounts = ['late_to_silent', 'retried_up', 'loss_slow_downs', 'refusals_overcome'];
      laterCounts.push('partly_refused', 'routes_lost');
      for (const name of Object.keys(counted).filter((each) => !laterCounts.includes(each))) {
        const packets = { ...counted, [name]: undefined };
        await assert.rejects(readRun({ ...whole, packets }), notWhole, name);
      }
    });
  });

  test('with a run that nests without end are refused', async () => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000);
    const text = JSON.stringify({ ...written, notes: [] }).replace('"notes":[]', `"notes":${deep}`);
    await assert.rejects(read(text), /line 1: its record of the run is not whole/);
  });

  test('that are not there are told in a line', async () => {
    const none = join(FOLDER, 'none.jsonl');
    await assert.rejects(
      readJsonLines(none, () => {}),
      { code: 'REPORT_INVALID', message: /there is no such file: correct its name$/ },
    );
  });
});
