/** What fping prints, from counts and times that are given. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { rttText, type ShownHost } from '../../../../src/cli/fping/count-output.ts';
import { HostTally, RttTotals } from '../../../../src/cli/fping/host-tally.ts';
import { icmpWords } from '../../../../src/cli/fping/icmp-words.ts';
import { JsonOutput } from '../../../../src/cli/fping/json-output.ts';
import { netdataText } from '../../../../src/cli/fping/netdata-output.ts';
import { plannedProbes } from '../../../../src/cli/fping/planned-probes.ts';
import { TextOutput } from '../../../../src/cli/fping/text-output.ts';

const STYLE = {
  width: 12,
  replyOctets: 64,
  timestamps: false,
  isQuiet: false,
  listsRtts: false,
  outagePeriodMs: undefined,
  isCumulative: false,
} as const;
const MS = 1e6;

/** @param rttsMs undefined for a lost probe */
function hostOf(shown: string, ...rttsMs: (number | undefined)[]): ShownHost {
  const tally = new HostTally(5);
  rttsMs.forEach((rttMs, probe) => {
    if (rttMs === undefined) tally.addLoss(probe);
    else tally.addReply(probe, rttMs * MS);
  });
  return { name: shown, shown, tally };
}

describe('fping text', () => {
  test('has three significant digits in times', () => {
    const texts = [0.0004, 0.9994, 1, 9.994, 10, 99.94, 100, 1234.5].map((ms) => rttText(ms * MS));
    assert.deepEqual(texts, ['0.000', '0.999', '1.00', '9.99', '10.0', '99.9', '100', '1235']);
  });

  test('pads targets to the longest', () => {
    const line = new TextOutput(STYLE).reply(hostOf('10.0.0.1', 0.5), 0, 0.5 * MS, 0);
    assert.equal(line, '10.0.0.1     : [0], 64 bytes, 0.500 ms (0.500 avg, 0% loss)');
  });

  test('has no average before the first reply', () => {
    const line = new TextOutput(STYLE).timeout(hostOf('a', undefined), 0, 0);
    assert.equal(line, 'a            : [0], timed out (NaN avg, 100% loss)');
  });

  test('rounds loss down to whole per cent', () => {
    const host = hostOf('a', 1, undefined, 2);
    assert.match(new TextOutput(STYLE).timeout(host, 1, 0), / \(1\.50 avg, 33% loss\)$/);
  });

  test('begins lines with the time if that is wanted', () => {
    const output = new TextOutput({ ...STYLE, timestamps: true });
    assert.match(
      output.timeout(hostOf('a', undefined), 0, 1_596_092_373_184.23),
      /^\[1596092373\.18423\] a /,
    );
  });

  test('sums up loss, outage and times', () => {
    const output = new TextOutput({ ...STYLE, width: 1, outagePeriodMs: 50 });
    assert.equal(
      output.summary([hostOf('a', 1, undefined, 2), hostOf('b', undefined)]),
      '\na : xmt/rcv/%loss = 3/2/33%, outage(ms) = 50, min/avg/max = 1.00/1.50/2.00\n' +
        'b : xmt/rcv/%loss = 1/0/100%, outage(ms) = 50\n',
    );
  });

  test('lists the times of all probes sent', () => {
    const output = new TextOutput({ ...STYLE, width: 1, listsRtts: true, isQuiet: true });
    assert.equal(output.summary([hostOf('a', 1, undefined, 2)]), 'a : 1.00 - 2.00\n');
  });

  test('has interim results since the last ones, or of the whole run', () => {
    const host = hostOf('a', 1, 2);
    host.tally.interval = new RttTotals();
    const at = new Date(2026, 0, 2, 3, 4, 5);
    const style = { ...STYLE, width: 1, isQuiet: true };
    assert.equal(
      new TextOutput(style).interim([host], at),
      '[03:04:05]\na : xmt/rcv/%loss = 0/0/0%\n',
    );
    assert.equal(
      new TextOutput({ ...style, isCumulative: true }).interim([host], at),
      '[03:04:05]\na : xmt/rcv/%loss = 2/2/0%, min/avg/max = 1.00/1.50/2.00\n',
    );
  });

  test('has words for every ICMP error', () => {
    assert.equal(icmpWords(3, 1), 'ICMP Host Unreachable');
    assert.equal(icmpWords(3, 99), 'ICMP Unreachable (Invalid Code)');
    assert.equal(icmpWords(11, 1), 'ICMP Time Exceeded');
    assert.equal(icmpWords(12, 0), 'ICMP Parameter Problem');
  });
});

describe('fping JSON', () => {
  test('is as the documentation of fping 5.5 shows it', () => {
    const output = new JsonOutput(STYLE);
    const host = hostOf('a', 1, undefined, 2);
    assert.equal(
      output.reply(host, 0, MS, 0),
      '{"resp": {"host": "a", "seq": 0, "size": 64, "rtt": 1.00}}',
    );
    assert.equal(output.timeout(host, 1, 0), '{"timeout": {"host": "a", "seq": 1}}');
    assert.equal(
      output.summary([host]),
      '{"summary": {"host": "a", "xmt": 3, "rcv": 2, "loss": 33, "rttMin": 1.00, "rttAvg": 1.50, "rttMax": 2.00}}\n',
    );
    assert.equal(
      new JsonOutput({ ...STYLE, listsRtts: true }).summary([host]),
      '{"vSum": {"host": "a", "values": [1.00, null, 2.00]}}\n',
    );
    assert.equal(
      output.interim([hostOf('a', undefined)], new Date(1_733_560_000_900)),
      '{"intSum": {"time": 1733560000, "host": "a", "xmt": 1, "rcv": 0, "loss": 100}}\n',
    );
  });

  test('can be parsed, whatever a target is called', () => {
    const name = 'a"b\\c\u0007\u2028';
    const text = new JsonOutput(STYLE).summary([hostOf(name, 1)]);
    assert.equal(text.trimEnd().split('\n').length, 1);
    assert.equal(JSON.parse(text).summary.host, name);
  });
});

describe('output for netdata', () => {
  test('declares charts only once, with names that netdata allows', () => {
    const host = hostOf('2001:db8::1', 1);
    assert.match(
      netdataText([host], true, 2000),
      /^CHART fping\.2001_db8__1_packets '' 'FPing Packets for host 2001:db8::1' packets '2001:db8::1' fping\.packets line 110020 2\n/,
    );
    assert.match(
      netdataText([host], false, 2000),
      /^BEGIN fping\.2001_db8__1_packets\nSET xmt = 1\nSET rcv = 1\nEND\n/,
    );
  });

  test('sets no times without a reply', () => {
    const text = netdataText([hostOf('a', undefined)], false, 1000);
    assert.match(text, /SET returned = 0\nEND\nBEGIN fping\.a_latency\nEND\n$/);
  });
});

describe('the probes of a row', () => {
  test('are as many as planned', () => {
    assert.deepEqual(
      plannedProbes({ pattern: '!..', rttsMs: [1, null, null] }, 2).map(({ mark }) => mark),
      ['!', '.'],
    );
  });

  test('take the reply to a further one in the place of the last without a reply', () => {
    const probes = plannedProbes({ pattern: '.!.!', rttsMs: [null, 1, null, 9] }, 3);
    assert.deepEqual(probes, [
      { mark: '.', rttMs: null },
      { mark: '!', rttMs: 1 },
      { mark: '!', rttMs: 9 },
    ]);
  });

  test('are not lost if a further one stays silent as well', () => {
    const probes = plannedProbes({ pattern: '.!.', rttsMs: [null, 1, null] }, 2);
    assert.deepEqual(
      probes.map(({ mark }) => mark),
      ['.', '!'],
    );
  });
});
