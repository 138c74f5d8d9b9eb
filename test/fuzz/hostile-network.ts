/** What is promised of a sweep whatever the network does: answers true, forged, spoilt, late, twice, in any order, or none. */

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type Family, formatAddress, parseAddress } from '../../src/address.ts';
import { linkOf } from '../../src/probe/reach.ts';
import { makeSchedule } from '../../src/probe/schedule.ts';
import type { HostResult } from '../../src/results/host-result.ts';
import { block, type Probing, probe } from '../unit/probe/probing.ts';
import { LAN, ScriptedLink } from '../unit/probe/scripted-link.ts';
import { ScriptedNetwork } from '../unit/probe/scripted-network.ts';
import type { Arrival, Request } from '../unit/probe/scripted-packets.ts';
import { answerBy, type Deed, deed } from './hostile-answers.ts';
import { type FuzzProperty, family, octet, property } from './property.ts';

const FIRST: Readonly<Record<Family, string>> = { 4: '198.51.100.1', 6: '2001:db8:1::1' };
const CAP = 3;
/** Far more than any of these sweeps needs: whoever takes more hangs. */
const MOST_STEPS = 200_000;

const settings = fc.record({
  family,
  hosts: fc.integer({ min: 1, max: 9 }),
  count: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 4 })),
  retries: fc.nat({ max: 3 }),
  timeoutMs: fc.constantFrom(1, 10, 300, 1000),
  backoff: fc.constantFrom(1, 1.5, 3),
  periodMs: fc.constantFrom(1, 50, 1000),
  ratePps: fc.constantFrom(50, 1000, Number.POSITIVE_INFINITY),
  reach: fc.constantFrom('routed' as const, 'system' as const, { link: LAN }),
  /** Step at which the sweep is stopped; most are not. */
  stopAfter: fc.oneof({ weight: 5, arbitrary: fc.constant(MOST_STEPS) }, fc.nat({ max: 40 })),
  /** Every how many steps the socket is found to have dropped something. */
  dropsEvery: fc.constantFrom(0, 0, 2, 7),
  /** Of addresses by their last octet: why nothing can be sent to them. */
  refused: fc.array(
    fc.tuple(octet, fc.constantFrom('busy' as const, 'refused' as const, 'hopeless' as const)),
    {
      maxLength: 2,
    },
  ),
});

type Settings = typeof settings extends fc.Arbitrary<infer Value> ? Value : never;

const ERRNO_OF = { busy: 'ENOBUFS', refused: 'EPERM', hopeless: 'ENETUNREACH' } as const;

class Hostile {
  readonly network: ScriptedNetwork;
  readonly probing: Probing;
  readonly replies = new Map<string, number>();
  readonly errors = new Map<string, number>();
  private readonly deeds: readonly Deed[];
  private steps = 0;
  private busyTries = 0;

  constructor(chosen: Settings, deeds: readonly Deed[]) {
    this.deeds = deeds;
    this.network = new ScriptedNetwork(chosen.family, (request) => this.answer(request));
    const refusals = new Map(chosen.refused.map(([last, how]) => [1 + (last % 9), how]));
    this.network.socket.refuses = (address) => {
      const failure = refusals.get(lastOctet(address));
      // A system that is out of buffers has some again in the end.
      if (failure === undefined || (failure === 'busy' && this.busyTries++ % 5 !== 0)) return;
      return { failure, errno: ERRNO_OF[failure] };
    };
    if (linkOf(chosen.reach) !== undefined) {
      const link = new ScriptedLink(this.network, (address, nth) =>
        (lastOctet(address) + nth) % 3 === 0 ? [] : [{ mac: [2, 0, 0, 0, 0, 7], afterMs: nth }],
      );
      this.network.socket.tieTo(LAN);
      this.network.neighbourSockets = [link];
    }
    this.probing = {
      ...chosen,
      neighbourCap: CAP,
      orderSeed: chosen.hosts,
      afterStep: (shared) => {
        if (++this.steps > MOST_STEPS) throw new Error('the sweep never ends');
        if (this.steps === chosen.stopAfter) shared.stop();
        const { dropsEvery } = chosen;
        if (dropsEvery > 0 && this.steps % dropsEvery === 0 && this.steps < 100)
          this.network.socket.droppedPackets++;
      },
    };
  }

  private answer(request: Request): readonly Arrival[] {
    const at = this.network.requests.length - 1;
    const stranger = this.network.socket.family === 4 ? '203.0.113.9' : '2001:db8:ffff::9';
    const answer = answerBy(this.deeds[at % this.deeds.length]!, request, stranger);
    add(this.replies, request.address, answer.replies);
    add(this.errors, request.address, answer.errors);
    return answer.arrivals;
  }
}

/** Holds a row against what was sent to the host and what it was told of it. */
function assertRow(row: HostResult, hostile: Hostile, room: number): void {
  const address = row.address!;
  const { pattern, status, sent, received, duplicates, rttsMs } = row;
  const marks = (mark: string): number => pattern.split(mark).length - 1;
  const replies = hostile.replies.get(address) ?? 0;
  assert.ok(received <= sent, 'more replies than requests');
  assert.equal(pattern.length, sent + marks('E'));
  assert.equal(received, marks('!'));
  assert.ok(pattern.length <= room, 'more probes than there is room for');
  assert.ok(received + duplicates <= replies, 'a reply that nobody gave');
  const isPresent = row.reason === 'arp-reply' || row.reason === 'ndp-reply';
  assert.equal(
    status === 'up',
    received > 0 || isPresent,
    'up without a sign of life, or the other way round',
  );
  if (status === 'unreachable')
    assert.ok((hostile.errors.get(address) ?? 0) > 0, 'an error that quotes no request');
  if (status === 'error') assert.equal(sent, 0);
  rttsMs.forEach((rtt, n) => {
    assert.equal(rtt !== null, pattern[n] === '!');
    assert.ok(rtt === null || (rtt >= 0 && rtt < 1e6), `a round-trip time of ${rtt} ms`);
  });
}

export const HOSTILE_NETWORK: readonly FuzzProperty[] = [
  property(
    'whatever a network answers, every sweep ends with one true row a host',
    900,
    [settings, fc.array(deed, { minLength: 1, maxLength: 12 })],
    (chosen, deeds) => {
      const hostile = new Hostile(chosen, deeds);
      const targets = block(FIRST[chosen.family], chosen.hosts);
      const { hosts, counts, results, shared } = probe(hostile.network, targets, hostile.probing);
      const { room } = makeSchedule({ ...chosen });
      for (const row of hosts.values()) assertRow(row, hostile, Math.max(room, 3));
      const wasStopped = chosen.stopAfter < MOST_STEPS;
      if (!wasStopped) assert.equal(hosts.size, chosen.hosts, 'a host without a row');
      const first = parseAddress(FIRST[chosen.family])!.value;
      assert.deepEqual(
        [...hosts.keys()].filter((address) => !isAmong(address, chosen, first)),
        [],
      );
      assert.equal(counts.sent, hostile.network.requests.length);
      assert.ok(counts.received <= counts.sent);
      assert.ok((results?.responders.length ?? 0) <= 4, 'strangers fill memory');
      for (let place = 0; place < CAP; place++)
        assert.ok(shared.takeNeighbour(1), 'a place among the neighbours was never given back');
    },
  ),
];

function isAmong(address: string, { family, hosts }: Settings, first: bigint): boolean {
  const all = Array.from({ length: hosts }, (_, i) => formatAddress(family, first + BigInt(i)));
  return all.includes(address);
}

function lastOctet(address: string): number {
  return Number(parseAddress(address)!.value & 0xffn);
}

function add(counts: Map<string, number>, key: string, amount: number): void {
  counts.set(key, (counts.get(key) ?? 0) + amount);
}
