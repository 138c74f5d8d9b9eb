/** Which addresses are documented: in the file of known hosts, or by people who marked them as known. */

import { hostNotes } from './host-notes.ts';
import type { KnownHosts } from './known-hosts.ts';
import type { Store } from './store.ts';

/** What decides whether addresses of a network are documented. */
export interface Documented {
  /** Undefined without known hosts. */
  readonly known: KnownHosts | undefined;
  /** Keys of addresses that people marked as known. */
  readonly noted: ReadonlySet<string>;
}

/** @param known undefined without known hosts */
export function documentedIn(
  store: Store,
  network: string,
  known: KnownHosts | undefined,
): Documented {
  const notes = hostNotes(store, [network]).filter((note) => note.known === true);
  return { known, noted: new Set(notes.map(({ key }) => key)) };
}

export function isDocumented({ known, noted }: Documented, key: string): boolean {
  return noted.has(key) || known?.byKey.has(key) === true;
}

/** Without any documented address, none is undocumented either. */
export function isAnyDocumented({ known, noted }: Documented): boolean {
  return known !== undefined || noted.size > 0;
}

/** Every documented address, once. */
export function documentedKeys({ known, noted }: Documented): ReadonlySet<string> {
  return new Set([...noted, ...(known?.byKey.keys() ?? [])]);
}
