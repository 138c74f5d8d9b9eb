/** The maker of a network card, told from its address. */

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import type { InventoryHost } from '../../../src/inventory/host-list.ts';
import { hostShape } from '../../../src/inventory/host-report.ts';
import { joinKnownHosts } from '../../../src/inventory/known-hosts-join.ts';
import { makersOf } from '../../../src/inventory/vendor.ts';
import { vendorOf } from '../../../src/mac-vendor.ts';
import { CSV } from '../../../src/report/csv.ts';
import { recordTable } from '../../../src/report/table.ts';
import { readCsv } from '../report/read-csv.ts';

/** A host that is known for its MAC address alone. */
function hostOf(address: string, mac: string): InventoryHost {
  return {
    address,
    key: address,
    network: 'office',
    hostname: null,
    mac,
    otherMac: null,
    state: 'up',
    misses: 0,
    status: 'up',
    reason: 'echo-reply',
    rttMs: 1,
    firstSeen: null,
    lastSeen: null,
    lastChange: null,
  };
}

const REGISTERED = createRequire(import.meta.url)('oui-data') as Record<string, string>;

test('an address tells who made it, by the longest prefix that is registered', () => {
  assert.equal(vendorOf('00:00:00:12:34:56'), 'XEROX CORPORATION');
  for (const length of [7, 9]) {
    const [prefix, owner] = Object.entries(REGISTERED).find(
      ([key, words]) =>
        key.length === length &&
        !words.startsWith('IEEE') &&
        (Number.parseInt(key[1]!, 16) & 2) === 0,
    )!;
    const mac = prefix.padEnd(12, '0').toLowerCase().match(/../g)!.join(':');
    assert.equal(vendorOf(mac), owner.split('\n')[0], mac);
  }
});

test('no block that was only cut up is called a maker, and nobody is made up', () => {
  const cut = Object.entries(REGISTERED).filter(
    ([key, words]) => key.length === 6 && words.startsWith('IEEE Registration Authority'),
  );
  assert.ok(cut.length > 100);
  for (const [prefix] of cut) {
    const mac = `${prefix}FFFFFF`.match(/../g)!.join(':');
    assert.notEqual(vendorOf(mac), 'IEEE Registration Authority');
  }
  assert.equal(vendorOf('fc:ff:ff:ff:ff:ff'), null);
  assert.equal(vendorOf(null), null);
});

test('addresses that machines make up are nobody’s', () => {
  assert.equal(vendorOf('02:00:00:00:00:01'), '(local)');
  assert.equal(vendorOf('da:a1:19:00:00:01'), '(local)');
});

test('another MAC address names both makers, any other change none', () => {
  const [before, after] = ['00:00:00:12:34:56', '02:00:00:00:00:01'];
  assert.deepEqual(makersOf({ kind: 'mac-changed', before, after }), {
    before: 'XEROX CORPORATION',
    after: '(local)',
  });
  assert.deepEqual(makersOf({ kind: 'name-changed', before, after }), {
    before: null,
    after: null,
  });
});

test('what makers have registered is text: no formula, no order to a terminal', () => {
  const macs = Object.entries(REGISTERED)
    .filter(
      ([prefix, words]) => /^[=+\-@]/.test(words) && (Number.parseInt(prefix[1]!, 16) & 2) === 0,
    )
    .map(([prefix]) => prefix.padEnd(12, '0').toLowerCase().match(/../g)!.join(':'))
    .filter((mac) => /^[=+\-@]/.test(vendorOf(mac) ?? ''));
  assert.ok(macs.length > 0, 'the registry has none');
  const hosts = macs.map((mac, i) => hostOf(`192.0.2.${i}`, mac));
  const shape = hostShape([], []);
  const settings = {
    ...{ columns: undefined, width: 80, colour: false },
    ...({ csvProfile: 'plain', csvDelimiter: ',', csvDecimal: '.' } as const),
  };
  const csv = CSV.records!(shape, settings);
  const written =
    csv.begin() + Buffer.from(csv.rows(joinKnownHosts(hosts, undefined, []))).toString();
  const rows = readCsv(written);
  const at = rows[0]!.indexOf('vendor');
  assert.deepEqual(
    rows.slice(1).map((row) => row[at]),
    macs.map((mac) => `'${vendorOf(mac)}`),
  );
  // Of all names: the package could bring others tomorrow.
  const vendor = shape.columns.find(({ name }) => name === 'vendor')!;
  const table = recordTable([vendor], settings);
  REGISTERED['000000'] = '\u001b]0;owned\u0007=cmd()\u202e';
  const drawn = String(
    table.rows(joinKnownHosts([hostOf('192.0.2.1', '00:00:00:00:00:01')], undefined, [])),
  );
  for (const trick of ['\u001b', '\u0007', '\u202e']) assert.ok(!drawn.includes(trick), drawn);
  assert.match(drawn, /owned/);
});
