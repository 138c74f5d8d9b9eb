/** Requests that go past the system to the gateway: all arrive, and neither firewall nor connection tracking sees them. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { ERRORS4, ERRORS6, type ErrorRange, LAB, LAB_INTERFACES } from './address-plan.ts';
import { labTestUnless } from './lab-test.ts';
import { unlessRealRoot } from './ordinary-user.ts';
import { echosweep } from './run.ts';
import { sweep } from './sweep-report.ts';

const TRACKED = '/proc/sys/net/netfilter/nf_conntrack_count';
/** Counts the requests that the firewall sees, and has the system track every connection. */
const COUNTER = `table inet seen {
  counter requests { }
  chain output {
    type filter hook output priority 0
    icmp type echo-request ct state new counter name requests
    icmpv6 type echo-request ct state new counter name requests
  }
}`;

/** Lets in only what belongs to a connection that the system has seen begin. */
const GUARD = `table inet guarded {
  chain input {
    type filter hook input priority 0; policy drop
    iif lo accept
    icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept
    ct state established,related accept
  }
}`;

const noTracking = trackingMissing();
const noRules = unlessRealRoot('only root of the machine can read whether a firewall has rules');

function trackingMissing(): string | undefined {
  if (process.env['LAB_SKIP'] !== undefined) return undefined;
  const refusal = nft(COUNTER);
  nft('delete table inet seen');
  return refusal === '' ? undefined : `connections cannot be tracked here: ${refusal}`;
}

/** @returns why it failed; '' if it did not */
function nft(commands: string): string {
  const done = spawnSync('nft', ['-f', '-'], { input: commands, encoding: 'utf8' });
  return done.status === 0 ? '' : (done.error?.message ?? done.stderr.trim());
}

function requestsSeen(): number {
  const { stdout } = spawnSync('nft', ['list', 'counters', 'table', 'inet', 'seen'], {
    encoding: 'utf8',
  });
  return Number(/packets (\d+)/.exec(stdout)?.[1]);
}

const tracked = (): number => Number(readFileSync(TRACKED, 'utf8'));

labTestUnless(
  noRules,
  'doctor and a dry run say which way requests would leave, and why',
  async () => {
    const past = "IPv4 to the gateway's MAC address on lab-r1, past routing and firewall";
    const through = 'IPv4 through the system: no ring shows what leaves';
    // Has the system resolve the gateway.
    await sweep('--no-canary', [LAB.live4.replace('/16', '/30')]);
    const doctor = await echosweep(['doctor']);
    const line = `^--send link works +${past}; auto does so at --rate max$`;
    assert.match(doctor.stdout, new RegExp(line, 'm'));
    assert.equal(await wayOf('--send link -b 548'), past);
    assert.equal(await wayOf('--send link -b 549'), through);
  },
);

/** What a dry run of many hosts says about it; undefined if nothing. */
async function wayOf(options: string): Promise<string | undefined> {
  const { stdout } = await echosweep([...options.split(' '), LAB.live4, '--dry-run']);
  return /^send +(.*)$/m.exec(stdout)?.[1];
}

labTestUnless(
  noTracking ?? noRules,
  'by itself only at full speed and with a canary, and not if a firewall has rules for what leaves',
  async () => {
    await sweep('--no-canary', [LAB.live4.replace('/16', '/30')]);
    assert.match((await wayOf('--rate max'))!, /^IPv4 to the gateway's MAC address/);
    assert.equal(await wayOf('--rate 50000'), undefined);
    assert.equal(await wayOf('--rate max --send raw'), undefined);
    assert.equal(await wayOf('--rate max --no-canary'), undefined);
    const unwitnessed = await wayOf(`--rate max --exclude ${LAB.router4}`);
    assert.match(unwitnessed!, /^IPv4 through the system: no one gateway is sure to lead/);
    try {
      assert.equal(nft(GUARD), '');
      assert.match((await wayOf('--rate max'))!, /^IPv4 to the gateway's MAC address/);
      assert.equal(nft(COUNTER), '');
      assert.equal(
        await wayOf('--rate max'),
        'IPv4 through the system: a firewall may have rules for what leaves',
      );
      assert.match((await wayOf('--send link'))!, /^IPv4 to the gateway's MAC address/);
    } finally {
      nft('delete table inet guarded');
      nft('delete table inet seen');
    }
  },
);

for (const [family, many, few] of [
  [4, LAB.live4, LAB.live4.replace('/16', '/24')],
  [6, LAB.live6.replace('/64', '/112'), LAB.live6.replace('/64', '/120')],
] as const) {
  labTestUnless(noTracking, `IPv${family}: by link, a sweep tracks no connection`, async () => {
    assert.equal(nft(COUNTER), '');
    try {
      // The system counts these.
      const small = await sweep('--send link --rate max -r 0 --no-canary', [few]);
      assert.equal(requestsSeen(), small.run.packets['sent']);
      // Nor does the sweep need the system to know the gateway before.
      spawnSync('ip', ['neigh', 'flush', 'dev', LAB_INTERFACES.router]);
      const before = tracked();
      const { run } = await sweep('--send link --rate max -r 0', [many]);
      assert.equal(run.statuses['up'], run.targets);
      assert.deepEqual([run.failure, run.doubts], [null, []]);
      assert.equal(requestsSeen(), small.run.packets['sent']);
      // Whatever else the lab does leaves a few.
      assert.ok(tracked() - before < 100, `${tracked()} connections, ${before} before`);
    } finally {
      nft('delete table inet seen');
    }
  });
}

/** The addresses of a range of errors. */
const refusing = (errors: readonly ErrorRange[], name: string): string =>
  errors.find(({ reason }) => reason === name)!.range;

for (const [family, many, refused] of [
  [4, LAB.live4, refusing(ERRORS4, 'port-unreach')],
  [6, LAB.live6.replace('/64', '/112'), refusing(ERRORS6, 'port-unreach').replace('/64', '/120')],
] as const) {
  for (const way of ['raw', 'auto'])
    labTestUnless(
      noTracking ?? (way === 'auto' ? noRules : undefined),
      `IPv${family}, --send ${way}: a firewall that tracks connections hides neither replies nor errors`,
      async () => {
        assert.equal(nft(GUARD), '');
        try {
          const before = tracked();
          const { run } = await sweep(`--send ${way} --rate max -r 0`, [many, refused]);
          const errors = family === 4 ? 254 : 256;
          assert.deepEqual(run.reasons, {
            'echo-reply': run.targets - errors,
            'port-unreach': errors,
          });
          assert.deepEqual([run.failure, run.doubts], [null, []]);
          // Those of the sweep before may expire meanwhile.
          const isRight = way === 'auto' ? tracked() - before < 100 : tracked() >= run.targets;
          assert.ok(isRight, `${tracked()} connections, ${before} before`);
        } finally {
          nft('delete table inet guarded');
        }
      },
    );
}
