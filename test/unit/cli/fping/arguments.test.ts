/** The command line of fping, read as fping reads it. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseArguments } from '../../../../src/cli/fping/arguments.ts';
import { FpingEnded } from '../../../../src/cli/fping/ended.ts';
import { defaultOptions, FPING_OPTIONS } from '../../../../src/cli/fping/options.ts';
import { planOf, settingsOf } from '../../../../src/cli/fping/settings.ts';
import { tableOf, textOf } from '../../../docs/markdown.ts';

function optionsOf(line: string) {
  return parseArguments(line.split(' ')).options;
}

function endOf(line: string): { text: string; code: number; stream: string } {
  try {
    parseArguments(line.split(' '));
  } catch (error) {
    if (error instanceof FpingEnded) return error;
    throw error;
  }
  return assert.fail(`${line} was accepted`);
}

describe('the command line of fping', () => {
  test('without options has the defaults of fping', () => {
    const { options, targets } = parseArguments(['host']);
    assert.deepEqual(options, defaultOptions());
    assert.deepEqual(targets, ['host']);
    const settings = settingsOf(options);
    assert.deepEqual(
      [settings.count, settings.retries, settings.timeoutMs, settings.backoff, settings.ratePps],
      [1, 3, 500, 1.5, 100],
    );
    assert.deepEqual(planOf(options), { probes: 4, longestRttMs: 500 * 1.5 ** 3 });
  });

  test('takes values attached, in the next word and after an equals sign', () => {
    for (const line of ['-c3 x', '-c 3 x', '--count=3 x', '--count 3 x', '-qac3 x', 'x -c 3'])
      assert.equal(optionsOf(line).count, 3, line);
  });

  test('takes what follows -- for targets', () => {
    assert.deepEqual(parseArguments(['-a', '--', '-u', 'x']).targets, ['-u', 'x']);
  });

  test('takes a single - for a target', () => {
    assert.deepEqual(parseArguments(['-']).targets, ['-']);
  });

  test('reads numbers as C does: as far as they go', () => {
    const options = optionsOf('-t 1.5e2xyz -i 2. -p .5 -r 7x -O 0x1F -b 010 x');
    assert.deepEqual(
      [options.timeoutMs, options.intervalMs, options.periodMs, options.retries],
      [150, 2, 0.5, 7],
    );
    assert.deepEqual([options.tos, options.sizeOctets], [31, 10]);
    assert.equal(optionsOf('-O 020 x').tos, 16);
  });

  test('waits for the period in count mode, but not longer than two seconds', () => {
    assert.equal(settingsOf(optionsOf('-c 2 -p 300 x')).timeoutMs, 300);
    assert.equal(settingsOf(optionsOf('-c 2 -p 5000 x')).timeoutMs, 2000);
    assert.equal(settingsOf(optionsOf('-c 2 -p 300 -t 900 x')).timeoutMs, 900);
  });

  test('never retries in count mode', () => {
    const settings = settingsOf(optionsOf('-c 1 -r 5 x'));
    assert.deepEqual([settings.count, settings.retries], [1, 0]);
  });

  test('sends as fast as the system can with an interval of 0', () => {
    assert.equal(settingsOf(optionsOf('-i 0 x')).ratePps, Number.POSITIVE_INFINITY);
  });

  test('raises a payload that is too small for our token', () => {
    assert.equal(settingsOf(optionsOf('-b 12 x')).payloadBytes, 24);
  });

  test('caps retries whose timeouts would grow beyond a day', () => {
    const { retries, timeoutMs, backoff } = settingsOf(optionsOf('-r 2147483647 -B 5 x'));
    assert.ok(timeoutMs * backoff ** retries <= 86_400_000);
    assert.equal(settingsOf(optionsOf('-r 2147483647 -B 1 x')).retries, 999);
  });

  test('takes -1 retries for none, and refuses fewer and negative counts for want of room', () => {
    for (const line of ['-r -1 x', '-r 4294967295 x', '--retry=-1 x'])
      assert.equal(optionsOf(line).retries, 0, line);
    for (const line of [
      '-r -2 x',
      '-r 2147483648 x',
      '-c 1 -r -2 x',
      '-c -1 x',
      '-C -2147483648 x',
    ]) {
      const { text, code, stream } = endOf(line);
      assert.equal(text, "fping: can't allocate resp_times array\n", line);
      assert.deepEqual([code, stream], [4, 'stderr']);
    }
    assert.match(endOf('-c 2147483647 x').text, /^fping: count 2147483647 is more than 1000;/);
  });

  test('takes a number that 64 bits cannot hold for the largest, and wraps a smaller one around', () => {
    const beyond = ['18446744073709551616', '99999999999999999999', '-99999999999999999999'];
    for (const number of beyond) {
      assert.match(endOf(`-b ${number} x`).text, /^fping: data size 4294967295 not valid/);
      assert.equal(endOf(`-H ${number} x`).text, 'fping: ttl 4294967295 out of range\n');
      assert.equal(optionsOf(`-r ${number} x`).retries, 0);
    }
    assert.equal(optionsOf('-b 18446744069414584332 x').sizeOctets, 12);
    assert.equal(optionsOf('-c 4294967297 x').count, 1);
  });

  test('keeps the default of -b, -O and -r if their value is empty, and refuses other empty values', () => {
    const { options } = parseArguments(['-b', '', '-O', ' ', '--retry=', 'x']);
    assert.deepEqual(options, defaultOptions());
    for (const letter of 'BcCHiptQxX') {
      assert.throws(() => parseArguments([`-${letter}`, '', 'x']), FpingEnded, letter);
    }
  });

  test('ends with exit code 1 at the first fault', () => {
    const see = "see 'fping -h' for usage information\n";
    assert.equal(endOf('-Z -c').text, `fping: invalid option -- 'Z'\n${see}`);
    assert.equal(endOf('--nosuch=3').text, `fping: invalid option -- 'nosuch=3'\n${see}`);
    assert.equal(endOf('-c').text, `fping: option requires an argument -- 'c'\n${see}`);
    assert.equal(endOf('--alive=1').text, `fping: option takes no arguments -- 'alive'\n${see}`);
    assert.equal(endOf('-a -u x').text, 'fping: specify only one of a, u\n');
    assert.equal(endOf('-4 -6 x').text, "fping: can't specify both -4 and -6\n");
    for (const line of ['-Z', '-a -u x', '-c x', '-g', '-f list x', '-f list -g x', '-g a b c'])
      assert.equal(endOf(line).code, 1, line);
  });

  test('refuses JSON outside count mode as fping 5.5 does', () => {
    assert.equal(endOf('-J x').text, 'fping: option -J, --json requires -c, -C, or -l\n');
  });

  test('points to echosweep watch for what never ends', () => {
    assert.match(endOf('-l x').text, /^fping: loop mode \(-l\) .* echosweep watch/);
    assert.match(endOf('-c 100000 x').text, /^fping: count 100000 .* echosweep watch/);
  });

  test('prints help and version on standard output', () => {
    assert.deepEqual([endOf('-h').stream, endOf('-h').code], ['stdout', 0]);
    assert.match(endOf('-h').text, /^Usage: fping \[options\] \[targets\.\.\.\]\n/);
    assert.match(endOf('-a -v').text, /^fping: Version 5\.\d/);
  });
});

test('the page about fping has each option once', () => {
  const written = tableOf(textOf('docs/integrations/fping.md'), 'Option').map(([flags]) => flags);
  const options = FPING_OPTIONS.map(({ letter, name }) =>
    name === '' ? `\`-${letter}\`` : `\`-${letter}\`, \`--${name}\``,
  );
  assert.deepEqual(written.sort(), options.sort());
});
