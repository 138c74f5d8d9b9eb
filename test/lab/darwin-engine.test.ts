/** macOS' engine `dgram` over a scripted libSystem: the outcomes that the plan says, and those of Linux' `dgram`. */

import assert from 'node:assert/strict';
import { pretendedMac } from '../darwin/pretended-mac.ts';
import { LAB } from './address-plan.ts';
import { WHO } from './engine-runs.ts';
import {
  ABSENT,
  assertOutcomes,
  DISTANCES,
  ERRORS,
  FORGED,
  OTHER_SOURCE,
  REFUSED_HERE,
  ROUTERS,
  refusedBy,
  SILENCE,
  UP,
  without,
} from './expected-outcomes.ts';
import { labTest } from './lab-test.ts';
import { echosweep, type RunOptions } from './run.ts';
import { type HostRecord, hostIn, once, type SweepReport, sweep } from './sweep-report.ts';

const EXPECTED = [
  ...[...ERRORS, ...ROUTERS, ...SILENCE, ...ABSENT, ...OTHER_SOURCE, ...FORGED, ...REFUSED_HERE],
  ...DISTANCES.map(([address]): readonly [string, string] => [address, UP]),
];
/** An error that Linux does not show to an unprivileged socket, and those that its routers send rarely. */
const INCOMPARABLE = new Set([hostIn('10.65.111.0/24'), ...ROUTERS.map(([address]) => address)]);

const onMac = once(async (): Promise<RunOptions> => pretendedMac());
const sweepOn = async (how: RunOptions): Promise<SweepReport> =>
  sweep('--engine dgram', [...new Set(EXPECTED.map(([address]) => address))], how);
/** One after the other: kernels limit how many ICMP errors they send. */
const everything = once(async () => {
  const mac = await sweepOn(await onMac());
  return { mac, linux: await sweepOn(WHO.dgram) };
});

labTest('on macOS, dgram reports what the plan says, every ICMP error included', async () => {
  const { mac } = await everything();
  assert.equal(mac.run.engine, 'dgram');
  assertOutcomes(mac, EXPECTED);
});

labTest('on macOS, dgram reports the TTL and the distance of both families', async () => {
  const { mac } = await everything();
  assert.deepEqual(
    DISTANCES.map(([address]) => [address, mac.host(address).ttl, mac.host(address).hops]),
    DISTANCES,
  );
});

labTest('on macOS, dgram gives the same rows as on Linux', async () => {
  const { mac, linux } = await everything();
  const seen = (report: SweepReport): unknown[] =>
    report.hosts.filter(({ address }) => !INCOMPARABLE.has(address)).map(comparable);
  assert.deepEqual(seen(mac), seen(linux));
});

labTest('on macOS, every option of packets is kept', async () => {
  const how = await onMac();
  const near = await sweep('--engine dgram --ttl 1', [hostIn(LAB.live4), hostIn(LAB.live6)], how);
  assertOutcomes(near, [
    [hostIn(LAB.live4), refusedBy(LAB.router4, 'time-exceeded', 11, 0)],
    [hostIn(LAB.live6), refusedBy(LAB.router6, 'time-exceeded', 3, 0)],
  ]);
  const lan = [LAB.lanLive4[1], LAB.lanLive6[1], LAB.linkLocalLive6[1]];
  const long = await sweep('--engine dgram -I lab-lan -b 3000 --tos 8', lan, how);
  assertOutcomes(
    long,
    lan.map((address) => [address, UP]),
  );
  const refused = await echosweep(['--engine', 'dgram', '-M', LAB.lanLive6[1]], how);
  assert.equal(refused.code, 3);
  assert.match(refused.stderr, /--dont-fragment: macOS does not allow this for IPv6 \(EPERM\)/);
  const nowhere = await echosweep(['--engine', 'dgram', '-S', '192.0.2.7', LAB.lanLive4[1]], how);
  assert.equal(nowhere.code, 3);
  assert.match(nowhere.stderr, /cannot send from 192\.0\.2\.7 \(EADDRNOTAVAIL\)/);
});

labTest('on macOS, a host that sending fails for as down is arp-failed', async () => {
  const absent = '10.100.2.3';
  const report = await sweep('--engine dgram -c 6 -p 1000', [absent], await onMac());
  assertOutcomes(report, [[absent, without('down', 'arp-failed')]]);
  // What the kernel held for the address, and what it did not take any more.
  assert.match(report.host(absent).pattern, /^U+E$/);
});

labTest('on macOS, one worker sweeps, and no count of drops is claimed', async () => {
  const many = '10.79.0.0/20';
  const report = await sweep('--engine dgram --workers 4 --rate 20000', [many], await onMac());
  assert.equal(report.run.workers, 1);
  assert.equal(report.run.packets['dropped'], null);
  assert.deepEqual(report.run.statuses['up'], report.run.targets);
});

labTest('on macOS without the permission for local networks, sweep and doctor say so', async () => {
  const how = await onMac();
  const hidden = { ...how, env: { ...how.env, HIDDEN_NEIGHBOURS: '10.100.' } };
  // Has the system resolve the neighbour.
  await sweep('--engine dgram', [LAB.lanLive4[1]], how);
  const report = await sweep('--engine dgram', [LAB.lanLive4[1]], hidden, 5);
  assertOutcomes(report, [[LAB.lanLive4[1], without('error', 'no-route')]]);
  assert.match(report.run.doubts.join(), /macOS refused to send to 1 host of local networks/);
  const doctor = await echosweep(['doctor'], hidden);
  assert.match(doctor.stdout, /^dgram +works /m);
  assert.match(doctor.stdout, /^neighbours +no .*local network privacy$/m);
  assert.match((await echosweep(['doctor'], how)).stdout, /^neighbours +works /m);
});

/** What does not depend on the moment. Of an absent neighbour it does: Linux reports it some time after a probe. */
function comparable(host: HostRecord): unknown {
  const { address, status, reason, responder, icmp_type, icmp_code, ttl, errno, mac } = host;
  const { sent, received, duplicates, pattern } = host;
  const probes = reason === 'arp-failed' ? {} : { sent, received, duplicates, pattern };
  return { address, status, reason, responder, icmp_type, icmp_code, ttl, errno, mac, ...probes };
}
