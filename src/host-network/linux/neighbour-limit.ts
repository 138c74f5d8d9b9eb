/** How many entries Linux' neighbour table takes. */

import { limitOfThresholds } from '../neighbour-limit.ts';
import { readProcFile } from './proc-file.ts';

/** As `HostNetwork.neighbourLimit`: the kernel refuses more with ENOBUFS (arp(7), `gc_thresh2`). */
export function neighbourLimit(): number {
  return limitOfThresholds(readThreshold('gc_thresh2'), readThreshold('gc_thresh3'));
}

function readThreshold(name: string): number | undefined {
  const value = Number.parseInt(readProcFile(`/proc/sys/net/ipv4/neigh/default/${name}`), 10);
  return Number.isNaN(value) ? undefined : value;
}
