/** Puts the rows of an earlier report in their places between the new ones, and keeps only a few of them in memory. */

import { orderOfKey, readAddress } from '../address.ts';
import type { EarlierReport, EarlierRow } from '../results/earlier-report.ts';
import { ROWS_AT_ONCE } from '../results/host-cursor.ts';
import { type HostResult, keptHost } from '../results/host-result.ts';

export class RowMerge {
  private readonly earlier: AsyncGenerator<EarlierRow>;
  private readonly onEarlier: (rows: readonly EarlierRow[]) => Promise<void>;
  private readonly onRows: (rows: Iterable<HostResult>) => Promise<void>;
  private rows: HostResult[] = [];
  /** Those of `rows` that are taken over. */
  private takenOver: EarlierRow[] = [];
  /** The next row of the earlier report; undefined before the first and after the last. */
  private next: EarlierRow | undefined;
  private isBegun = false;

  /** @param onEarlier called with the rows that are taken over, before they are passed on to `onRows` */
  constructor(
    report: EarlierReport,
    onEarlier: (rows: readonly EarlierRow[]) => Promise<void>,
    onRows: (rows: Iterable<HostResult>) => Promise<void>,
  ) {
    this.earlier = report.read();
    this.onEarlier = onEarlier;
    this.onRows = onRows;
  }

  /** New rows with an address, in address order over all calls; none of them is in the earlier report. */
  async write(rows: Iterable<HostResult>): Promise<void> {
    for (const row of rows) {
      // The cursor does not move while the earlier rows are read, and its row is copied before it does.
      await this.takeOverBefore(readAddress(row.address!)!.key);
      await this.add(keptHost(row));
    }
    await this.flush();
  }

  /** The rest of the earlier report. */
  async end(): Promise<void> {
    await this.takeOverBefore(undefined);
    await this.flush();
  }

  /** Lets go of the file. Never throws. */
  async close(): Promise<void> {
    await this.earlier.return(undefined).catch(() => {});
  }

  /** @param key undefined for all that are left */
  private async takeOverBefore(key: string | undefined): Promise<void> {
    if (!this.isBegun) await this.step();
    const isBefore = ({ key: earlier }: EarlierRow): boolean =>
      key === undefined || orderOfKey(earlier) < orderOfKey(key);
    while (this.next !== undefined && isBefore(this.next)) {
      this.takenOver.push(this.next);
      await this.add(this.next);
      await this.step();
    }
  }

  private async step(): Promise<void> {
    this.isBegun = true;
    const { done, value } = await this.earlier.next();
    this.next = done === true ? undefined : value;
  }

  private async add(row: HostResult): Promise<void> {
    this.rows.push(row);
    if (this.rows.length >= ROWS_AT_ONCE) await this.flush();
  }

  private async flush(): Promise<void> {
    if (this.rows.length === 0) return;
    const { rows, takenOver } = this;
    this.rows = [];
    this.takenOver = [];
    if (takenOver.length > 0) await this.onEarlier(takenOver);
    await this.onRows(rows);
  }
}
