/** Line protocol, read by the published grammar, in the fields that Telegraf's `ping` input writes. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { INFLUX } from '../../../src/report/influx.ts';
import type { HostResult } from '../../../src/results/host-result.ts';
import { HOSTILE_NAMES } from '../../browser/hostile-names.ts';
import { runOf, settingsOf, silentHost, textOf, unsentHost, upHost } from './samples.ts';

function linesOf(rows: readonly HostResult[]): string[] {
  const writer = INFLUX.rows(settingsOf());
  assert.equal(writer.begin(runOf()), '');
  const text = textOf(writer, rows);
  assert.equal(writer.end(runOf()), '');
  assert.ok(text.endsWith('\n'));
  return text.slice(0, -1).split('\n');
}

/** In keys and values of tags a backslash goes before a comma, an equals sign or a blank; none stands alone. */
const LINE =
  /^ping((?:,[a-z_]+=(?:[^\\,= \n]|\\[,= ])+)+) ([a-z_]+=-?\d+(?:i|\.\d+)?(?:,[a-z_]+=-?\d+(?:i|\.\d+)?)*) (\d{19})$/;

function read(line: string) {
  const parts = LINE.exec(line);
  assert.ok(parts, line);
  const tags = [...parts[1]!.matchAll(/,([a-z_]+)=((?:\\.|[^,])+)/g)].map(([, key, value]) => [
    key!,
    value!.replaceAll(/\\([,= ])/g, '$1'),
  ]);
  return {
    tags: Object.fromEntries(tags),
    fields: Object.fromEntries(parts[2]!.split(',').map((field) => field.split('='))),
    timeNs: parts[3],
  };
}

test('a host that replied', () => {
  const [line] = linesOf([upHost({ hostname: 'a.example' })]);
  assert.equal(
    line,
    'ping,hostname=a.example,url=192.0.2.1 result_code=0i,packets_transmitted=3i,packets_received=2i,' +
      'percent_packet_loss=33.3,ttl=61i,minimum_response_ms=0.412,average_response_ms=9.1,' +
      'maximum_response_ms=1044.001,standard_deviation_ms=2 1772600767089000000',
  );
});

test('a host that did not has the loss and the code of no reply, and no times', () => {
  assert.deepEqual(read(linesOf([silentHost()])[0]!), {
    tags: { url: '192.0.2.2' },
    fields: {
      result_code: '1i',
      packets_transmitted: '3i',
      packets_received: '0i',
      percent_packet_loss: '100',
    },
    timeNs: '1772600767089000000',
  });
});

test('a host that could not be pinged has the code of that, and the time of the sweep', () => {
  assert.deepEqual(read(linesOf([unsentHost()])[0]!), {
    tags: { url: '192.0.2.3' },
    fields: { result_code: '2i', packets_transmitted: '0i', packets_received: '0i' },
    timeNs: '1772600767000000000',
  });
});

test('a name that is not known is what Telegraf calls no such host', () => {
  const row = unsentHost({ address: null, hostname: 'no.example', reason: 'name-unresolved' });
  const { tags, fields } = read(linesOf([row])[0]!);
  assert.deepEqual([tags, fields['result_code']], [{ url: 'no.example' }, '1i']);
});

test('hostile names stay values of one tag', () => {
  const names = [...HOSTILE_NAMES, 'a,b=c d', 'x\\', 'y\\,url=z', 'line\nping,url=x y=1', '', ' '];
  const lines = linesOf(names.map((hostname) => upHost({ hostname })));
  assert.equal(lines.length, names.length);
  for (const line of lines) {
    const { tags, fields } = read(line);
    assert.equal(tags['url'], '192.0.2.1');
    assert.equal(fields['result_code'], '0i');
  }
  assert.equal(read(lines[names.indexOf('a,b=c d')]!).tags['hostname'], 'a,b=c d');
});
