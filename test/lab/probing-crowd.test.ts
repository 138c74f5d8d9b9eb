/** Several pingers on one host, echosweep among them: nobody takes another's answers. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { labTest, labTestUnless } from './lab-test.ts';
import { start } from './run.ts';
import { once, type SweepReport, sweep } from './sweep-report.ts';

const TARGETS = ['10.79.16.0/23', 'fd00:79::1000/119'];
const HOSTS = 510 + 512;
const noFping =
  spawnSync('fping', ['--version']).status === 0 ? undefined : 'fping is not installed';

/** Everybody asks the same hosts at the same time. */
const crowd = once(async () => {
  const options = '-c 4 -p 200 --rate max';
  const [raw, rawAgain, dgram, system, ping, fping] = await Promise.all([
    sweep(`--engine raw -w 2 ${options}`, TARGETS),
    sweep(`--engine raw ${options}`, TARGETS),
    sweep(`--engine dgram ${options}`, TARGETS, { as: 'ordinary-user' }),
    sweep('--engine system -c 4 -p 200', ['10.79.16.0/27']),
    start(['ping', '-n', '-q', '-c', '100', '-i', '0.01', '10.79.16.9']).finished,
    noFping === undefined
      ? start(['fping', '-q', '-c', '4', '-p', '200', '-i', '1', '-g', '10.79.16.0/25']).finished
      : undefined,
  ]);
  return { sweeps: { raw, rawAgain, dgram }, system, ping, fping };
});

function assertWhole(name: string, { hosts, run }: SweepReport, count: number): void {
  assert.equal(hosts.length, count);
  const wrong = hosts.filter(
    ({ pattern, duplicates, reason }) =>
      pattern !== '!!!!' || duplicates !== 0 || reason !== 'echo-reply',
  );
  assert.deepEqual(wrong, [], name);
  assert.equal(run.packets['received'], 4 * count);
  assert.equal(run.packets['duplicates'], 0);
}

labTest('sweeps at the same time get each their own replies, all of them and once', async () => {
  const { sweeps } = await crowd();
  for (const [name, report] of Object.entries(sweeps)) assertWhole(name, report, HOSTS);
});

labTest('so does a sweep by the system ping', async () => {
  assertWhole('system', (await crowd()).system, 30);
});

labTest('so does a ping beside them', async () => {
  const { ping } = await crowd();
  assert.match(ping.stdout, /100 packets transmitted, 100 received, 0% packet loss/);
});

labTestUnless(noFping, 'so does an fping beside them', async () => {
  const { fping } = await crowd();
  const lines = fping!.stderr.split('\n').filter((line) => line.includes('xmt/rcv/%loss'));
  assert.equal(lines.length, 126);
  for (const line of lines) assert.match(line, / = 4\/4\/0%/);
});
