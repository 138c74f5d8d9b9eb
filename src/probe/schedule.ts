/** When each of a host's probes is sent and given up: the options as plain numbers for the prober. */

/** What probing needs of a sweep's settings. */
export interface ProbeSettings {
  readonly count: number;
  readonly retries: number;
  readonly timeoutMs: number;
  readonly backoff: number;
  readonly periodMs: number;
}

/** Further probes for a host whose reply may have been dropped by our own socket. */
const REASKS = 2;

export interface Schedule {
  /** Probes a host, as asked for. */
  readonly probes: number;
  /** `probes` and the room for asking again after a drop. */
  readonly room: number;
  /** Whether a reply ends a host's probing. */
  readonly stopsWhenAnswered: boolean;
  /** By probe: how long its reply is waited for. */
  readonly timeoutNs: Float64Array;
  /** By probe: how long after it the next one leaves. */
  readonly gapNs: Float64Array;
}

/** With count 1 a host is asked until it answers, each time waiting longer; else `count` times, `periodMs` apart. */
export function makeSchedule(settings: ProbeSettings): Schedule {
  const stopsWhenAnswered = settings.count === 1;
  const probes = stopsWhenAnswered ? 1 + settings.retries : settings.count;
  const room = probes + REASKS;
  const timeoutNs = Float64Array.from({ length: room }, (_, probe) => {
    const growth = stopsWhenAnswered ? settings.backoff ** Math.min(probe, probes - 1) : 1;
    return settings.timeoutMs * growth * 1e6;
  });
  const gapNs = stopsWhenAnswered
    ? timeoutNs
    : new Float64Array(room).fill(settings.periodMs * 1e6);
  return { probes, room, stopsWhenAnswered, timeoutNs, gapNs };
}

/** The same, for a host that is asked once. */
export function singleProbe(schedule: Schedule): Schedule {
  return { ...schedule, probes: 1, room: 1 + REASKS, stopsWhenAnswered: true };
}
