/** Gateways on the way to the targets that answer no ARP or NDP: nothing gets past them, and nobody behind them is called down. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { assertSoon } from '../machine-speed.ts';
import { LAB } from './address-plan.ts';
import { ENGINE_NAMES, missingFor, WHO } from './engine-runs.ts';
import { assertOutcomes, SILENT, UP, without } from './expected-outcomes.ts';
import { labTest, labTestUnless } from './lab-test.ts';
import { sweep } from './sweep-report.ts';

/** On the link, where nobody has these addresses. */
const GATEWAYS = { 4: '10.100.7.77', 6: 'fd00:100::77' } as const;
const BEHIND = { 4: '10.105.0.0/21', 6: 'fd00:105::/121' } as const;
const ADVICE = 'the hosts behind them could not be probed; check the gateway and sweep again';
/** Three requests of a second each, and a busy machine. */
const LONGEST_MS = 6000;

function run(command: string): void {
  const done = spawnSync('sh', ['-ec', command], { encoding: 'utf8' });
  assert.equal(done.status, 0, `${command}: ${done.stderr}`);
}

async function withRoutes(body: () => Promise<void>): Promise<void> {
  const families = [4, 6] as const;
  for (const family of families)
    run(`ip route add ${BEHIND[family]} via ${GATEWAYS[family]} dev lab-lan`);
  try {
    await body();
  } finally {
    for (const family of families) run(`ip route del ${BEHIND[family]}`);
    run('ip neigh flush dev lab-lan; ip neigh flush dev lab-lan nud permanent');
  }
}

for (const engine of ENGINE_NAMES) {
  labTestUnless(
    missingFor(engine),
    `${engine} reports hosts behind a gateway that is not there as errors of it, within seconds`,
    async () => {
      await withRoutes(async () => {
        run('ip neigh flush dev lab-lan');
        const near = LAB.lanLive4[1];
        const targets = [BEHIND[4], BEHIND[6], near];
        const report = await sweep(`--engine ${engine}`, targets, WHO[engine], 5);
        assertOutcomes(
          report,
          report.hosts.map(({ address }) => {
            if (address === near) return [address, UP];
            const gateway = GATEWAYS[address.includes(':') ? 6 : 4];
            return [address, without('error', 'gateway-unresolved', gateway)];
          }),
        );
        assert.equal(report.hosts.length, 2046 + 128 + 1);
        assertSoon(report.ms, LONGEST_MS);
        const { doubts, packets } = report.run;
        assert.deepEqual(
          doubts.filter((doubt) => !doubt.includes('was held up')),
          [`no ARP or NDP reply from the gateway ${GATEWAYS[4]}, ${GATEWAYS[6]}: ${ADVICE}`],
        );
        // A `ping` of the canary may be under way when the sweep ends.
        assert.ok(packets['sent']! <= report.host(near).sent + 1, `${packets['sent']} sent`);
      });
    },
  );
}

labTest('a gateway whose MAC address was configured need not answer', async () => {
  await withRoutes(async () => {
    for (const gateway of Object.values(GATEWAYS))
      run(`ip neigh replace ${gateway} lladdr 02:00:00:00:77:77 dev lab-lan nud permanent`);
    const hosts = ['10.105.0.1', 'fd00:105::1'];
    const report = await sweep('--engine raw -t 100', hosts);
    assertOutcomes(
      report,
      hosts.map((host) => [host, SILENT]),
    );
    assert.deepEqual(report.run.doubts, []);
  });
});

for (const [hosts, network, alive] of [
  ['10.79.9.1-10.79.9.32', '10.79.9.0/24', LAB.router4],
  ['fd00:79::9:1-fd00:79::9:20', 'fd00:79::9:0/112', LAB.router6],
] as const) {
  const dead = alive === LAB.router4 ? '10.77.0.99' : 'fd00:77::99';
  labTest(
    `hosts are up behind one of two gateways of ${network}, or errors of the other, which is not there`,
    async () => {
      run(`ip route add ${network} nexthop via ${dead} dev lab-r1 nexthop via ${alive} dev lab-r1`);
      try {
        const { hosts: rows, run: summary } = await sweep('--engine raw', [hosts], {}, 5);
        const seen = new Set(
          rows.map(({ status, reason, responder }) =>
            `${status} ${reason} ${responder ?? ''}`.trim(),
          ),
        );
        assert.deepEqual([...seen].sort(), [`error gateway-unresolved ${dead}`, 'up echo-reply']);
        assert.ok(summary.doubts.some((doubt) => doubt.includes(dead) && !doubt.includes(alive)));
      } finally {
        run(`ip route del ${network}`);
      }
    },
  );
}

labTest(
  'a routing policy does not make hosts down that are behind a gateway that is not there',
  async () => {
    await withRoutes(async () => {
      const rule = 'from 198.51.100.1 lookup 100';
      run(`ip rule add ${rule}; ip -6 rule add from 2001:db8::1 lookup 100`);
      try {
        const targets = ['10.105.0.0/28', 'fd00:105::/125'];
        const report = await sweep('--engine raw', targets, {}, 5);
        for (const { address, status, reason, responder } of report.hosts)
          assert.deepEqual(
            [status, reason, responder],
            ['error', 'gateway-unresolved', GATEWAYS[address.includes(':') ? 6 : 4]],
            address,
          );
      } finally {
        run(`ip rule del ${rule}; ip -6 rule del from 2001:db8::1 lookup 100`);
      }
    });
  },
);

for (const [family, network, hosts, alive] of [
  [4, '10.79.9.0/24', '10.79.9.0/24', LAB.router4],
  [6, 'fd00:79::9:0/112', 'fd00:79::9:0/120', LAB.router6],
] as const) {
  labTest(
    `a route of IPv${family} that changes during a sweep, to a gateway that is not there, makes it doubtful`,
    async () => {
      const dead = GATEWAYS[family];
      run(`ip route replace ${network} via ${alive} dev lab-r1`);
      try {
        // Hosts are final long before the system gives the gateway up.
        const swept = sweep('--engine raw --no-canary -t 200 -r 1 --rate 50', [hosts], {}, 5);
        await pause(2000);
        run(`ip route replace ${network} via ${dead} dev lab-lan`);
        const report = await swept;
        assert.ok(report.hosts.some(({ status }) => status === 'up'));
        assert.ok(
          report.run.doubts.some((doubt) => doubt.includes(dead)),
          report.run.doubts.join(),
        );
      } finally {
        run(`ip route del ${network}; ip neigh flush dev lab-lan`);
      }
    },
  );
}
