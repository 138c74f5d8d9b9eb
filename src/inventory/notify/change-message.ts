/** The message about one scan's changes: what docs/inventory.md describes. */

import { safeJson } from '../../words.ts';
import type { HostChange } from '../diff.ts';
import {
  CHANGE_SEVERITIES,
  type ChangeKind,
  type ChangeSeverity,
  SEVERITIES,
} from '../host-memory.ts';
import type { LabelledNetwork } from '../host-report.ts';
import { makersOf } from '../vendor.ts';

/** The message as a receiver reads it. */
export interface ChangeMessage {
  readonly type: 'changes';
  readonly schema: 1;
  readonly network: string;
  readonly site: string | null;
  readonly tags: readonly string[];
  /** UTC. */
  readonly scanned_at: string;
  /** The highest of its changes. */
  readonly severity: ChangeSeverity;
  readonly changes: readonly {
    readonly address: string;
    readonly hostname: string | null;
    readonly change: ChangeKind;
    readonly severity: ChangeSeverity;
    readonly before: string | null;
    readonly after: string | null;
    /** UTC. */
    readonly seen_at: string;
    /** The makers of the network cards, for a change of MAC address. */
    readonly vendor_before: string | null;
    readonly vendor_after: string | null;
  }[];
}

/** The message about one scan, as one line of JSON. */
export function changeMessage(
  { name, site, tags }: LabelledNetwork,
  scannedAt: Date,
  changes: readonly HostChange[],
): string {
  return safeJson({
    type: 'changes',
    schema: 1,
    network: name,
    site,
    tags,
    scanned_at: scannedAt,
    severity: highestSeverity(changes),
    changes: changes.map((change) => {
      const makers = makersOf(change);
      return {
        address: change.address,
        hostname: change.hostname,
        change: change.kind,
        severity: CHANGE_SEVERITIES[change.kind],
        before: change.before || null,
        after: change.after || null,
        seen_at: change.seenAt,
        vendor_before: makers.before,
        vendor_after: makers.after,
      };
    }),
  });
}

/** The highest severity of these changes. */
export function highestSeverity(changes: readonly { readonly kind: ChangeKind }[]): ChangeSeverity {
  const ranks = changes.map(({ kind }) => SEVERITIES.indexOf(CHANGE_SEVERITIES[kind]));
  return SEVERITIES[Math.max(0, ...ranks)]!;
}
