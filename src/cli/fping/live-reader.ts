/** Reads the shared memory in which a sweep shows its probes: what is new since the last look, in order of time. */

import { LIVE_PROBE, type LiveProbes } from '../../results/live-probes.ts';

/** The end of a probe. */
export interface ProbeEnd {
  /** Of the address, in the order of the sweep. */
  readonly host: number;
  readonly probe: number;
  readonly state: number;
  /** Monotonic nanoseconds. */
  readonly atNs: number;
  readonly rttNs: number;
}

export class LiveReader {
  private readonly live: LiveProbes;
  private readonly seen: Uint8Array;
  /** By host: its first probe that has not ended; the ones before it have been read. */
  private readonly firstOpen: Uint32Array;

  constructor(live: LiveProbes) {
    this.live = live;
    this.seen = new Uint8Array(live.states.length);
    this.firstOpen = new Uint32Array(live.states.length / live.perHost);
  }

  /** Each end once over all calls. */
  takeEnds(): ProbeEnd[] {
    const ends: ProbeEnd[] = [];
    for (let host = 0; host < this.firstOpen.length; host++) this.readHost(host, ends);
    return ends.sort((a, b) => a.atNs - b.atNs);
  }

  private readHost(host: number, ends: ProbeEnd[]): void {
    const { perHost, states, atNs, rttNs } = this.live;
    for (let probe = this.firstOpen[host]!; probe < perHost; probe++) {
      const at = host * perHost + probe;
      if (this.seen[at] === 0) {
        const state = Atomics.load(states, at);
        if (state === LIVE_PROBE.open) continue;
        this.seen[at] = 1;
        ends.push({ host, probe, state, atNs: atNs[at]!, rttNs: rttNs[at]! });
      }
      if (probe === this.firstOpen[host]) this.firstOpen[host] = probe + 1;
    }
  }
}
