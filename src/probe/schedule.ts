/** When each of a host's probes is sent and times out: the options as plain numbers for the prober. */

/** What probing needs of a sweep's settings. */
export interface ProbeSettings {
  readonly count: number;
  readonly retries: number;
  readonly timeoutMs: number;
  readonly backoff: number;
  readonly periodMs: number;
  /** When a silent host is given up after its first probe: `quick`, or milliseconds; undefined: as the schedule has it. */
  readonly patience?: 'quick' | number;
  /** How long discovery waits for a host at least; undefined: as long as the kernel would. */
  readonly leastDiscoveryMs?: number;
}

/** As long as the kernel looks for a host (arp(7); RFC 4861 section 10), even if pings are less patient. */
const KERNEL_DISCOVERY_MS = 3000;

/** A router that does not find a host reports it after three ARP requests a second apart: given up earlier, the host would be merely silent. */
export const ROUTER_ERROR_NS = 3_200_000_000;
/** Probes of a silent host leave at least this far apart if there is time: a brief outage takes all that leave close together. */
export const SHORTEST_GAP_NS = 800_000_000;
/** The same for `quick`, and when it gives up. */
const QUICK_GAP_NS = 500_000_000;
const QUICK_END_NS = 1_350_000_000;
/** Share of the patience in which all probes leave, so that the last is waited for too. */
const SHARE_TO_SEND = 0.75;

/** Further probes for a host whose reply may have been dropped by our own socket. */
export const PROBES_AFTER_DROPS = 2;
/** Further probes for a silent host on a path that loses packets. */
const PROBES_AFTER_LOSS = 8;
/**
 * The last of three or more planned probes leaves this long after the first one if its host is waited for long enough
 * anyway: what interrupts a path for less than that does not lose all of them.
 */
export const LAST_PROBE_NS = 3_000_000_000;

/** How long a silent host is waited for, if the options say so. */
export interface Patience {
  /** After its first probe. */
  readonly endNs: number;
  readonly gapNs: number;
  /** Whether a network that needs it is waited for as long as by default. */
  readonly mayExtend: boolean;
}

export interface Schedule {
  /** Probes a host, by the options. */
  readonly probes: number;
  /** `probes` and the room for further ones after drops or losses. */
  readonly room: number;
  /** undefined: retries and timeouts are learned, within the schedule. */
  readonly patience: Patience | undefined;
  /** Whether a reply ends a host's probing. */
  readonly stopsWhenAnswered: boolean;
  /** From the first ARP or NDP request of a host on: how long discovery waits at least. */
  readonly leastDiscoveryNs: number;
  /** By round: how long to wait for a reply. */
  readonly timeoutNs: Float64Array;
  /** By round: how long after its probe the next one leaves. */
  readonly gapNs: Float64Array;
}

/** With count 1 a host is probed until it answers, with growing timeouts; else `count` times, `periodMs` apart. */
export function makeSchedule(settings: ProbeSettings): Schedule {
  const stopsWhenAnswered = settings.count === 1;
  const probes = stopsWhenAnswered ? 1 + settings.retries : settings.count;
  const room = probes + (stopsWhenAnswered ? PROBES_AFTER_LOSS : PROBES_AFTER_DROPS);
  const timeoutNs = Float64Array.from({ length: room }, (_, round) => {
    const growth = stopsWhenAnswered ? settings.backoff ** Math.min(round, probes - 1) : 1;
    return settings.timeoutMs * growth * 1e6;
  });
  const gapNs = stopsWhenAnswered
    ? timeoutNs.slice()
    : new Float64Array(room).fill(settings.periodMs * 1e6);
  if (stopsWhenAnswered && settings.patience === undefined && probes > 2)
    delayLastProbe(probes, timeoutNs, gapNs);
  const patience = stopsWhenAnswered ? patienceOf(settings.patience, probes) : undefined;
  if (patience !== undefined) {
    for (let round = 0; round < probes; round++) {
      gapNs[round] = patience.gapNs;
      timeoutNs[round] = patience.endNs - round * patience.gapNs;
    }
  }
  const leastDiscoveryNs = (settings.leastDiscoveryMs ?? KERNEL_DISCOVERY_MS) * 1e6;
  return { probes, room, patience, stopsWhenAnswered, leastDiscoveryNs, timeoutNs, gapNs };
}

function patienceOf(given: ProbeSettings['patience'], probes: number): Patience | undefined {
  if (given === undefined) return undefined;
  const endNs = given === 'quick' ? QUICK_END_NS : given * 1e6;
  const gapNs = gapWithin(endNs, given === 'quick' ? QUICK_GAP_NS : SHORTEST_GAP_NS, probes);
  return { endNs, gapNs, mayExtend: given === 'quick' };
}

/** The gap that is wanted between a host's probes, or one so short that all of them leave in time. */
export function gapWithin(endNs: number, gapNs: number, probes: number): number {
  return Math.min(gapNs, (SHARE_TO_SEND * endNs) / Math.max(1, probes - 1));
}

/** When a silent host's probe of this round leaves after the first one, by the schedule. */
export function sentAfterNs({ gapNs }: Pick<Schedule, 'gapNs'>, round: number): number {
  return gapNs.subarray(0, round).reduce((sum, gap) => sum + gap, 0);
}

/** Lets the last probe leave later if no host is final later for it and it can still be waited for as long as the first one. */
function delayLastProbe(probes: number, timeoutNs: Float64Array, gapNs: Float64Array): void {
  const last = probes - 1;
  const delayNs = LAST_PROBE_NS - sentAfterNs({ gapNs }, last);
  if (delayNs <= 0 || timeoutNs[last]! - delayNs < timeoutNs[0]!) return;
  gapNs[last - 1]! += delayNs;
  timeoutNs[last]! -= delayNs;
}

/** The same, for a host that is probed once. */
export function singleProbe(schedule: Schedule): Schedule {
  return {
    ...schedule,
    patience: undefined,
    probes: 1,
    room: 1 + PROBES_AFTER_DROPS,
    stopsWhenAnswered: true,
  };
}
