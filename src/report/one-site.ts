/** Reports on several sites: the order of their rows, and the rows of one site alone. */

import { orderOfKey } from '../address.ts';
import { EchosweepError } from '../errors.ts';
import type { RunLimits } from '../results/run-record.ts';
import { anyOf } from '../words.ts';
import { quoted } from './csv-records.ts';

/** A host of a report: the same address at two sites is two hosts. */
export interface SiteKey {
  /** null in a report without sites. */
  readonly site: string | null;
  readonly key: string;
}

/** By site, then by zone and address; rows without a site come first. */
export function comesAfter(host: SiteKey, before: SiteKey): boolean {
  if (host.site === before.site) return orderOfKey(host.key) > orderOfKey(before.key);
  return (host.site ?? '') > (before.site ?? '');
}

/** Lets the rows of one site through: the chosen one, or the only one that there is. */
export class OneSite {
  readonly #path: string;
  readonly #wanted: string | undefined;
  readonly #advice: string;
  /** The sites of the rows so far. */
  readonly seen: ReadonlySet<string>;
  readonly #seen = new Set<string>();

  /**
   * @param path what the report is called
   * @param wanted undefined for the only one
   * @param advice what to do if there are several
   */
  constructor(path: string, wanted: string | undefined, advice = 'choose one with --site') {
    this.seen = this.#seen;
    this.#path = path;
    this.#wanted = wanted;
    this.#advice = advice;
  }

  /** The site whose rows it has let through; undefined if rows had none. */
  get name(): string | undefined {
    const [only] = this.#seen;
    return this.#wanted === undefined || this.#seen.size === 0 ? only : this.#wanted;
  }

  /**
   * Whether a row is of the site. Rows without a site always are.
   * @throws EchosweepError REPORT_INVALID if rows are of several sites and none was chosen
   */
  takes(site: string | null): boolean {
    if (site === null) return true;
    if (!this.#seen.has(site)) {
      this.#seen.add(site);
      if (this.#wanted === undefined && this.#seen.size > 1) {
        const [one] = this.#seen;
        throw new EchosweepError(
          'REPORT_INVALID',
          `${this.#path}: it has rows of the sites ${quoted(one!)} and ${quoted(site)}`,
          this.#advice,
        );
      }
    }
    return this.#wanted === undefined || site === this.#wanted;
  }

  /** To be called after the last row. @throws EchosweepError REPORT_INVALID if all rows are of other sites */
  end(): void {
    if (this.#wanted === undefined || this.#seen.size === 0 || this.#seen.has(this.#wanted)) return;
    throw noSuchSite(this.#path, this.#wanted, this.#seen);
  }
}

/** The error of reports that have sites, but not the chosen one. */
export function noSuchSite(
  path: string,
  wanted: string,
  seen: ReadonlySet<string>,
): EchosweepError {
  return new EchosweepError(
    'REPORT_INVALID',
    `${path}: it has no rows of the site ${quoted(wanted)}`,
    `name ${anyOf([...seen])}`,
  );
}

/** How many targets of a site have no row, as the run's record says; undefined if it does not. */
export function missingAt(
  run: RunLimits | undefined,
  site: string | undefined,
): number | undefined {
  return run?.sites?.find((each) => each.site === site)?.missing;
}

/** Whether targets of a report, or of one of its sites, have no row. Without its last record, the sweep was killed. */
export function isPartialAt(run: RunLimits, site: string | undefined): boolean {
  const missing = missingAt(run, site);
  return run.endedAt === null || (missing === undefined ? run.partial : missing > 0);
}
