/** What a person should know about the file of hosts that should be there. */

import type { KnownHosts } from '../../inventory/known-hosts.ts';

/** A line for each row that was left out. @param known undefined without known hosts */
export function knownHostsNotes(known: KnownHosts | undefined): string[] {
  return known?.notes.map((note) => `note: ${note}`) ?? [];
}
