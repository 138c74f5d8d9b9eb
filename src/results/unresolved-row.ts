/** Rows of names that were to be swept and have no address to probe. */

import { type HostResult, UNKNOWN_ROW } from './host-result.ts';

/** Everything but the name. */
const NOTHING_PROBED = {
  ...UNKNOWN_ROW,
  status: 'error',
  reason: 'name-unresolved',
  sent: 0,
  received: 0,
  duplicates: 0,
  pattern: '',
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
