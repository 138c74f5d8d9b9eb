/** The replies of many hosts in one row of octets: how they are packed, read and joined. */

/** What a host's scans of an hour or a day measured. */
export interface HostReplies {
  /** Scans that probed the host, and those that it answered. */
  readonly asked: number;
  readonly up: number;
  /** Probes and replies; 0 and 0 if the scans did not say. */
  readonly sent: number;
  readonly received: number;
  /** Differences between the round-trip times of successive replies of one scan: how many, and their sum. */
  readonly differences: number;
  readonly differenceSumUs: number;
  /** Round-trip times on the scale of `rttCode`, ascending; of a day the shortest, median, 95th percentile and longest. */
  readonly rtts: readonly number[];
}

/** Hosts that share a row: those whose numbers differ in the last octet only. */
export const HOSTS_A_ROW = 256;
/** More RTTs of an hour than this are thinned out, evenly by rank. */
const MOST_RTTS = 60;
/** RTTs have twelve binary digits: whole microseconds below 4.1 ms, and steps of 0.05 % at most above. */
const DIGITS = 12;
const MANTISSAS = 2 ** DIGITS;
const MOST_EXPONENT = 15;
/** The host, six counts of five octets at most, a sum of eight, and the RTTs. */
const MOST_OCTETS_A_HOST = 1 + 6 * 5 + 8 + 2 * MOST_RTTS;

const scratch = new Uint8Array(HOSTS_A_ROW * MOST_OCTETS_A_HOST);

/** Rises with the RTT; of two octets. The longest is 134 s. */
export function rttCode(rttMs: number): number {
  let mantissa = Math.round(rttMs * 1000);
  let exponent = 0;
  while (mantissa >= MANTISSAS && exponent < MOST_EXPONENT) {
    mantissa = Math.round(mantissa / 2);
    exponent++;
  }
  return exponent * MANTISSAS + Math.min(mantissa, MANTISSAS - 1);
}

export function rttMsOfCode(code: number): number {
  return ((code % MANTISSAS) * 2 ** Math.floor(code / MANTISSAS)) / 1000;
}

/** The value at a rank of ascending ones: the nearest one (ISO 3534-1 leaves the choice open). @param share 0 to 1 */
export function atRank(rtts: readonly number[], share: number): number | undefined {
  return rtts[Math.max(0, Math.ceil(share * rtts.length) - 1)];
}

/** Two spans of one host as one. */
export function joined(a: HostReplies, b: HostReplies): HostReplies {
  return {
    asked: a.asked + b.asked,
    up: a.up + b.up,
    sent: a.sent + b.sent,
    received: a.received + b.received,
    differences: a.differences + b.differences,
    differenceSumUs: a.differenceSumUs + b.differenceSumUs,
    rtts: [...a.rtts, ...b.rtts].sort((one, other) => one - other),
  };
}

/** @param hosts by the last octet of their numbers */
export function packReplies(hosts: ReadonlyMap<number, HostReplies>): Uint8Array {
  let at = 0;
  const put = (value: number): void => {
    let rest = value;
    // Seven bits an octet, the lowest first; the eighth says that more follow. Sums may exceed 32 bits.
    for (; rest >= 128; rest = Math.floor(rest / 128)) scratch[at++] = (rest % 128) + 128;
    scratch[at++] = rest;
  };
  for (const [host, replies] of hosts) {
    scratch[at++] = host;
    put(replies.asked);
    put(replies.up);
    put(replies.sent);
    put(replies.received);
    put(replies.differences);
    if (replies.differences > 0) put(Math.round(replies.differenceSumUs));
    const rtts = thinned(replies.rtts);
    put(rtts.length);
    for (const code of rtts) {
      scratch[at++] = code >> 8;
      scratch[at++] = code & 255;
    }
  }
  return scratch.slice(0, at);
}

/**
 * @param only the last octet of the one host that is wanted; undefined for all
 * @throws Error if the octets are not what `packReplies` made, as in a damaged file, which SQLite does not notice
 */
export function unpackReplies(octets: Uint8Array, only?: number): Map<number, HostReplies> {
  const hosts = new Map<number, HostReplies>();
  let at = 0;
  const take = (): number => {
    let value = 0;
    let worth = 1;
    for (; octets[at]! >= 128; worth *= 128) value += (octets[at++]! - 128) * worth;
    return value + octets[at++]! * worth;
  };
  while (at < octets.length) {
    const host = octets[at++]!;
    const [asked, up, sent, received, differences] = [take(), take(), take(), take(), take()];
    const differenceSumUs = differences > 0 ? take() : 0;
    const count = take();
    // Reading past the end gives NaN.
    if (!(at + 2 * count <= octets.length)) throw new Error('its history of replies is malformed');
    if (only === undefined || host === only) {
      const rtts = Array.from(
        { length: count },
        (_, i) => octets[at + 2 * i]! * 256 + octets[at + 2 * i + 1]!,
      );
      hosts.set(host, { asked, up, sent, received, differences, differenceSumUs, rtts });
      if (host === only) return hosts;
    }
    at += 2 * count;
  }
  return hosts;
}

/** An hour's RTTs as a day's. */
export function summedUp(replies: HostReplies): HostReplies {
  const { rtts } = replies;
  if (rtts.length === 0) return replies;
  return { ...replies, rtts: [rtts[0]!, atRank(rtts, 0.5)!, atRank(rtts, 0.95)!, rtts.at(-1)!] };
}

function thinned(rtts: readonly number[]): readonly number[] {
  if (rtts.length <= MOST_RTTS) return rtts;
  const step = (rtts.length - 1) / (MOST_RTTS - 1);
  return Array.from({ length: MOST_RTTS }, (_, i) => rtts[Math.round(i * step)]!);
}
