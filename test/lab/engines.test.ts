/** The same hosts asked by every engine: the same answers, but for what an engine cannot see. */

import assert from 'node:assert/strict';
import { LAB } from './address-plan.ts';
import { ENGINE_NAMES, type EngineName, missingFor, WHO } from './engine-runs.ts';
import {
  ABSENT,
  assertOutcomes,
  DISTANCES,
  ERRORS,
  type Expected,
  FORGED,
  OTHER_SOURCE,
  REFUSED_HERE,
  SILENCE,
  SILENT,
  UP,
} from './expected-outcomes.ts';
import { labTest, labTestUnless } from './lab-test.ts';
import { echosweep } from './run.ts';
import { hostIn, once, type SweepReport, sweep, whenMachineHasTime } from './sweep-report.ts';

const EXPECTED: readonly Expected[] = [
  ...[...ERRORS, ...SILENCE, ...ABSENT, ...OTHER_SOURCE, ...FORGED],
  ...REFUSED_HERE.map(([address, words]): Expected => [address, words]),
  ...DISTANCES.map(([address]): Expected => [address, UP]),
];

/** Linux tells an unprivileged socket, and so ping, every error but this one. */
const UNTOLD: ReadonlyMap<string, string> = new Map([[hostIn('10.65.111.0/24'), SILENT]]);
const ALL: ReadonlyMap<string, string> = new Map();

/** What an engine cannot see, and what it reports instead; whatever is not named here it must see. */
const BLIND: Readonly<
  Record<EngineName, { outcomes: ReadonlyMap<string, string>; ttl6: boolean }>
> = {
  raw: { outcomes: ALL, ttl6: false },
  dgram: { outcomes: UNTOLD, ttl6: false },
  // The package hands over ICMPv6 without the IPv6 header.
  'raw-socket': { outcomes: ALL, ttl6: true },
  system: { outcomes: UNTOLD, ttl6: false },
};

/** Long enough for the kernel to give an absent neighbour up. */
const ONE_LONG_PROBE = '-r 0 -t 3500';

/** All at once, since each of them waits for silence most of the time. */
const reports = once(async () => {
  const started = new Map<EngineName, Promise<SweepReport>>();
  for (const engine of ENGINE_NAMES) {
    if (missingFor(engine) !== undefined) continue;
    const targets = expectedOf(engine).map(([address]) => address);
    const report = whenMachineHasTime(() =>
      sweep(`--engine ${engine} ${ONE_LONG_PROBE}`, targets, WHO[engine]),
    );
    // A failure is told by the tests that ask for this engine's report.
    report.catch(() => {});
    started.set(engine, report);
  }
  return started;
});

function isLinkLocal(address: string): boolean {
  return address.includes('%');
}

function expectedOf(engine: EngineName): readonly Expected[] {
  const { outcomes } = BLIND[engine];
  return EXPECTED.filter(([address]) => engine !== 'raw-socket' || !isLinkLocal(address)).map(
    ([address, words]): Expected => [address, outcomes.get(address) ?? words],
  );
}

async function reportOf(engine: EngineName): Promise<SweepReport> {
  return (await reports()).get(engine)!;
}

for (const engine of ENGINE_NAMES) {
  const missing = missingFor(engine);
  labTestUnless(missing, `${engine} reports what the plan says`, async () => {
    const report = await reportOf(engine);
    assert.equal(report.run.engine, engine);
    assertOutcomes(report, expectedOf(engine));
  });

  labTestUnless(missing, `${engine} reports TTL and distance, or an empty cell`, async () => {
    const report = await reportOf(engine);
    const { ttl6 } = BLIND[engine];
    const asked = DISTANCES.filter(([at]) => engine !== 'raw-socket' || !isLinkLocal(at));
    const seen = asked.map(([address]) => {
      const { ttl, hops } = report.host(address);
      return [address, ttl, hops];
    });
    const expected = asked.map(([address, ttl, hops]) =>
      ttl6 && address.includes(':') ? [address, null, null] : [address, ttl, hops],
    );
    assert.deepEqual(seen, expected);
  });

  labTestUnless(missing, `${engine} names the errno of what could not be sent`, async () => {
    const report = await reportOf(engine);
    const seen = REFUSED_HERE.map(([address]) => [address, report.host(address).errno]);
    assert.deepEqual(
      seen,
      REFUSED_HERE.map(([address, , errno]) => [address, errno]),
    );
  });

  labTestUnless(missing, `${engine} measures round trips of this network's length`, async () => {
    const report = await reportOf(engine);
    for (const { address, status, rtts_ms } of report.hosts) {
      const rtts = rtts_ms.filter((rtt) => rtt !== null);
      assert.equal(rtts.length, status === 'up' ? 1 : 0, address);
      assert.ok(
        rtts.every((rtt) => rtt > 0 && rtt < 500),
        `${address}: ${rtts} ms`,
      );
    }
  });
}

labTest('all engines give a host the same status', async () => {
  const raw = await reportOf('raw');
  for (const [engine, report] of await reports()) {
    const { outcomes } = BLIND[engine];
    const seen = (await report).hosts.filter(({ address }) => !outcomes.has(address));
    assert.deepEqual(
      seen.map(({ address, status }) => `${engine} ${address} ${status}`),
      seen.map(({ address }) => `${engine} ${address} ${raw.host(address).status}`),
    );
  }
});

labTestUnless(
  missingFor('raw-socket'),
  'raw-socket asks a link-local address on the interface given, and on no other',
  async () => {
    const target = LAB.linkLocalLive6[1];
    const report = await sweep('--engine raw-socket -I lab-lan', [target]);
    assertOutcomes(report, [[target, UP]]);
    const refused = await echosweep(['--engine', 'raw-socket', target]);
    assert.equal(refused.code, 3);
    assert.match(refused.stderr, /--interface lab-lan/);
    assert.equal(refused.stdout, '');
  },
);
