/** What nmap's XML promises to the programs that read it. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import sax from 'sax';
import { NMAP_XML } from '../../../src/report/nmap-xml.ts';
import type { HostResult } from '../../../src/results/host-result.ts';
import type { RunRecord } from '../../../src/results/run-record.ts';
import { unresolvedRow } from '../../../src/results/unresolved-row.ts';
import { HOSTILE_NAMES } from '../../browser/hostile-names.ts';
import { runOf, settingsOf, silentHost, textOf, unsentHost, upHost } from './samples.ts';

interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
}

function xmlOf(
  rows: readonly HostResult[],
  run: Partial<RunRecord> = {},
  names?: ReadonlyMap<string, string>,
): string {
  const writer = NMAP_XML.rows(settingsOf());
  return writer.begin(runOf(run), names) + textOf(writer, rows) + writer.end(runOf(run));
}

/** Every element, in order; strict about being well-formed. */
function elementsOf(xml: string): Element[] {
  const found: Element[] = [];
  const parser = sax.parser(true);
  parser.onerror = (error) => {
    throw error;
  };
  parser.onopentag = ({ name, attributes }) => {
    found.push({ name, attributes: attributes as Record<string, string> });
  };
  parser.write(xml).close();
  return found;
}

function only(xml: string, name: string): Element['attributes'][] {
  return elementsOf(xml)
    .filter((element) => element.name === name)
    .map(({ attributes }) => attributes);
}

test('an answering host has its status, addresses, names and times as nmap writes them', () => {
  const host = upHost({ mac: '00:00:00:12:34:56', hostname: 'a.example b.example' });
  const names = new Map([['192.0.2.1', 'a.example b.example']]);
  assert.equal(
    textOf(prepared(names), [host]),
    `<host starttime="1772600767"><status state="up" reason="echo-reply" reason_ttl="61"/>
<address addr="192.0.2.1" addrtype="ipv4"/>
<address addr="00:00:00:12:34:56" addrtype="mac" vendor="XEROX CORPORATION"/>
<hostnames>
<hostname name="a.example" type="user"/>
<hostname name="b.example" type="user"/>
</hostnames>
<times srtt="9100" rttvar="2000" to="100000"/>
</host>
`,
  );
});

function prepared(names: ReadonlyMap<string, string>): ReturnType<typeof NMAP_XML.rows> {
  const writer = NMAP_XML.rows(settingsOf());
  writer.begin(runOf(), names);
  return writer;
}

test('a silent host is listed as nmap -v does, a host that was not probed is unknown', () => {
  assert.equal(
    textOf(prepared(new Map()), [silentHost(), unsentHost({ reason: 'no-route' })]),
    `<host starttime="1772600767"><status state="down" reason="no-response" reason_ttl="0"/>
<address addr="192.0.2.2" addrtype="ipv4"/>
</host>
<host><status state="unknown" reason="no-route" reason_ttl="0"/>
<address addr="192.0.2.3" addrtype="ipv4"/>
</host>
`,
  );
});

test('reasons are in nmap’s words', () => {
  const words = {
    'arp-reply': 'arp-response',
    'ndp-reply': 'nd-response',
    'tcp-open': 'syn-ack',
    'tcp-refused': 'conn-refused',
  } as const;
  for (const [reason, word] of Object.entries(words)) {
    const host = upHost({ reason: reason as keyof typeof words, rttAvgMs: null, ttl: null });
    const xml = xmlOf([host]);
    assert.deepEqual(only(xml, 'status'), [{ state: 'up', reason: word, reason_ttl: '0' }]);
    assert.deepEqual(only(xml, 'times'), []);
  }
});

test('a name of reverse DNS is a PTR, one that was a target is the user’s', () => {
  const rows = [
    upHost({ hostname: 'given.example' }),
    upHost({ address: '192.0.2.2', hostname: 'found.example' }),
  ];
  const xml = xmlOf(rows, {}, new Map([['192.0.2.1', 'given.example']]));
  assert.deepEqual(only(xml, 'hostname'), [
    { name: 'given.example', type: 'user' },
    { name: 'found.example', type: 'PTR' },
  ]);
});

test('an address has no zone, which readers could not parse; its name has', () => {
  const xml = xmlOf([upHost({ address: 'fe80::1%eth0' })]);
  assert.deepEqual(only(xml, 'address'), [{ addr: 'fe80::1', addrtype: 'ipv6' }]);
  assert.deepEqual(only(xml, 'hostname'), [{ name: 'fe80::1%eth0', type: 'user' }]);
});

test('a name that does not resolve was skipped, and does not count', () => {
  const xml = xmlOf([unresolvedRow('nosuch.example')], {
    statuses: { up: 0, unreachable: 0, down: 2, error: 1 },
    outcomes: { error: { 'name-unresolved': 1 } },
  });
  assert.deepEqual(only(xml, 'target'), [
    { specification: 'nosuch.example', status: 'skipped', reason: 'invalid' },
  ]);
  assert.deepEqual(only(xml, 'hosts'), [{ up: '0', down: '2', total: '2' }]);
});

test('no name can be more than text, and every reader gets it back', () => {
  const forbidden = '\u0000\u0007\u001B\uFFFE\uD800';
  const names = [...HOSTILE_NAMES, `x${forbidden}y`, 'tab\tline\nreturn\rend', '\u0085\u{1F600}'];
  const rows = names.map((name, i) =>
    upHost({ address: `192.0.2.${i + 1}`, hostname: name.replaceAll(' ', '\u00A0') }),
  );
  const xml = xmlOf(rows, { command: 'echosweep "><!--' });
  assert.doesNotMatch(xml, /(?![\n])\p{Cc}|\p{Cf}|\p{Cs}/u);
  assert.deepEqual(
    only(xml, 'hostname').map(({ name }) => name),
    rows.map(({ hostname }) =>
      hostname!.replaceAll(/(?![\t\n\r\u0085])\p{Cc}|\p{Cs}|\uFFFE/gu, '\uFFFD'),
    ),
  );
  assert.equal(elementsOf(xml)[0]!.attributes['args'], 'echosweep "><!--');
});

test('the run has nmap’s attributes and counts', () => {
  const xml = xmlOf([]);
  const [run] = elementsOf(xml);
  const { startstr, ...attributes } = run!.attributes;
  assert.deepEqual(attributes, {
    scanner: 'nmap',
    args: 'echosweep 192.0.2.0/24',
    start: '1772600767',
    version: '1.2.3',
    xmloutputversion: '1.05',
  });
  assert.match(startstr!, /^\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d 2026$/);
  const [{ timestr, summary, ...finished }] = only(xml, 'finished') as [Record<string, string>];
  assert.deepEqual(finished, { time: '1772600769', elapsed: '2.00', exit: 'success' });
  assert.equal(
    summary,
    `echosweep done at ${timestr}; 254 IP addresses (12 hosts up) scanned in 2.00 seconds`,
  );
  assert.deepEqual(only(xml, 'hosts'), [{ up: '12', down: '242', total: '254' }]);
});

test('a run that is partial or doubtful has not ended with success', () => {
  const xml = xmlOf([], { partial: true, doubts: ['the clock "stepped"'] });
  const [finished] = only(xml, 'finished');
  assert.equal(finished!['exit'], 'error');
  assert.equal(finished!['errormsg'], 'the sweep was interrupted; the clock "stepped"');
});
