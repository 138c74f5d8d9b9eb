/** What a person should know about the file of hosts that should be there. */

import { EchosweepError } from '../../errors.ts';
import { type ConfigFile, knownHostsOf } from '../../inventory/config/config-file.ts';
import type { KnownHosts } from '../../inventory/known-hosts.ts';

/** A line for each row that was left out. @param known undefined without known hosts */
export function knownHostsNotes(known: KnownHosts | undefined): string[] {
  return known?.notes.map((note) => `note: ${note}`) ?? [];
}

/** For a command that needs them less than what else it shows: a file that cannot be read is a note. */
export async function readableKnownHosts(
  file: ConfigFile,
): Promise<{ readonly known: KnownHosts | undefined; readonly notes: readonly string[] }> {
  try {
    const known = await knownHostsOf(file);
    return { known, notes: knownHostsNotes(known) };
  } catch (error) {
    if (!(error instanceof EchosweepError)) throw error;
    return { known: undefined, notes: [`note: ${error.message}`] };
  }
}
