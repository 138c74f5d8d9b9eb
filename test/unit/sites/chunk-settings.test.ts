/** The settings of a sweep travel to agents as options, and come out as they were. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resolveSettings, type SweepOptions } from '../../../src/settings.ts';
import { chunkSettingsOf, shareOf } from '../../../src/sites/chunk-settings.ts';
import { decodeChunk, encodeChunk } from '../../../src/sites/contract/chunk.ts';

const NAME = { scan: 's1', site: 'berlin', chunk: 0 };
const RANGES = [{ family: 4, zone: '', first: 1n << 24n, last: 1n << 24n }] as const;

/** The settings that an agent has of these options. */
function arrived(options: Partial<SweepOptions>): object {
  const settings = chunkSettingsOf(resolveSettings({ targets: [], ...options }));
  const times = { notAfterMs: null, leaseMs: 60_000 };
  const message = encodeChunk({ ...NAME, ranges: RANGES, settings, ratePps: 7, ...times });
  return resolveSettings({ targets: [], ...decodeChunk(message).settings });
}

test('settings are the same at the agent', () => {
  const some: Partial<SweepOptions>[] = [
    {},
    { count: 5, periodMs: 20 },
    { retries: 0, timeoutMs: 300, backoff: 2 },
    { patience: 'quick', retries: 4 },
    { patience: '700' },
    { tcp: [22, 443] },
    { payloadBytes: 1000, ttl: 3, tos: 8, dontFragment: true },
    { arpRatePps: 200 },
    { arp: false, engine: 'dgram', order: 'sequential' },
    { canary: false },
    { canary: '192.0.2.1' },
    { canary: 'fe80::1%eth0' },
    { rdns: true, rdnsTimeoutMs: 50, dnsServer: '192.0.2.53' },
  ];
  for (const options of some) {
    const given = { seed: 7, ...options };
    const { ratePps: _, ...settings } = resolveSettings({ targets: [], ...given });
    const { ratePps: __, ...there } = arrived(given) as typeof settings & { ratePps: number };
    assert.deepEqual(there, settings, JSON.stringify(options));
  }
});

test('what is about one machine is refused', () => {
  const wrong: Partial<SweepOptions>[] = [
    { source: ['192.0.2.1'] },
    { interface: 'eth0' },
    { workers: 2 },
    { send: 'link' },
  ];
  for (const options of wrong) assert.throws(() => arrived(options), { code: 'OPTION_INVALID' });
});

test('ARP requests at any rate arrive as the highest, because JSON has no number for no limit', () => {
  const there = arrived({ arpRatePps: Number.POSITIVE_INFINITY }) as { arpRatePps: number };
  assert.equal(there.arpRatePps, 10_000_000);
});

test('chunks at once share the rate of ARP requests, and no share is less than the lowest rate', () => {
  assert.deepEqual(shareOf({ arpRatePps: 200, ttl: 3 }, 4), { arpRatePps: 50, ttl: 3 });
  assert.deepEqual(shareOf({ arpRatePps: 0.2 }, 4), { arpRatePps: 0.1 });
  assert.deepEqual(shareOf({ ttl: 3 }, 4), { ttl: 3 });
});
