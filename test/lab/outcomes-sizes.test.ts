/** Requests that are too long for the way, and for the host at its end. */

import assert from 'node:assert/strict';
import { LAB } from './address-plan.ts';
import { assertOutcomes, refusedBy, UP } from './expected-outcomes.ts';
import { labTest } from './lab-test.ts';
import { hostIn, sweep } from './sweep-report.ts';

labTest('a request too long for the way is refused by the router that says so', async () => {
  const hosts = [hostIn(LAB.lowMtu4), hostIn(LAB.lowMtu6)] as const;
  assertOutcomes(await sweep('--engine raw -M -b 1400 -t 300 -r 1', hosts), [
    [hosts[0], refusedBy(LAB.router4, 'frag-needed', 3, 4)],
    [hosts[1], refusedBy(LAB.router6, 'packet-too-big', 2, 0)],
  ]);
});

labTest('a reply beats the error that came before it', async () => {
  // The kernel remembers what fits: these are other hosts than above.
  const [v4, v6] = [hostIn(LAB.lowMtu4, 2), hostIn(LAB.lowMtu6, 2)];
  const report = await sweep('--engine raw -b 1400 -t 300', [v4, v6]);
  assertOutcomes(report, [
    [v4, UP],
    [v6, UP],
  ]);
  // Routers fragment IPv4; of IPv6 the first is refused, and the next is cut to what fits.
  assert.deepEqual([report.host(v4).pattern, report.host(v4).loss_pct], ['!', 0]);
  assert.deepEqual([report.host(v6).pattern, report.host(v6).loss_pct], ['U!', 50]);
});

labTest('a host that says itself what it misses is no responder beside itself', async () => {
  const [v4, v6] = [hostIn(LAB.lostFragment4), hostIn(LAB.lostFragment6)];
  const report = await sweep('--engine raw -b 2000 -t 1500 -r 0', [v4, v6]);
  assertOutcomes(report, [
    [v4, refusedBy(null, 'reassembly-exceeded', 11, 1)],
    // The kernel behind these addresses tells IPv6 errors from its own.
    [v6, refusedBy('fd00:78:1::1', 'reassembly-exceeded', 3, 1)],
  ]);
});
