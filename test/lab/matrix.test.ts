/** Every fault that a network can produce, by every engine, held against what the simulated network says it did. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { type EngineName, missingFor } from './engine-runs.ts';
import { labTestUnless } from './lab-test.ts';
import {
  addressOf,
  CASES,
  type Outcome,
  RULES,
  type Sight,
  type Whereabouts,
} from './matrix-cases.ts';
import type { RunOptions } from './run.ts';
import { SIMULATED } from './simulator/address-plan.ts';
import { startSimulation } from './simulator/start.ts';
import type { Truth } from './simulator/truth.ts';
import {
  type HostRecord,
  once,
  type SweepReport,
  sweep,
  whenMachineHasTime,
} from './sweep-report.ts';

/** An engine, and where the hosts are that it asks. */
interface Way {
  readonly engine: EngineName;
  readonly where: Whereabouts;
  readonly as?: RunOptions['as'];
  /** What it cannot see; everything else it must. */
  readonly blind: readonly Sight[];
}

interface Difference {
  readonly what: string;
  readonly expected: Outcome;
  readonly found: Outcome;
  /** What else is right, by how many probes more than planned the host was sent: one, or two. */
  readonly probedAgain: readonly (readonly Outcome[])[];
}

/** ping believes whatever bears its identifier, and ends with the first answer. */
const SYSTEM_BLIND: readonly Sight[] = [
  'reassembly',
  'forgeries',
  'other sources',
  'what follows',
  'overlapping probes',
];

const WAYS: readonly Way[] = [
  { engine: 'raw', where: 'far', blind: [] },
  // Past the system, which would put a reply together and take its further headers off.
  { engine: 'raw', where: 'link', blind: ['wrapped replies'] },
  { engine: 'dgram', where: 'link', as: 'ordinary-user', blind: ['reassembly'] },
  { engine: 'raw-socket', where: 'link', blind: [] },
  { engine: 'dgram', where: 'far', as: 'ordinary-user', blind: ['reassembly'] },
  { engine: 'raw-socket', where: 'far', blind: [] },
  {
    engine: 'system',
    where: 'far',
    blind: SYSTEM_BLIND,
  },
  { engine: 'system', where: 'link', blind: SYSTEM_BLIND },
];
const TWO_PROBES = '-r 1 -t 500 --rate 2000';

/** One way after another: each is held against what happened in its own time. */
const swept = once(async () => {
  const results = new Map<Way, { report: SweepReport; truth: Truth }>();
  for (const way of WAYS) {
    if (missingFor(way.engine) !== undefined) continue;
    results.set(way, await whenMachineHasTime(() => sweptIn(way)));
  }
  return results;
});

async function sweptIn(way: Way): Promise<{ report: SweepReport; truth: Truth }> {
  const simulation = await startSimulation(RULES);
  // Hosts that the system has resolved already are not resolved again.
  spawnSync('ip', ['neigh', 'flush', 'dev', SIMULATED.interface]);
  const targets = CASES.map((_, index) => addressOf(index, way.where));
  const who = way.as === undefined ? {} : { as: way.as };
  const [swept] = await Promise.allSettled([
    sweep(`--engine ${way.engine} ${TWO_PROBES}`, targets, who),
  ]);
  const truth = await simulation.end();
  if (swept.status === 'rejected') throw swept.reason;
  return { report: swept.value, truth };
}

/** Every host on a link answers ARP or NDP for its address: it is up, whatever becomes of the pings. */
function onLink(outcome: Outcome, family: 4 | 6): Outcome {
  if (outcome.status === 'up') return { ...outcome };
  const { pattern, type, code, responder } = outcome;
  const refused = responder === undefined && type !== undefined ? { type, code: code! } : {};
  return { status: 'up', reason: family === 4 ? 'arp-reply' : 'ndp-reply', pattern, ...refused };
}

function seen(host: HostRecord): Outcome {
  return {
    status: host.status as Outcome['status'],
    reason: host.reason,
    pattern: host.pattern,
    ...(host.responder === null ? {} : { responder: host.responder }),
    ...(host.icmp_type === null ? {} : { type: host.icmp_type, code: host.icmp_code! }),
    ...(host.duplicates === 0 ? {} : { duplicates: host.duplicates }),
    ...(host.ttl === null ? {} : { ttl: host.ttl }),
  };
}

for (const way of WAYS) {
  const { engine, where, blind } = way;
  const name = where === 'far' ? engine : `${engine}, on an own link,`;
  const missing = missingFor(engine);

  for (const family of [4, 6] as const) {
    labTestUnless(
      missing,
      `${name} tells every answer of IPv${family} for what it is`,
      async () => {
        const { report } = (await swept()).get(way)!;
        const wrong = CASES.flatMap(
          ({ name: what, family: own, outcome, probedAgain, takes }, index) => {
            if (own !== family || (takes !== undefined && blind.includes(takes))) return [];
            const expected = where === 'far' ? { ...outcome } : onLink(outcome, family);
            // The package hands over ICMPv6 without the IPv6 header.
            if (engine === 'raw-socket' && family === 6) delete (expected as { ttl?: number }).ttl;
            const found = seen(report.host(addressOf(index, where)));
            if (isSame(found, expected)) return [];
            const oneMore = [silentOnceMore(expected), ...(probedAgain ? [probedAgain] : [])];
            const again = [oneMore, oneMore.map(silentOnceMore)];
            return [{ what, expected, found, probedAgain: again }];
          },
        );
        assert.deepEqual(withoutStalls(wrong, report.run.packets['unsure_sends']!), []);
      },
    );
  }

  labTestUnless(missing, `${name} counts what left, as the network received it`, async () => {
    const { report, truth } = (await swept()).get(way)!;
    for (const [index, { name: what }] of CASES.entries()) {
      const address = addressOf(index, where);
      const arrived = truth.requests.filter((request) => request.address === address);
      const { sent, received, pattern } = report.host(address);
      assert.equal(sent, arrived.length, `${what}: sent`);
      assert.equal(sent, pattern.length, `${what}: pattern`);
      assert.equal(received, pattern.split('!').length - 1, `${what}: received`);
      // Each ping is a process of its own, with an identifier of its own.
      const probes = arrived.map(({ identifier, sequence }) => `${identifier} ${sequence}`);
      assert.equal(new Set(probes).size, sent, `${what}: numbers`);
    }
  });
}

/** A host is probed once more each time that the thread stalled while its probe left: so many of the differences are none. */
function withoutStalls(wrong: readonly Difference[], stalls: number): readonly Difference[] {
  const more = wrong.map(
    ({ found, probedAgain }) =>
      1 + probedAgain.findIndex((outcomes) => outcomes.some((each) => isSame(found, each))),
  );
  const probes = more.reduce((sum, each) => sum + each, 0);
  return probes <= stalls ? wrong.filter((_, i) => more[i] === 0) : wrong;
}

function silentOnceMore(outcome: Outcome): Outcome {
  return { ...outcome, pattern: `${outcome.pattern}.` };
}

function isSame(found: Outcome, expected: Outcome): boolean {
  const text = (outcome: Outcome): string => JSON.stringify(Object.entries(outcome).sort());
  return text(found) === text(expected);
}
