/** A call of fping from the rows of its sweep to its lines and its exit code. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseAddress } from '../../../../src/address.ts';
import { parseArguments } from '../../../../src/cli/fping/arguments.ts';
import { FpingRun } from '../../../../src/cli/fping/fping-run.ts';
import { LiveReader } from '../../../../src/cli/fping/live-reader.ts';
import { isVerbose } from '../../../../src/cli/fping/options.ts';
import { ProbedHosts } from '../../../../src/cli/fping/probed-hosts.ts';
import { planOf } from '../../../../src/cli/fping/settings.ts';
import { TextOutput } from '../../../../src/cli/fping/text-output.ts';
import type { HostResult } from '../../../../src/results/host-result.ts';
import { LIVE_PROBE, makeLiveProbes, showProbe } from '../../../../src/results/live-probes.ts';
import { silentHost } from '../../report/samples.ts';

const MS = 1e6;

/** Runs without a sweep: tests hand it what a sweep would. */
function runOf(line: string) {
  const { options, targets } = parseArguments(line.split(' '));
  const plan = planOf(options);
  const probed = new ProbedHosts(
    targets.map((name) => ({
      name,
      shown: name,
      addressText: name,
      address: { ...parseAddress(name)!, zone: '' },
    })),
    plan.probes,
  );
  const written = { stdout: '', stderr: '', both: '' };
  const live = makeLiveProbes(probed.targetSet.count, plan.probes);
  const output = new TextOutput({
    width: 9,
    replyOctets: 64,
    timestamps: false,
    isQuiet: !isVerbose(options),
    listsRtts: options.listsRtts,
    outagePeriodMs: undefined,
    isCumulative: false,
  });
  const run = new FpingRun(
    options,
    plan,
    probed,
    output,
    {
      stdout: (text) => {
        written.stdout += text;
        written.both += text;
      },
      stderr: (text) => {
        written.stderr += text;
        written.both += text;
      },
    },
    new LiveReader(live),
    () => 0,
  );
  return { run, written, live };
}

function rowOf(address: string, pattern: string, rttsMs: (number | null)[], more = {}): HostResult {
  return silentHost({ address, pattern, rttsMs, received: pattern.split('!').length - 1, ...more });
}

describe('a call of fping in its default mode', () => {
  test('names each target as it is, and ends with 1', () => {
    const { run, written } = runOf('192.0.2.1 192.0.2.2');
    run.takeRows([rowOf('192.0.2.2', '!', [1.5])]);
    assert.equal(written.stdout, '192.0.2.2 is alive\n');
    run.takeRows([rowOf('192.0.2.1', '....', [null, null, null, null])]);
    assert.equal(run.finish(undefined, 0, 0), 1);
    assert.equal(written.stdout, '192.0.2.2 is alive\n192.0.2.1 is unreachable\n');
  });

  test('names a target that is alive as soon as the memory shows it, and only once', () => {
    const { run, written, live } = runOf('-a -e 192.0.2.1');
    showProbe(live, 0, 1, LIVE_PROBE.reply, 10, 2 * MS);
    run.look();
    run.takeRows([rowOf('192.0.2.1', '.!', [null, 2], { responder: '192.0.2.9' })]);
    assert.equal(written.stdout, '192.0.2.1 (2.00 ms)\n');
  });

  test('marks the line of a target for which another address replied, and no other', () => {
    const { run, written, live } = runOf('-a 192.0.2.1 192.0.2.2');
    showProbe(live, 0, 0, LIVE_PROBE.replyOfOther, 10, 1 * MS);
    showProbe(live, 1, 0, LIVE_PROBE.reply, 20, 1 * MS);
    run.takeRows([rowOf('192.0.2.1', '!', [1], { responder: '192.0.2.9' })]);
    assert.equal(written.both, '192.0.2.2\n [<- 192.0.2.9]192.0.2.1\n');
  });

  test('does not take a host for alive that answers ARP only', () => {
    const { run, written } = runOf('-a 192.0.2.1');
    run.takeRows([rowOf('192.0.2.1', '....', [null, null, null, null], { status: 'up' })]);
    assert.equal(run.finish(undefined, 0, 0), 1);
    assert.equal(written.stdout, '');
  });

  test('does not take a reply that is slower than any timeout', () => {
    const { run } = runOf('-t 50 -r 0 192.0.2.1');
    run.takeRows([rowOf('192.0.2.1', '!', [51])]);
    assert.equal(run.finish(undefined, 0, 0), 1);
  });

  test('prints a line for each error of a router, unless it is to be quiet', () => {
    const row = rowOf('192.0.2.1', 'UU.', [null, null, null], {
      ...{ icmpType: 3, icmpCode: 1, responder: '192.0.2.9' },
    });
    const loud = runOf('192.0.2.1');
    loud.run.takeRows([row]);
    const line = 'ICMP Host Unreachable from 192.0.2.9 for ICMP Echo sent to 192.0.2.1\n';
    assert.equal(loud.written.stderr, line.repeat(2));
    const quiet = runOf('-q 192.0.2.1');
    quiet.run.takeRows([row]);
    assert.equal(quiet.written.stderr, '');
  });

  test('ends with 2 if a name was not known, whatever the others are', () => {
    const { run } = runOf('-q 192.0.2.1');
    assert.equal(run.finish(undefined, 1, 0), 2);
  });

  test('reports a target that is given twice twice', () => {
    const { run, written } = runOf('-a 192.0.2.1 192.0.2.1');
    run.takeRows([rowOf('192.0.2.1', '!', [1])]);
    assert.equal(written.stdout, '192.0.2.1\n192.0.2.1\n');
    assert.equal(run.finish(undefined, 0, 0), 0);
  });

  test('has enough once as many are alive', () => {
    const { run } = runOf('-X 1 192.0.2.1 192.0.2.2');
    assert.equal(run.isEnough, false);
    run.takeRows([rowOf('192.0.2.1', '!', [1])]);
    assert.equal(run.isEnough, true);
  });
});

describe('a call of fping in count mode', () => {
  test('prints probes as the memory shows them, and each once', () => {
    const { run, written, live } = runOf('-c 2 192.0.2.1');
    showProbe(live, 0, 0, LIVE_PROBE.reply, 10, 1 * MS);
    run.look();
    const first = '192.0.2.1 : [0], 64 bytes, 1.00 ms (1.00 avg, 0% loss)\n';
    assert.equal(written.stdout, first);
    run.takeRows([rowOf('192.0.2.1', '!.', [1, null])]);
    const second = '192.0.2.1 : [1], timed out (1.00 avg, 50% loss)\n';
    assert.equal(written.stdout, first + second);
    assert.equal(run.finish(undefined, 0, 0), 0);
    assert.equal(
      written.stderr,
      '\n192.0.2.1 : xmt/rcv/%loss = 2/1/50%, min/avg/max = 1.00/1.00/1.00\n',
    );
  });

  test('prints no probes with -a, -u or -x', () => {
    for (const letter of ['-a', '-u', '-x 1']) {
      const { run, written, live } = runOf(`${letter} -c 2 192.0.2.1`);
      showProbe(live, 0, 0, LIVE_PROBE.reply, 10, 1 * MS);
      run.look();
      run.takeRows([rowOf('192.0.2.1', '!.', [1, null])]);
      assert.equal(written.stdout, '');
      run.finish(undefined, 0, 0);
      assert.match(written.stderr, /^192\.0\.2\.1 : xmt/);
    }
  });

  test('drops a reply that is slower than the timeout', () => {
    const { run, written, live } = runOf('-c 1 -t 50 192.0.2.1');
    showProbe(live, 0, 0, LIVE_PROBE.reply, 10, 51 * MS);
    run.takeRows([rowOf('192.0.2.1', '!', [51])]);
    assert.equal(written.stdout, '192.0.2.1 : [0], timed out (NaN avg, 100% loss)\n');
    assert.equal(run.finish(undefined, 0, 0), 1);
  });

  test('counts the reply to a further probe in the place of the silent one', () => {
    const { run, written, live } = runOf('-C 2 -q 192.0.2.1');
    showProbe(live, 0, 0, LIVE_PROBE.reply, 10, 1 * MS);
    showProbe(live, 0, 1, LIVE_PROBE.silence, 20, Number.NaN);
    run.takeRows([rowOf('192.0.2.1', '!.!', [1, null, 3])]);
    run.finish(undefined, 0, 0);
    assert.equal(written.stderr, '192.0.2.1 : 1.00 3.00\n');
  });

  test('has as many columns as probes for a host that was given up', () => {
    const { run, written } = runOf('-C 4 -q 192.0.2.1');
    run.takeRows([rowOf('192.0.2.1', 'UU', [null, null])]);
    run.finish(undefined, 0, 0);
    assert.equal(written.stderr, '192.0.2.1 : - - - -\n');
  });

  test('says nothing about probes that could not be sent, but counts them', () => {
    const { run, written } = runOf('-c 2 192.0.2.1');
    run.takeRows([rowOf('192.0.2.1', 'E', [null], { sent: 0, status: 'error' })]);
    run.finish(undefined, 0, 0);
    assert.equal(written.stdout, '');
    assert.equal(written.stderr, '\n192.0.2.1 : xmt/rcv/%loss = 2/0/100%\n');
  });

  test('that is stopped counts only what is known', () => {
    const { run, written, live } = runOf('-c 3 -q 192.0.2.1');
    showProbe(live, 0, 0, LIVE_PROBE.reply, 10, 1 * MS);
    run.isStopped = true;
    run.takeRows([rowOf('192.0.2.1', '!.', [1, null])]);
    run.finish(undefined, 0, 0);
    assert.match(written.stderr, /^192\.0\.2\.1 : xmt\/rcv\/%loss = 1\/1\/0%/);
  });

  test('names the address that replied in the place of the target, right before the line', () => {
    const { run, written, live } = runOf('-c 2 192.0.2.1 192.0.2.2');
    showProbe(live, 0, 0, LIVE_PROBE.replyOfOther, 10, 1 * MS);
    showProbe(live, 1, 0, LIVE_PROBE.reply, 20, 1 * MS);
    run.look();
    const other = '192.0.2.2 : [0], 64 bytes, 1.00 ms (1.00 avg, 0% loss)\n';
    assert.equal(written.both, other);
    run.takeRows([rowOf('192.0.2.1', '!!', [1, 1], { responder: '192.0.2.9' })]);
    const line = (probe: number): string =>
      ` [<- 192.0.2.9]192.0.2.1 : [${probe}], 64 bytes, 1.00 ms (1.00 avg, 0% loss)\n`;
    assert.equal(written.both, other + line(0) + line(1));
  });
});
