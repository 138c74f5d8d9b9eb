/** Rows of names that were to be swept and have no address to probe. */

import type { HostResult } from './host-result.ts';

/** Everything but the name. */
const NOTHING_PROBED = {
  address: null,
  status: 'error',
  reason: 'name-unresolved',
  responder: null,
  icmpType: null,
  icmpCode: null,
  sent: 0,
  received: 0,
  lossPct: null,
  duplicates: 0,
  rttMinMs: null,
  rttAvgMs: null,
  rttMaxMs: null,
  rttStddevMs: null,
  ttl: null,
  hops: null,
  pattern: '',
  startedAt: null,
  mac: null,
  errno: null,
} as const;

/** @param name as it was written */
export function unresolvedRow(name: string): HostResult {
  return { ...NOTHING_PROBED, hostname: name, rttsMs: [] };
}

/** Whether a row that was read back may be without an address. Its report may lack the reason. */
export function isUnresolved({
  status,
  reason,
}: {
  readonly status?: unknown;
  readonly reason?: unknown;
}): boolean {
  return status === NOTHING_PROBED.status && (reason === null || reason === NOTHING_PROBED.reason);
}
