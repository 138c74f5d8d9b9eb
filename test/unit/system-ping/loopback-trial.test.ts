/** Which pings a sweep may use: stand-ins print what pings of several systems print for 127.0.0.1. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PingDialect } from '../../../src/system-ping/dialect.ts';
import { whatPreventsPing } from '../../../src/system-ping/loopback-trial.ts';
import { parseIputils } from '../../../src/system-ping/parse-iputils.ts';
import { parseWindows } from '../../../src/system-ping/parse-windows.ts';
import type { PingParser } from '../../../src/system-ping/ping-report.ts';

/** Why a ping that prints this is not used. */
function problemOf(...lines: string[]): Promise<string | undefined> {
  return problemWith(parseWindows, lines);
}

function problemWith(parse: PingParser, lines: readonly string[]): Promise<string | undefined> {
  const script = `process.stdout.write(${JSON.stringify(lines.join('\r\n'))})`;
  const dialect: PingDialect = {
    name: 'windows',
    command: () => process.execPath,
    arguments: () => ['-e', script],
    parse,
    longestPauseMs: ({ periodMs }) => periodMs,
    cannot: [],
  };
  return whatPreventsPing(dialect, { payloadBytes: 56, dontFragment: false });
}

const HEADING = 'Pinging 127.0.0.1 with 56 bytes of data:';

test('a reply of 127.0.0.1 that can be read allows a ping', async () => {
  assert.equal(await problemOf(HEADING, 'Antwort: 127.0.0.1 a=56 b<1ms TTL=128', ''), undefined);
});

test('a system that does not answer itself can still sweep, if its ping says so', async () => {
  assert.equal(await problemOf(HEADING, 'Timeout.', '', '127.0.0.1:', '(100% loss)'), undefined);
});

test('what cannot be read is quoted', async () => {
  assert.equal(
    await problemOf('Bad option -4.', '', 'Usage: ping [-t] target'),
    'the `ping` here cannot be read: for 127.0.0.1 it printed "Bad option -4. Usage: ping [-t] target"',
  );
  assert.match((await problemOf(HEADING, '127.0.0.1 is alive', ''))!, /is alive"$/);
  assert.match((await problemOf(''))!, /printed nothing$/);
});

test('a ping that numbers its probes in another way is not read as silent', async () => {
  const lines = (sequence: number): string[] => [
    'PING 127.0.0.1 (127.0.0.1): 56 data bytes',
    `64 bytes from 127.0.0.1: icmp_seq=${sequence} ttl=64 time=0.046 ms`,
    '--- 127.0.0.1 ping statistics ---',
    '1 packets transmitted, 1 packets received, 0% packet loss',
  ];
  assert.match((await problemWith(parseIputils, lines(0)))!, /cannot be read: .* icmp_seq=0/);
  assert.equal(await problemWith(parseIputils, lines(1)), undefined);
});

test('a ping that may not open its socket is named as such', async () => {
  for (const name of ['ping: ', ''])
    assert.equal(
      await problemWith(parseIputils, [`${name}socket: Operation not permitted`]),
      'the `ping` here may not open a socket',
    );
});
