/** A made-up sweep of every kind of outcome, the same each time: what pages and pictures are made of. */
import { type ReportedRow, UNKNOWN_ROW } from '../../src/results/host-result.ts';

const STARTED_AT_MS = Date.UTC(2026, 2, 4, 5, 6, 7);

/** Numbers from 0 to 1 that are the same in each run (a linear congruential generator modulo 2^31). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return state / 0x80000000;
  };
}

/**
 * Every host of the /`prefix` below 10.79.0.0 but its edges, in address order: crowded and empty subnets, refused
 * ranges, lost probes.
 * @param names of the first hosts
 */
export function* sampleRows(prefix: number, names: readonly string[] = []): Generator<ReportedRow> {
  const random = randomNumbers(prefix);
  const size = 2 ** (32 - prefix);
  for (let host = 1; host < size - 1; host++) {
    const [high, third, low] = [79 + (host >> 16), (host >> 8) & 255, host & 255];
    const address = `10.${high}.${third}.${low}`;
    const startedAt = new Date(STARTED_AT_MS + Math.floor(random() * size));
    const share = prefix >= 24 ? shareAt(low) : ((third * 53 + 5) % 17) / 18;
    if (third % 29 === 7 || (third === 0 && low >= 176 && low < 184)) {
      yield { ...silent(address, startedAt), ...REFUSED };
    } else if (third === 0 && low === 199) {
      yield { ...silent(address, null), ...UNSENT };
    } else if (random() < share) {
      const hostname = names[host - 1] ?? nameOf(address, random);
      yield { ...up(address, startedAt, third, random), hostname, mac: macOf(prefix, low) };
    } else {
      const reason = random() < 0.3 ? 'arp-failed' : 'no-response';
      yield { ...silent(address, startedAt), reason };
    }
  }
}

function shareAt(low: number): number {
  if (low < 40) return 1;
  if (low < 100) return 0.55;
  return low > 223 ? 0.7 : 0.12;
}

/** Only what is on the own link has one that anybody sees. */
function macOf(prefix: number, host: number): string | null {
  return prefix < 24 ? null : `02:00:5e:00:53:${host.toString(16).padStart(2, '0')}`;
}

function nameOf(address: string, random: () => number): string | null {
  return random() < 0.6 ? `host-${address.replaceAll('.', '-')}.example.net` : null;
}

function up(address: string, startedAt: Date, subnet: number, random: () => number): ReportedRow {
  const spread = random() + random() + random() - 1.5;
  const avg = rounded(Math.exp(Math.log(0.2) + (subnet % 7) * 0.5 + 1.1 * spread));
  const isLossy = random() < 0.1;
  return {
    ...UNKNOWN_ROW,
    address,
    status: 'up',
    reason: 'echo-reply',
    sent: isLossy ? 3 : 1,
    received: isLossy ? 2 : 1,
    duplicates: 0,
    lossPct: isLossy ? 100 / 3 : 0,
    rttMinMs: isLossy ? rounded(avg * 0.8) : avg,
    rttAvgMs: avg,
    rttMaxMs: isLossy ? rounded(avg * 1.2) : avg,
    rttStddevMs: isLossy ? rounded(avg * 0.2) : 0,
    ttl: 63 - (subnet % 9),
    hops: 1 + (subnet % 9),
    pattern: isLossy ? '!.!' : '!',
    startedAt,
  };
}

function silent(address: string, startedAt: Date | null): ReportedRow {
  return {
    ...UNKNOWN_ROW,
    address,
    status: 'down',
    reason: 'no-response',
    sent: 3,
    received: 0,
    lossPct: 100,
    duplicates: 0,
    pattern: '...',
    startedAt,
  };
}

const REFUSED = {
  status: 'unreachable',
  reason: 'admin-prohibited',
  responder: '10.99.0.254',
  icmpType: 3,
  icmpCode: 13,
  pattern: 'UUU',
} as const;

const UNSENT = {
  status: 'error',
  reason: 'permission-denied',
  sent: 0,
  lossPct: null,
  pattern: 'E',
} as const;

/** To whole microseconds. */
function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
