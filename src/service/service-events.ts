/** What a running inventory service reports, as it happens. */

import type { EchosweepError } from '../errors.ts';
import type { ScanProgress, ScanResult } from '../scan.ts';

/** A name of a target that could not be resolved, and the resolver's message. */
export interface UnresolvedTarget {
  readonly name: string;
  /** As the end of a sentence that begins with the name. */
  readonly reason: string;
}

/** One event; `network` is the network's name. */
export type ServiceEvent =
  /** A scan was requested; it begins as soon as no other is running at its site, or here. */
  | { readonly type: 'scan-requested'; readonly network: string }
  | { readonly type: 'scan-started'; readonly network: string; readonly startedAt: Date }
  | {
      readonly type: 'names-unresolved';
      readonly network: string;
      readonly names: readonly UnresolvedTarget[];
    }
  /** About five times a second. */
  | { readonly type: 'scan-progress'; readonly network: string; readonly progress: ScanProgress }
  /** The scan is kept. One that was stopped is `partial` in its run record. */
  | { readonly type: 'scan-ended'; readonly network: string; readonly result: ScanResult }
  /** Nothing of the scan is kept. */
  | { readonly type: 'scan-failed'; readonly network: string; readonly error: EchosweepError }
  /** Something other than a scan failed, such as a notification; one line. */
  | { readonly type: 'problem'; readonly message: string }
  /** None of the agents of a site is heard of any more. */
  | { readonly type: 'site-silent'; readonly site: string; readonly silence: string }
  | { readonly type: 'site-heard'; readonly site: string }
  /** Another process has written to the inventory. */
  | { readonly type: 'updated' }
  | { readonly type: 'reload-started' }
  | { readonly type: 'reloaded' }
  /** The previous configuration stays active. */
  | { readonly type: 'reload-failed'; readonly error: EchosweepError }
  /** The last event: the store is closed. */
  | { readonly type: 'stopped' };

/** Called for each event, in order. It returns at once and does not throw. */
export type ServiceListener = (event: ServiceEvent) => void;
