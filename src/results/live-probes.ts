/** Shared memory in which a sweep shows what became of each probe, as soon as that is known. */

/**
 * The state of a probe; `open` until it has a reply, timed out or could not be sent. The first state stays. A reply from
 * another address than the target's is `replyOfOther`; the row has that address.
 */
export const LIVE_PROBE = { open: 0, reply: 1, silence: 2, unsent: 3, replyOfOther: 4 } as const;

/**
 * Arrays over shared memory, which pass between threads: `perHost` elements per target, in address order. Read the
 * state first, because the times are written before it.
 */
export interface LiveProbes {
  /** The probes planned for each target; further ones after drops and losses are not shown. */
  readonly perHost: number;
  readonly states: Uint8Array;
  /** When the reply arrived, the probe timed out or it could not be sent, monotonic nanoseconds. */
  readonly atNs: Float64Array;
  /** Round-trip time of a reply. If a thread stalled while it sent the probe, that delay is included. */
  readonly rttNs: Float64Array;
}

/** Memory for a sweep of so many targets. */
export function makeLiveProbes(targets: number, perHost: number): LiveProbes {
  const probes = targets * perHost;
  return {
    perHost,
    states: new Uint8Array(new SharedArrayBuffer(probes)),
    atNs: new Float64Array(new SharedArrayBuffer(8 * probes)),
    rttNs: new Float64Array(new SharedArrayBuffer(8 * probes)),
  };
}

/** The part of some consecutive targets, in the same memory. */
export function partOfLiveProbes(live: LiveProbes, first: number, count: number): LiveProbes {
  const { perHost } = live;
  const [begin, end] = [first * perHost, (first + count) * perHost];
  return {
    perHost,
    states: live.states.subarray(begin, end),
    atNs: live.atNs.subarray(begin, end),
    rttNs: live.rttNs.subarray(begin, end),
  };
}

/** Shows the end of a probe, unless it has been shown already. */
export function showProbe(
  live: LiveProbes,
  host: number,
  round: number,
  state: number,
  atNs: number,
  rttNs: number,
): void {
  if (round >= live.perHost) return;
  const probe = host * live.perHost + round;
  if (live.states[probe] !== LIVE_PROBE.open) return;
  live.atNs[probe] = atNs;
  live.rttNs[probe] = rttNs;
  Atomics.store(live.states, probe, state);
}
