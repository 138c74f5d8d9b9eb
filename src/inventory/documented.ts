/** Which addresses are documented: in the file of known hosts, or by people who marked them as known. */

import type { SqlRow, SqlValue } from './database.ts';
import { hostNotes } from './host-notes.ts';
import type { KnownHosts } from './known-hosts.ts';
import type { Store } from './store.ts';

/** Addresses looked at with one query. */
const PAGE_ROWS = 1000;

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

/**
 * How many documented addresses of a network are silent or gone. One file may list the hosts of all networks, and a network
 * may have far more addresses than the file: whichever are fewer are looked through.
 * @param silentOrGone how many addresses of the network are silent or gone
 */
export function documentedSilent(
  { database }: Store,
  networkId: number,
  documented: Documented,
  silentOrGone: number,
): number {
  const { known, noted } = documented;
  let count = 0;
  if (noted.size + (known?.byKey.size ?? 0) < silentOrGone) {
    const page = database.prepare(
      `SELECT count(*) AS hosts FROM hosts WHERE network = ? AND key IN (SELECT value FROM json_each(?))
         AND (state = 'silent' OR state = 'gone' AND misses > 0)`,
    );
    const keys = [...new Set([...noted, ...(known?.byKey.keys() ?? [])])];
    for (let at = 0; at < keys.length; at += PAGE_ROWS) {
      const row = page.get(networkId, JSON.stringify(keys.slice(at, at + PAGE_ROWS)));
      count += Number(row!['hosts']);
    }
    return count;
  }
  // One state after the other and by number: that is the order of an index.
  const page = database.prepare(
    `SELECT max(id) AS last, json_group_array(key) AS keys FROM (
       SELECT id, key FROM hosts WHERE network = ? AND state = ? AND (state = 'silent' OR misses > 0) AND id > ?
       ORDER BY id LIMIT ${PAGE_ROWS})`,
  );
  for (const state of ['silent', 'gone']) {
    for (let last: SqlValue = 0; last !== null; ) {
      const row: SqlRow = page.get(networkId, state, last)!;
      const keys = JSON.parse(String(row['keys'])) as string[];
      count += keys.filter((key) => isDocumented(documented, key)).length;
      last = row['last']!;
    }
  }
  return count;
}
