/** What one request writes: its change and its line in the audit log are kept together, or neither is. */

import { type AuditLine, addLine } from '../../inventory/audit-log.ts';
import { type Store, writeWhenFree } from '../../inventory/store.ts';
import type { Write } from './route.ts';

export class AuditedWrites {
  private readonly store: Store;
  private readonly line: () => AuditLine;
  private isNoted = false;

  /** @param line called with the first write: what was sent is then what the route takes, and not nested without end */
  constructor(store: Store, line: () => AuditLine) {
    this.store = store;
    this.line = line;
  }

  /** A long change is written in parts; the line comes with the first. */
  readonly write: Write = async (work) => {
    const result = await writeWhenFree(this.store, () => {
      const written = work();
      if (!this.isNoted) addLine(this.store, this.line());
      return written;
    });
    this.isNoted = true;
    return result;
  };

  /** Adds the line of a request that wrote nothing else, as one that starts a scan. */
  async finish(): Promise<void> {
    if (!this.isNoted) await this.write(() => {});
  }
}
