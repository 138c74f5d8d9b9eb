/** The screen as a function of what is known, what is chosen and the size of the terminal. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { textWidth } from '../../../src/report/terminal-text.ts';
import { SORT_KEYS } from '../../../src/watch/host-order.ts';
import { watchScreen } from '../../../src/watch/screen.ts';
import { msText } from '../../../src/watch/screen-columns.ts';
import type { WatchedHosts } from '../../../src/watch/watched-hosts.ts';
import { HOSTILE_NAMES } from '../../browser/hostile-names.ts';
import { atSecond, replied, SIZE, silent, stateWith, viewOf, watched } from './samples.ts';

/** .1 fast, .2 slow with jitter, .3 lossy and down now, .4 never there. */
const MIXED = watched([
  [replied('192.0.2.1', 1), replied('192.0.2.2', 20), replied('192.0.2.3', 5), silent('192.0.2.4')],
  [replied('192.0.2.1', 1), replied('192.0.2.2', 40), silent('192.0.2.3'), silent('192.0.2.4')],
  [replied('192.0.2.1', 1), replied('192.0.2.2', 20), silent('192.0.2.3'), silent('192.0.2.4')],
]);

/** The last octets of the addresses on the screen. */
function order(hosts: WatchedHosts, values: Parameters<typeof stateWith>[0]): string {
  return watchScreen(viewOf(hosts), stateWith(values), SIZE)
    .flatMap((line) => /192\.0\.2\.(\d+)/.exec(line)?.[1] ?? [])
    .join('');
}

function rowOf(address: string, lines: readonly string[]): string[] {
  return lines
    .find((line) => line.includes(address))!
    .trim()
    .split(/ {2,}| (?=\d)/);
}

describe('the order', () => {
  test('goes by what the key says, the worst first, without a value last', () => {
    assert.equal(order(MIXED, { sort: 'address' }), '1234');
    assert.equal(order(MIXED, { sort: 'loss' }), '4312');
    assert.equal(order(MIXED, { sort: 'rtt' }), '2314');
    assert.equal(order(MIXED, { sort: 'jitter' }), '2134');
    assert.equal(order(MIXED, { sort: 'changes' }), '3124');
  });

  test('is turned round, but hosts without a value stay last', () => {
    assert.equal(order(MIXED, { sort: 'address', isReversed: true }), '4321');
    assert.equal(order(MIXED, { sort: 'rtt', isReversed: true }), '1324');
  });
});

describe('the lines', () => {
  test('show each host with its figures', () => {
    const screen = watchScreen(viewOf(MIXED), stateWith(), { ...SIZE, width: 120 });
    assert.match(
      screen[0]!,
      /^4 hosts: 2 up, 2 down {2}3 rounds, one every 1\.0 s {2}3\.0 s {2}times in ms$/,
    );
    assert.deepEqual(rowOf('192.0.2.2', screen), [
      ...['192.0.2.2', 'up', '0.0', '20.00', '20.00', '20.13', '40.00', '40.00', '20.00', '0'],
    ]);
  });

  test('mark what changed, with its time', () => {
    const screen = watchScreen(viewOf(MIXED), stateWith(), SIZE);
    assert.match(screen.find((line) => line.includes('192.0.2.3'))!, /^▼ .* down \d\d:\d\d:01$/);
    const plain = watchScreen(viewOf(MIXED), stateWith(), { ...SIZE, isPlain: true });
    assert.match(plain.find((line) => line.includes('192.0.2.3'))!, /^v /);
    const narrow = watchScreen(viewOf(MIXED), stateWith(), { ...SIZE, width: 12, isPlain: true });
    assert.match(narrow.join(''), /^[ -~]*$/);
    const later = viewOf(MIXED, { now: atSecond(60) });
    assert.match(
      watchScreen(later, stateWith(), SIZE).find((line) => line.includes('192.0.2.3'))!,
      /^ {2}192/,
    );
  });

  test('show the latest change, or what is wrong', () => {
    const hosts = watched([[replied('192.0.2.1', 1)], [silent('192.0.2.1')]]);
    const [change] = hosts.addRound([silent('192.0.2.1')], atSecond(2));
    const news = watchScreen(viewOf(hosts, { change }), stateWith(), SIZE)[1]!;
    assert.match(news, /^\d\d:\d\d:01 {2}192\.0\.2\.1 went down \(no-response\)$/);
    const trouble = viewOf(hosts, { change, trouble: 'the interface went down' });
    assert.equal(watchScreen(trouble, stateWith(), SIZE)[1], 'the interface went down');
  });

  test('say that a watch is paused, that rounds take longer, and what is hidden', () => {
    const [title] = watchScreen(
      viewOf(MIXED, { roundMs: 4100 }),
      stateWith({ isPaused: true, hidesSilent: true }),
      SIZE,
    );
    assert.match(
      title!,
      /^PAUSED {2}4 hosts: 2 up, 2 down {2}1 hidden {2}.* \(rounds take 4\.1 s\)/,
    );
    assert.equal(order(MIXED, { hidesSilent: true }), '123');
  });

  test('name the part that is shown, and only keys that are read', () => {
    const low = { ...SIZE, height: 8 };
    const many = watched([Array.from({ length: 30 }, (_, i) => replied(`192.0.2.${i + 1}`, 1))]);
    const last = (values: object, state = {}) =>
      watchScreen(viewOf(many, values), stateWith(state), low).at(-1)!;
    assert.match(last({}), /^1-4 of 30 {2}q quit/);
    assert.match(last({}, { scrolled: 1000 }), /^27-30 of 30 /);
    assert.equal(last({ hasKeys: false }), '1-4 of 30  Ctrl-C quit');
  });

  test('have colours only if these are wanted', () => {
    const plain = watchScreen(viewOf(MIXED), stateWith(), SIZE);
    const coloured = watchScreen(viewOf(MIXED), stateWith(), { ...SIZE, colour: true });
    assert.doesNotMatch(plain.join(''), /\p{Cc}/u);
    assert.ok(coloured.join('').includes('\u001B[32mup'));
    assert.deepEqual(
      coloured.map((line) => stripVTControlCharacters(line).trimEnd()),
      plain,
    );
  });

  test('of a host show as many figures as there is room for, the most useful first', () => {
    const heading = (width: number) =>
      watchScreen(viewOf(MIXED), stateWith(), { ...SIZE, width })[2]!;
    assert.equal(heading(40).trim(), 'address▲   status        loss %');
    const short = viewOf(watched([[replied('::1', 1)]]));
    assert.match(watchScreen(short, stateWith(), SIZE)[2]!, /^ {2}address▲ /);
    assert.match(heading(80), /last +median +p95 +last change$/);
    assert.match(heading(200), /last +min +median +p95 +max +jitter +changes +last change$/);
  });
});

test('a screen is exactly as large as its terminal, whatever that is and whatever is shown', () => {
  const names = [...HOSTILE_NAMES, '漢字'.repeat(30), null];
  const hosts = watched([
    names.map((hostname, i) => ({
      ...replied(`2001:db8:ffff:ffff:ffff:ffff:0:${i}`, 1),
      hostname,
    })),
    names.map((hostname, i) => ({ ...silent(`2001:db8:ffff:ffff:ffff:ffff:0:${i}`), hostname })),
    names.map((hostname, i) => ({ ...silent(`2001:db8:ffff:ffff:ffff:ffff:0:${i}`), hostname })),
  ]);
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 220 }),
      fc.integer({ min: 1, max: 40 }),
      fc.constantFrom(...SORT_KEYS),
      fc.integer({ min: 0, max: 60 }),
      fc.boolean(),
      (width, height, sort, scrolled, isPaused) => {
        const size = { width, height, colour: false, isPlain: false };
        const lines = watchScreen(viewOf(hosts), stateWith({ sort, scrolled, isPaused }), size);
        assert.equal(lines.length, height);
        for (const line of lines) {
          assert.ok(textWidth(line) <= width, `${width}: ${line}`);
          assert.doesNotMatch(line, /[\p{Cc}\p{Cf}]/u);
        }
      },
    ),
  );
});

test('times have four digits, or as many as it takes', () => {
  assert.deepEqual([0.0123, 9.9996, 12.345, 99.996, 123.45, 999.96, 12_345, null].map(msText), [
    '0.012',
    '10.00',
    '12.35',
    '100.0',
    '123.5',
    '1000',
    '12345',
    '-',
  ]);
});
