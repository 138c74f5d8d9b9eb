/** Responders and reasons: the hosts that did not simply answer, by the address that reported on them. */

import type { ReportedRow } from '../../results/host-result.ts';
import type { Verdict } from './page-data.ts';

/** A network has a few hundred routers; one that invents more does not get more memory. */
const MOST_KEPT = 4096;
const MOST_SHOWN = 200;

export class Verdicts {
  private readonly byVoice = new Map<string, Verdict>();
  private unkept = 0;

  /** @param address of the row */
  add(row: ReportedRow, address: string): void {
    const isOwnReply = row.status === 'up' && row.responder === null;
    if (isOwnReply) return;
    const key = `${row.status} ${row.reason} ${row.responder ?? ''}`;
    const known = this.byVoice.get(key) as { hosts: number; lastAddress: string } | undefined;
    if (known !== undefined) {
      known.hosts++;
      known.lastAddress = address;
    } else if (this.byVoice.size < MOST_KEPT) {
      const { responder, status, reason } = row;
      const range = { firstAddress: address, lastAddress: address };
      this.byVoice.set(key, { responder, status, reason, hosts: 1, ...range });
    } else this.unkept++;
  }

  /** The verdicts on most hosts, and how many there are besides. */
  build(): { verdicts: readonly Verdict[]; furtherVerdicts: number } {
    const all = [...this.byVoice.values()].sort((a, b) => b.hosts - a.hosts);
    return {
      verdicts: all.slice(0, MOST_SHOWN),
      furtherVerdicts: Math.max(0, all.length - MOST_SHOWN) + this.unkept,
    };
  }
}
