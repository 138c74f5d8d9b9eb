/** Keeps what agents of sites say about themselves while scans go on, and notices which sites are silent. */

import { EchosweepError } from '../errors.ts';
import type { ConfigFile } from '../inventory/config/config-file.ts';
import { type Hearing, keepHearing, silenceOf, siteStatuses } from '../inventory/site-agents.ts';
import { type Store, writeWhenFree } from '../inventory/store.ts';
import type { ServiceEvent } from './service-events.ts';

/** Each time is a write to the disk. */
const KEPT_EVERY_MS = 25_000;

export class KeptHearing {
  readonly #hear: ((file: ConfigFile) => Promise<Hearing | undefined>) | undefined;
  readonly #emit: (event: ServiceEvent) => void;
  readonly #silent = new Set<string>();
  #keptAtMs = Number.NEGATIVE_INFINITY;
  #current: Promise<void> | undefined;

  /** @param hear returns what was heard so far; undefined if nothing listens */
  constructor(
    hear: ((file: ConfigFile) => Promise<Hearing | undefined>) | undefined,
    emit: (event: ServiceEvent) => void,
  ) {
    this.#hear = hear;
    this.#emit = emit;
  }

  /** Begins to keep what was heard, unless that is under way or was done a short time ago. */
  keep(store: Store, file: ConfigFile, now: Date): void {
    if (this.#hear === undefined || this.#current !== undefined) return;
    if (Math.abs(now.getTime() - this.#keptAtMs) < KEPT_EVERY_MS) return;
    this.#keptAtMs = now.getTime();
    this.#current = this.#keepNow(this.#hear(file), store, file).finally(() => {
      this.#current = undefined;
    });
  }

  /** Resolves when nothing is being written; the store may be closed afterwards. */
  async end(): Promise<void> {
    await this.#current;
  }

  async #keepNow(
    hearing: Promise<Hearing | undefined>,
    store: Store,
    { config: { sites } }: ConfigFile,
  ): Promise<void> {
    try {
      const heard = await hearing;
      if (heard === undefined) return;
      await writeWhenFree(store, () => keepHearing(store, heard));
      for (const status of siteStatuses(store, sites)) this.#note(status.site, silenceOf(status));
    } catch (error) {
      if (!(error instanceof EchosweepError)) throw error;
      this.#emit({ type: 'problem', message: error.message });
    }
  }

  #note(site: string, silence: string | undefined): void {
    if ((silence !== undefined) === this.#silent.has(site)) return;
    if (silence === undefined) {
      this.#silent.delete(site);
      this.#emit({ type: 'site-heard', site });
    } else {
      this.#silent.add(site);
      this.#emit({ type: 'site-silent', site, silence });
    }
  }
}
