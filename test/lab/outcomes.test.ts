/** What a kernel can answer, or not answer, to a probe, as it stands in the report: held against the lab's plan. */

import assert from 'node:assert/strict';
import { REASONS, type Reason } from '../../src/results/outcome.ts';
import { LAB } from './address-plan.ts';
import {
  ABSENT,
  assertOutcomes,
  DISTANCES,
  ERRORS,
  FORGED,
  LOOPS,
  OTHER_SOURCE,
  outcome,
  REFUSED_HERE,
  ROUTERS,
  refusedBy,
  SILENCE,
  UP,
  without,
} from './expected-outcomes.ts';
import { labTest } from './lab-test.ts';
import { type HostRecord, hostIn, once, silentPattern, sweep } from './sweep-report.ts';

/** One sweep with the defaults that most tests look at: some five seconds, as long as silence takes. */
const everything = once(() => sweep('--engine raw', [...EVERY_HOST]));
/** Requests longer than the interface can send in one piece. */
const unsendable = once(() =>
  sweep('--engine raw -M -b 3000 -t 100', [hostIn(LAB.live4), hostIn(LAB.live6)]),
);

/** Seen in the tests of local networks, gateways and TCP connections. */
const ELSEWHERE: readonly Reason[] = [
  'arp-reply',
  'ndp-reply',
  'gateway-unresolved',
  'name-unresolved',
  'tcp-open',
  'tcp-refused',
];

/** What it asks. */
const EVERY_HOST = new Set([
  ...[...ERRORS, ...ROUTERS, ...SILENCE, ...ABSENT, ...OTHER_SOURCE, ...FORGED].map(([at]) => at),
  ...[...REFUSED_HERE, ...DISTANCES].map(([at]) => at),
  ...LOOPS,
]);

labTest('every ICMP error is told by its word, type and code, and by who said it', async () => {
  assertOutcomes(await everything(), ERRORS);
});

labTest(
  'a host that only errors speak of has probes sent, all lost, and nothing measured',
  async () => {
    const report = await everything();
    for (const [address] of ERRORS) {
      const { sent, received, loss_pct, duplicates, pattern, ttl, hops, rtts_ms } =
        report.host(address);
      assert.deepEqual(
        { address, sent, received, loss_pct, duplicates, pattern, ttl, hops, rtts_ms },
        {
          address,
          sent: 3,
          received: 0,
          loss_pct: 100,
          duplicates: 0,
          pattern: 'UUU',
          ttl: null,
          hops: null,
          rtts_ms: [null, null, null],
        },
      );
    }
  },
);

labTest('the CSV says the same as the JSON, with empty cells for what there is not', async () => {
  const { rows, host } = await everything();
  const refused = hostIn('10.64.13.0/24');
  assert.deepEqual(rows.get(refused), {
    address: refused,
    hostname: '',
    status: 'unreachable',
    reason: 'admin-prohibited',
    responder: LAB.router4,
    icmp_type: '3',
    icmp_code: '13',
    sent: '3',
    received: '0',
    loss_pct: '100.0',
    duplicates: '0',
    rtt_min_ms: '',
    rtt_avg_ms: '',
    rtt_max_ms: '',
    rtt_stddev_ms: '',
    ttl: '',
    hops: '',
    pattern: 'UUU',
    started_at: host(refused).started_at,
    mac: '',
  });
  for (const [address, row] of rows) {
    const record = host(address) as unknown as Readonly<Record<string, unknown>>;
    for (const [column, cell] of Object.entries(row)) {
      const value = record[column];
      const isSame = value === null ? cell === '' : cell === value || Number(cell) === value;
      assert.ok(isSame, `${address} ${column}: ${cell} in the CSV, ${value} in the JSON`);
    }
  }
});

labTest('routers that refuse by their routes are named, near and far', async () => {
  assertOutcomes(await everything(), ROUTERS);
});

labTest('a packet that goes round in circles ends as time-exceeded', async () => {
  const report = await everything();
  for (const [address, type, routers] of [
    [LOOPS[0], 11, [LAB.router4, LAB.farRouter4]],
    [LOOPS[1], 3, [LAB.router6, LAB.farRouter6]],
  ] as const) {
    const host = report.host(address);
    const either: readonly (string | null)[] = routers;
    assert.ok(either.includes(host.responder), `${address}: ${outcome(host)}`);
    assert.equal(outcome(host), refusedBy(host.responder!, 'time-exceeded', type, 0));
  }
});

labTest('silence is down, asked as often as retries allow', async () => {
  const report = await everything();
  assertOutcomes(report, SILENCE);
  for (const [address] of SILENCE) {
    const { sent, received, pattern, loss_pct } = report.host(address);
    assert.deepEqual([sent, received, loss_pct], [pattern.length, 0, 100], address);
    assert.equal(silentPattern(report, address, 3), '...', address);
  }
});

labTest('an absent host on the own link is down by arp-failed, and nobody is blamed', async () => {
  assertOutcomes(await everything(), ABSENT);
});

labTest(
  'what this host itself refuses is an error, with nothing sent and the errno named',
  async () => {
    const report = await everything();
    assertOutcomes(report, REFUSED_HERE);
    for (const [address, , expected] of REFUSED_HERE) {
      const { errno, sent, loss_pct, pattern, started_at } = report.host(address);
      assert.match(pattern, /^E{1,3}$/);
      assert.deepEqual(
        { address, errno, sent, loss_pct, started_at },
        {
          address,
          errno: expected,
          sent: 0,
          loss_pct: null,
          started_at: null,
        },
      );
    }
  },
);

labTest('a reply from another address makes the host up and names that address', async () => {
  assertOutcomes(await everything(), OTHER_SOURCE);
});

labTest('replies with a wrong checksum or sequence are no replies, and are counted', async () => {
  const report = await everything();
  assertOutcomes(report, FORGED);
  // Each probe has one such reply, and a probe whose departure was held up is repeated.
  const probes = FORGED.reduce((sum, [address]) => sum + report.host(address).sent, 0);
  assert.ok(probes >= 3 * FORGED.length);
  assert.equal(report.run.packets['rejected'], probes);
});

labTest('TTL and distance are those that the reply arrived with', async () => {
  const report = await everything();
  assertOutcomes(
    report,
    DISTANCES.map(([address]) => [address, UP]),
  );
  const measured = DISTANCES.map(([address]) => {
    const { ttl, hops } = report.host(address);
    return [address, ttl, hops];
  });
  assert.deepEqual(measured, DISTANCES);
});

labTest('the run counts what the hosts tell', async () => {
  const { run, hosts } = await everything();
  assert.equal(run.targets, EVERY_HOST.size);
  assert.equal(hosts.length, EVERY_HOST.size);
  const count = (value: (host: HostRecord) => string): Record<string, number> => {
    const counts: Record<string, number> = {};
    for (const host of hosts) counts[value(host)] = (counts[value(host)] ?? 0) + 1;
    return counts;
  };
  assert.deepEqual(
    { ...run.statuses },
    count((host) => host.status),
  );
  assert.deepEqual(
    { ...run.reasons },
    count((host) => host.reason),
  );
  // An absent neighbour's probes are ARP and NDP requests.
  const pinged = hosts.filter(({ reason }) => reason !== 'arp-failed');
  assert.equal(
    run.packets['sent'],
    pinged.reduce((sum, host) => sum + host.sent, 0),
  );
  assert.equal(
    run.packets['received'],
    hosts.reduce((sum, host) => sum + host.received, 0),
  );
  assert.equal(run.partial, false);
  assert.deepEqual(run.doubts, []);
});

labTest('a request that cannot leave in one piece is an error with its errno', async () => {
  const report = await unsendable();
  for (const address of [hostIn(LAB.live4), hostIn(LAB.live6)]) {
    assert.equal(outcome(report.host(address)), without('error', 'send-failed'));
    assert.equal(report.host(address).errno, 'EMSGSIZE');
  }
});

labTest('every reason that a report knows has been seen in one', async () => {
  const reports = await Promise.all([everything(), unsendable()]);
  const seen = new Set(reports.flatMap(({ hosts }) => hosts.map(({ reason }) => reason)));
  assert.deepEqual(
    REASONS.filter((reason) => !seen.has(reason) && !ELSEWHERE.includes(reason)),
    [],
  );
});
