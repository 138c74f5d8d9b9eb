/** What greppable output promises to grep and awk. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GNMAP } from '../../../src/report/gnmap.ts';
import type { HostResult } from '../../../src/results/host-result.ts';
import type { RunRecord } from '../../../src/results/run-record.ts';
import { unresolvedRow } from '../../../src/results/unresolved-row.ts';
import { HOSTILE_NAMES } from '../../browser/hostile-names.ts';
import { runOf, settingsOf, silentHost, textOf, unsentHost, upHost } from './samples.ts';

function linesOf(rows: readonly HostResult[], run: Partial<RunRecord> = {}): string[] {
  const writer = GNMAP.rows(settingsOf());
  const text = writer.begin(runOf(run)) + textOf(writer, rows) + writer.end(runOf(run));
  assert.ok(text.endsWith('\n'));
  return text.slice(0, -1).split('\n');
}

test('each host is a line with its first name and its status', () => {
  const rows = [
    upHost({ hostname: 'a.example b.example' }),
    silentHost(),
    silentHost({ address: '192.0.2.4', status: 'unreachable', reason: 'host-unreach' }),
    unsentHost(),
    upHost({ address: 'fe80::1%eth0' }),
    unresolvedRow('nosuch.example'),
  ];
  const [first, ...lines] = linesOf(rows);
  assert.match(
    first!,
    /^# echosweep 1\.2\.3 sweep initiated \w{3} \w{3} [ \d]\d [\d:]{8} 2026 as: echosweep 192\.0\.2\.0\/24$/,
  );
  assert.deepEqual(lines.slice(0, -1), [
    'Host: 192.0.2.1 (a.example)\tStatus: Up',
    'Host: 192.0.2.2 ()\tStatus: Down',
    'Host: 192.0.2.4 ()\tStatus: Down',
    'Host: 192.0.2.3 ()\tStatus: Unknown',
    'Host: fe80::1%eth0 ()\tStatus: Up',
    '# does not resolve: nosuch.example',
  ]);
  assert.match(
    lines.at(-1)!,
    /^# echosweep done at .* -- 254 IP addresses \(12 hosts up\) scanned in 2\.00 seconds$/,
  );
});

test('no name can end its field or its line', () => {
  const names = [...HOSTILE_NAMES, 'x)\tStatus: Up\nHost: 192.0.2.9 (y'];
  const lines = linesOf(
    names.map((hostname) => upHost({ hostname: hostname.replaceAll(' ', '\u00A0') })),
  );
  for (const line of lines.slice(1, -1)) {
    assert.match(line, /^Host: 192\.0\.2\.1 \([^()\s\p{Cc}]+\)\tStatus: Up$/u);
  }
  assert.equal(lines.length, names.length + 2);
});

test('a doubtful run says so', () => {
  const lines = linesOf([], { doubts: ['the clock stepped'] });
  assert.equal(lines[1], '# unreliable: the clock stepped');
});
