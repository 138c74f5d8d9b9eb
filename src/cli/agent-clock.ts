/** The clock of the system, as an agent needs it. */

import { memoryUsage } from 'node:process';
import { pause } from '../pause.ts';
import type { AgentClock } from '../sites/chunk-work.ts';

/** Real time. */
export const SYSTEM_CLOCK: AgentClock = {
  nowMs: () => Date.now(),
  pause,
  every: (ms, act) => {
    const timer = setInterval(act, ms);
    return () => clearInterval(timer);
  },
  memoryOctets: () => memoryUsage.rss(),
};
