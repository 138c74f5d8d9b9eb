/** What happens in made-up networks: their use, a host's figures by hour and day, and changes. */

import type { Change, Span } from '../../src/web/page/answers.ts';
import type { SampleHosts } from './web-sample-hosts.ts';
import { chance, DAY, HOUR, iso, NETWORKS, type SampleNetwork } from './web-sample-networks.ts';

/** How much of a network is in use, day by day. */
export function useOf(network: SampleNetwork, days: number, now: number) {
  const today = Math.floor(now / DAY);
  return Array.from({ length: days }, (_, i) => ({
    day: new Date((today - days + 1 + i) * DAY).toISOString().slice(0, 10),
    used: Math.floor(
      network.size * network.use * (0.7 + (0.25 * i) / days + ((i + 2) % 7 < 5 ? 0.06 : 0)),
    ),
    rtt_median_ms: 1.2 + 0.5 * chance(i, 12),
    rtt_p95_ms: 6,
    scans: 24,
    targets: network.size,
    changes: {},
  }));
}

/** The latest hours or days. @param lengthMs of each */
export function spansUntil(now: number, count: number, lengthMs: number): Span[] {
  const last = Math.floor(now / lengthMs);
  return Array.from({ length: count }, (_, i) => {
    const at = last - count + 1 + i;
    const isOut = chance(at, 16) < 0.012;
    const isLossy = chance(at, 17) < 0.07;
    const asked = lengthMs === DAY ? 24 : 1;
    const up = isOut ? 0 : isLossy && lengthMs === DAY ? 22 : asked;
    const hour = new Date(at * lengthMs).getUTCHours();
    const busy = lengthMs === HOUR && hour > 7 && hour < 18 ? 1.7 : 1;
    const median = busy * (1.1 + 0.35 * chance(at, 18));
    const none = up === 0;
    return {
      from: iso(at * lengthMs),
      asked,
      up,
      sent: asked,
      received: up,
      jitter_ms: null,
      loss_pct: none ? 100 : isLossy ? 20 : 0,
      rtt_min_ms: none ? null : median * 0.72,
      rtt_median_ms: none ? null : median,
      rtt_p95_ms: none ? null : median * (1.4 + 0.9 * chance(at, 19) ** 2),
      rtt_max_ms: none ? null : median * (2.2 + 2 * chance(at, 20)),
    };
  });
}

/** @param names of hosts that the first changes are about */
export function changesUntil(now: number, hosts: SampleHosts, names: readonly string[]): Change[] {
  const kinds = [
    ['new', 'notice', null, null],
    ['gone', 'alarm', null, null],
    ['back', 'info', null, null],
    ['conflict', 'alarm', '00:1b:63:00:00:29', 'b8:27:eb:9a:00:01'],
    ['name-changed', 'notice', 'desk-7.office.example', 'desk-7b.office.example'],
    ['moved', 'notice', '10.20.30.91', '10.20.30.18'],
    ['slower', 'info', '0.84', '14.2'],
    ['reason-changed', 'info', 'no-response', 'host-unreach'],
    ['mac-changed', 'notice', '00:1b:63:00:00:11', '3c:d9:2b:00:00:11'],
  ] as const;
  return Array.from({ length: 160 }, (_, i) => {
    const [kind, severity, before, after] = kinds[Math.floor(chance(i, 13) * kinds.length)]!;
    const network = NETWORKS[Math.floor(chance(i, 14) * 3)]!;
    const number = i < names.length ? i : Math.floor(chance(i, 15) * network.size);
    const host = hosts.host(i < names.length ? NETWORKS[0]! : network, number);
    const isRead = i > 22;
    return {
      id: 1000 - i,
      network: host.network,
      address: host.address,
      hostname: host.hostname,
      change: kind,
      severity,
      before,
      after,
      seen_at: iso(now - (0.4 + i * 2.1) * HOUR),
      reason: kind === 'gone' ? 'host-unreach' : null,
      responder: kind === 'gone' || kind === 'reason-changed' ? '10.20.30.1' : null,
      acknowledged_at: isRead ? iso(now - i * HOUR) : null,
      acknowledged_by: isRead ? 'ada' : null,
    };
  });
}
