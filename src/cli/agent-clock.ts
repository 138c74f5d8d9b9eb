/** The clock of the system, as an agent needs it. */

import { memoryUsage } from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import type { AgentClock } from '../sites/chunk-work.ts';

/** Real time. */
export const SYSTEM_CLOCK: AgentClock = {
  nowMs: () => Date.now(),
  pause: (ms, signal) => pause(ms, undefined, { signal }).catch(() => {}),
  every: (ms, act) => {
    const timer = setInterval(act, ms);
    return () => clearInterval(timer);
  },
  memoryOctets: () => memoryUsage.rss(),
};
