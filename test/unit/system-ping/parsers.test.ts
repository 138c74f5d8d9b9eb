/** What the pings of the systems print, recorded, and what is read from it. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { parseAddress } from '../../../src/address.ts';
import { errorOfWords } from '../../../src/system-ping/icmp-words.ts';
import { parseBusybox } from '../../../src/system-ping/parse-busybox.ts';
import { parseIputils } from '../../../src/system-ping/parse-iputils.ts';
import { parseMacos } from '../../../src/system-ping/parse-macos.ts';
import { parseWindows } from '../../../src/system-ping/parse-windows.ts';
import type { PingParser } from '../../../src/system-ping/ping-report.ts';
import { ROOT } from '../../root.ts';

/** The recorded runs of a file: `$ COMMAND`, output, `[exit N]`; by the last word of the command, the target. */
function recorded(name: string): Map<string, string> {
  const text = readFileSync(`${ROOT}test/unit/system-ping/fixtures/${name}.txt`, 'utf8');
  const runs = text.split(/^\$ /m).slice(1);
  return new Map(
    runs.map((run) => {
      const [command, ...output] = run.split('\n');
      return [command!.split(' ').at(-1)!, output.join('\n').replace(/^\[exit \d+\]\n/m, '')];
    }),
  );
}

/** One line an event, for comparing. */
function eventsOf(parse: PingParser, text: string): string[] {
  const { events, refusal } = parse(text);
  const lines = events.map((event) =>
    event.kind === 'reply'
      ? `${event.probe} reply ${event.rttMs} ttl ${event.ttl} ${event.from}`
      : `${event.probe} error ${event.from}: ${event.words}`,
  );
  return refusal === null ? lines : [...lines, `refused: ${refusal}`];
}

describe('iputils', () => {
  const runs = new Map([...recorded('iputils-ipv4'), ...recorded('iputils-ipv6')]);
  const reasonOf = (target: string): string => {
    const event = parseIputils(runs.get(target)!).events[0]!;
    assert.ok(event.kind === 'error', target);
    const { reason, type, code } = errorOfWords(parseAddress(target)!.family, event.words);
    return `${type}/${code} ${reason}`;
  };

  test('every code of "unreachable" is known by its words', () => {
    const reasons = Array.from({ length: 16 }, (_, code) => reasonOf(`10.64.${code}.1`));
    assert.deepEqual(reasons, [
      '3/0 net-unreach',
      '3/1 host-unreach',
      '3/2 proto-unreach',
      '3/3 port-unreach',
      '3/4 frag-needed',
      '3/5 source-route-failed',
      '3/6 net-unknown',
      '3/7 host-unknown',
      '3/8 host-isolated',
      '3/9 net-prohibited',
      '3/10 host-prohibited',
      '3/11 net-tos-unreach',
      '3/12 host-tos-unreach',
      '3/13 admin-prohibited',
      '3/14 precedence-violation',
      '3/15 precedence-cutoff',
    ]);
    const reasons6 = Array.from({ length: 8 }, (_, code) => reasonOf(`fd00:64:1${code}::1`));
    assert.deepEqual(reasons6, [
      '1/0 no-route',
      '1/1 admin-prohibited',
      '1/2 beyond-scope',
      '1/3 address-unreach',
      '1/4 port-unreach',
      '1/5 source-policy',
      '1/6 reject-route',
      '1/7 source-routing-error',
    ]);
    assert.equal(reasonOf('fd00:69::1'), '2/0 packet-too-big');
  });

  test('replies, duplicates, other responders and refusals are told apart', () => {
    assert.deepEqual(eventsOf(parseIputils, runs.get('10.71.0.1')!), [
      '0 reply 0.07 ttl 63 10.71.0.1',
      '0 reply 0.072 ttl 63 10.71.0.1',
      '1 reply 0.078 ttl 63 10.71.0.1',
    ]);
    assert.match(
      eventsOf(parseIputils, runs.get('10.72.0.1')!)[0]!,
      /^0 reply [\d.]+ ttl 63 10\.78\.1\.99$/,
    );
    assert.match(eventsOf(parseIputils, runs.get('fe80::7%lab-lan')!)[0]!, / fe80::7$/);
    assert.deepEqual(eventsOf(parseIputils, runs.get('10.62.0.1')!), []);
    assert.deepEqual(
      ['10.50.0.1', '10.51.0.1', '10.52.0.1', '10.53.0.1', 'fd00:51::1'].map(
        (target) => eventsOf(parseIputils, runs.get(target)!)[0],
      ),
      [
        'refused: No route to host',
        'refused: Permission denied',
        'refused: Invalid argument',
        'refused: Network is unreachable',
        'refused: Permission denied',
      ],
    );
  });
});

test('BusyBox counts from 0 and shows no error', () => {
  const runs = recorded('busybox');
  assert.deepEqual(eventsOf(parseBusybox, runs.get('10.79.0.1')!), [
    '0 reply 0.079 ttl 63 10.79.0.1',
    '1 reply 0.097 ttl 63 10.79.0.1',
  ]);
  assert.equal(eventsOf(parseBusybox, runs.get('10.71.0.1')!).length, 3);
  assert.deepEqual(eventsOf(parseBusybox, runs.get('10.64.1.1')!), []);
  assert.deepEqual(eventsOf(parseBusybox, runs.get('10.50.0.1')!), ['refused: No route to host']);
});

test('macOS is read, ping and ping6', () => {
  const runs = recorded('macos');
  assert.deepEqual(eventsOf(parseMacos, runs.get('192.0.2.7')!), [
    '0 reply 12.345 ttl 57 192.0.2.7',
    '1 reply 13.1 ttl 57 192.0.2.7',
  ]);
  assert.deepEqual(eventsOf(parseMacos, runs.get('192.0.2.8')!), [
    '0 error 192.0.2.254: Destination Host Unreachable',
  ]);
  assert.deepEqual(eventsOf(parseMacos, runs.get('192.0.2.9')!), [
    '1 error 192.0.2.254: Communication prohibited by filter',
  ]);
  assert.deepEqual(eventsOf(parseMacos, runs.get('198.51.100.1')!), ['refused: No route to host']);
  assert.deepEqual(eventsOf(parseMacos, runs.get('2001:db8::7')!), [
    '0 reply 1.875 ttl 60 2001:db8::7',
  ]);
  assert.deepEqual(eventsOf(parseMacos, runs.get('fe80::7%en0')!), [
    '0 reply 0.412 ttl 64 fe80::7',
  ]);
});

test('Windows is read in whatever language it speaks', () => {
  const runs = recorded('windows');
  assert.deepEqual(eventsOf(parseWindows, runs.get('192.0.2.7')!), [
    '0 reply 12 ttl 57 192.0.2.7',
    '1 reply null ttl 57 192.0.2.7',
  ]);
  assert.deepEqual(eventsOf(parseWindows, runs.get('192.0.2.8')!), [
    '1 error 192.0.2.254: Destination host unreachable.',
  ]);
  assert.deepEqual(eventsOf(parseWindows, runs.get('192.0.2.9')!), [
    '0 reply 12 ttl 118 192.0.2.9',
  ]);
  assert.deepEqual(eventsOf(parseWindows, runs.get('192.0.2.10')!), [
    '0 error 192.0.2.254: Zielhost nicht erreichbar.',
  ]);
  assert.deepEqual(eventsOf(parseWindows, runs.get('::1')!), ['0 reply null ttl 0 ::1']);
  assert.deepEqual(eventsOf(parseWindows, runs.get('198.51.100.1')!), [
    '0 error 192.0.2.254: TTL expired in transit.',
  ]);
  assert.deepEqual(eventsOf(parseWindows, runs.get('198.51.100.2')!), [
    'refused: General failure.',
  ]);
  assert.deepEqual(errorOfWords(4, 'Zielhost nicht erreichbar.'), {
    reason: 'host-unreach',
    type: 0,
    code: 0,
  });
});
