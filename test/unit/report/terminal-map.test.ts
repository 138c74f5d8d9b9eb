/** What the map in the terminal promises: every address in its place, in any size. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { AddressRuns, rowAddress } from '../../../src/report/address-runs.ts';
import { type MapCells, type MapLook, terminalMap } from '../../../src/report/terminal-map.ts';
import { textWidth } from '../../../src/report/terminal-text.ts';
import { CELL_EMPTY, cellCode } from '../../../src/results/cell-code.ts';

const CODES = {
  fast: cellCode('up', 'echo-reply', 0.1),
  slow: cellCode('up', 'echo-reply', 100),
  unreachable: cellCode('unreachable', 'admin-prohibited', null),
  down: cellCode('down', 'no-response', null),
  error: cellCode('error', 'no-route', null),
  pending: CELL_EMPTY,
};
type Kind = keyof typeof CODES;

function mapOf(hosts: Readonly<Record<string, Kind>>): MapCells {
  const runs = new AddressRuns();
  for (const address of Object.keys(hosts)) runs.add(rowAddress(address));
  return { runs: runs.runs, codes: Uint8Array.from(Object.values(hosts), (kind) => CODES[kind]) };
}

/** The first `count` addresses of 10.0.0.0/8. */
function subnet(count: number, kindOf: (host: number) => Kind): MapCells {
  const run = { family: 4, zone: '', value: 10n << 24n, count } as const;
  return { runs: [run], codes: Uint8Array.from({ length: count }, (_, i) => CODES[kindOf(i)]) };
}

const LOOK: MapLook = { width: 80, height: 24, isPlain: false, colour: false };

describe('a map in the terminal', () => {
  test('has a character for each address, by outcome and RTT, and a legend of them', () => {
    const map = mapOf({
      '192.0.2.0': 'fast',
      '192.0.2.1': 'slow',
      '192.0.2.2': 'unreachable',
      '192.0.2.4': 'down',
      '192.0.2.5': 'error',
      '192.0.2.6': 'pending',
    });
    assert.deepEqual(terminalMap(map, { ...LOOK, width: 100 }), [
      '6 addresses, each character an address',
      '',
      '192.0.2.0  ▂█× ·!░',
      '',
      '▂█ up 2 (0.1 ms to 100 ms)   × unreachable 1   · silent 1   ! not sent 1   ░ waiting 1',
    ]);
  });

  test('keeps to ASCII where it has to', () => {
    const map = mapOf({ '192.0.2.0': 'fast', '192.0.2.1': 'slow', '192.0.2.2': 'unreachable' });
    const lines = terminalMap(map, { ...LOOK, isPlain: true });
    assert.equal(lines[2], '192.0.2.0  19x');
    assert.match(lines.join(''), /^[ -~]*$/);
  });

  test('paints where colours are wanted, without changing the text', () => {
    const map = subnet(256, (host) => (host % 3 === 0 ? 'down' : 'fast'));
    const painted = terminalMap(map, { ...LOOK, colour: true });
    assert.ok(painted.join('').includes('\u001B['));
    assert.deepEqual(painted.map(stripVTControlCharacters), terminalMap(map, LOOK));
  });

  test('begins each row at a prefix, and leaves room where nobody was asked', () => {
    const map = mapOf({ '192.0.2.63': 'down', '192.0.2.64': 'down', '192.0.3.1': 'down' });
    const rows = terminalMap(map, LOOK).slice(2, -2);
    assert.deepEqual(rows, [
      `192.0.2.0   ${' '.repeat(63 + 3)}·`,
      '192.0.2.64  ·',
      '192.0.3.0    ·',
    ]);
  });

  test('fits every size: subnets take the place of addresses that are too many', () => {
    const map = subnet(65_536, (host) => (host < 32_768 ? 'fast' : 'down'));
    for (const [width, height] of [
      [40, 10],
      [80, 24],
      [120, 50],
      [300, 100],
    ] as const) {
      const lines = terminalMap(map, { ...LOOK, width, height });
      assert.ok(lines.length <= height, `${lines.length} lines of ${height}`);
      assert.ok(lines.every((line) => textWidth(line) <= width));
      const cells = lines
        .filter((line) => line.startsWith('10.'))
        .join('')
        .replaceAll(/10\.[\d.]+| /g, '');
      assert.equal(cells.replaceAll('·', '').length, cells.length / 2);
      assert.match(lines[0]!, /^65,536 addresses, each character a \/\d\d$/);
    }
    assert.equal(terminalMap(map, { ...LOOK, height: Number.POSITIVE_INFINITY }).length, 1024 + 4);
  });

  test('fills a subnet by the share that is up, and waits for those that nobody knows of yet', () => {
    const kinds: Kind[] = ['fast', 'down', 'pending', 'pending'];
    const map = subnet(65_536, (host) => {
      const part = Math.floor(host / 16_384);
      return part === 0 && host % 2 === 0 ? 'down' : kinds[part]!;
    });
    const rows = terminalMap(map, LOOK).slice(2, -2);
    assert.match(rows[0]!, /^10\.0\.0\.0 +[▅ ]+$/);
    assert.match(rows.at(-1)!, /^10\.0\.[\d.]+ +[░ ]+$/);
  });

  test('names what each character means, however narrow the terminal', () => {
    const kinds: Kind[] = ['fast', 'unreachable', 'down', 'error', 'pending'];
    const map = subnet(64, (host) => kinds[host % 5]!);
    assert.deepEqual(terminalMap(map, { ...LOOK, width: 60 }).slice(-2), [
      '▂█ up 13 (0.1 ms to 1 ms)   × unreachable 13   · silent 13',
      '! not sent 13   ░ waiting 12',
    ]);
    assert.equal(
      terminalMap(map, { ...LOOK, width: 40, height: 12 }).at(-1),
      '▂█ 13  × 13  · 13  ! 13  ░ 12',
    );
  });

  test('keeps its scale while the answers come', () => {
    const rows = (kindOf: (host: number) => Kind): (string | undefined)[] =>
      terminalMap(subnet(1024, kindOf), { ...LOOK, height: 21 })
        .filter((line) => line.startsWith('10.'))
        .map((line) => line.split(' ')[0]);
    const kinds: Kind[] = ['fast', 'unreachable', 'down', 'error', 'pending'];
    assert.deepEqual(
      rows(() => 'pending'),
      rows((host) => kinds[host % 5]!),
    );
  });

  test('fits the smallest terminals, whatever the addresses', () => {
    const long = 'fe80:1111:2222:3333:4444:5555:6666:77%interface-of-a-name';
    const map = mapOf({ '192.0.2.1': 'fast', [`${long}0`]: 'slow', [`${long}1`]: 'error' });
    for (const isPlain of [true, false]) {
      for (const [width, height] of [
        [12, 2],
        [20, 1],
        [40, 4],
        [40, 10],
      ] as const) {
        const lines = terminalMap(map, { ...LOOK, width, height, isPlain });
        assert.ok(lines.length >= 1 && lines.length <= Math.max(3, height), lines.join('\n'));
        assert.ok(
          lines.every((line) => textWidth(line) <= width),
          lines.join('\n'),
        );
        if (isPlain) assert.match(lines.join(''), /^[ -~]*$/);
      }
    }
  });

  test('calls a character by its number of addresses where IPv4 and IPv6 are on one map', () => {
    const runs = [
      { family: 4, zone: '', value: 10n << 24n, count: 2048 },
      { family: 6, zone: '', value: 1n << 64n, count: 2048 },
    ] as const;
    const [title] = terminalMap({ runs, codes: new Uint8Array(4096) }, LOOK);
    assert.match(title!, /^4,096 addresses, each character \d+ addresses$/);
  });

  test('looks at scattered addresses a few times, not once for each scale', () => {
    class Counted extends Array<MapCells['runs'][number]> {
      looks = 0;
      override [Symbol.iterator](): ArrayIterator<MapCells['runs'][number]> {
        this.looks++;
        return super[Symbol.iterator]();
      }
    }
    const runs = new Counted();
    for (let i = 1n; i <= 1000n; i++) {
      runs.push({ family: 6, zone: '', value: i << 115n, count: 1 });
    }
    const lines = terminalMap({ runs, codes: new Uint8Array(1000) }, LOOK);
    assert.ok(lines.length <= LOOK.height);
    assert.ok(runs.looks < 15, `${runs.looks}`);
  });

  test('makes no times up where the report has none', () => {
    const map = {
      ...mapOf({ '192.0.2.1': 'fast' }),
      codes: Uint8Array.of(cellCode('up', null, null)),
    };
    assert.deepEqual(terminalMap(map, LOOK), [
      '1 address, each character an address',
      '',
      '192.0.2.0   ▂',
      '',
      '▂█ up 1',
    ]);
  });

  test('lets nothing of a zone move the cursor', () => {
    const map = mapOf({ 'fe80::1%\u001B[2J': 'fast' });
    assert.doesNotMatch(terminalMap(map, LOOK).join(''), /\p{Cc}/u);
  });

  test('tells IPv6 and zones apart', () => {
    const map = mapOf({ 'fe80::1%eth0': 'fast', 'fe80::1%eth1': 'down', '2001:db8::1': 'down' });
    assert.deepEqual(
      terminalMap(map, LOOK)
        .slice(2, -2)
        .map((line) => line.split(' ')[0]),
      ['fe80::%eth0', 'fe80::%eth1', '2001:db8::'],
    );
  });
});
