/** Lines of syslog, read by a strict reader of RFC 5424. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CHANGE_SHAPE } from '../../../src/inventory/change-report.ts';
import type { HostChange } from '../../../src/inventory/diff.ts';
import { hostShape } from '../../../src/inventory/host-report.ts';
import { SYSLOG } from '../../../src/report/syslog.ts';
import { HOSTILE_NAMES } from '../../browser/hostile-names.ts';
import { listedHost } from '../inventory/samples.ts';
import { runOf, settingsOf, textOf, unsentHost, upHost } from './samples.ts';
import { readSyslog } from './syslog-reader.ts';

const { columns: _, ...REST } = settingsOf();
const SETTINGS = { ...REST, columns: undefined };

test('a host of a sweep', () => {
  const writer = SYSLOG.rows(settingsOf());
  const text = writer.begin(runOf()) + textOf(writer, [upHost(), unsentHost()]);
  const [up, unsent] = text.slice(0, -1).split('\n').map(readSyslog);
  assert.deepEqual(
    { ...up, hostname: '', values: [up!.values['reason'], up!.values['rtt_avg_ms']] },
    {
      facility: 3,
      severity: 6,
      time: '2026-03-04T05:06:07.089Z',
      hostname: '',
      kind: 'host',
      id: 'echosweep@32473',
      values: ['echo-reply', '9.1'],
      text: 'up 192.0.2.1',
    },
  );
  assert.ok(!('responder' in up!.values));
  assert.deepEqual([unsent!.severity, unsent!.time], [4, runOf().startedAt.toISOString()]);
});

test('a change', () => {
  const change: HostChange = {
    kind: 'slower',
    address: '192.0.2.1',
    hostname: null,
    before: '1.5',
    after: '20',
    seenAt: new Date('2026-03-04T05:06:07.089Z'),
  };
  const text = String(SYSLOG.records!(CHANGE_SHAPE, SETTINGS).rows([change]));
  const read = readSyslog(text.trimEnd());
  assert.deepEqual(
    [read.kind, read.time, read.text],
    ['change', '2026-03-04T05:06:07.089Z', 'slower 192.0.2.1'],
  );
  assert.deepEqual([read.values['before'], read.values['after']], ['1.5', '20']);
});

test('hostile names and headings stay in the structure', () => {
  const names = [...HOSTILE_NAMES, 'a"b\\c]d', 'line\nbreak', '\uD800'];
  const headings = ['a b', 'c=d]"', 'ü', 'x'.repeat(50)];
  const shape = hostShape(headings, []);
  const fields = Object.fromEntries(headings.map((heading) => [heading, 'v']));
  const hosts = names.map((hostname) => listedHost({ address: '192.0.2.1', hostname }, fields));
  const lines = String(SYSLOG.records!(shape, SETTINGS).rows(hosts)).slice(0, -1).split('\n');
  assert.equal(lines.length, names.length);
  for (const [i, line] of lines.entries()) {
    const { values } = readSyslog(line);
    assert.equal(values['hostname'], names[i]!.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}]/gu, '\uFFFD'));
    assert.equal(values['known_a_b'], 'v');
  }
});
