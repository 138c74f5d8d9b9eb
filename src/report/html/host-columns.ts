/** Up to a /16 of hosts, column by column: neighbours in a column are alike, so that they deflate to little. */

import type { ReportedRow } from '../../results/host-result.ts';
import { InternedTexts } from '../../results/interned-texts.ts';
import { REASONS, STATUSES } from '../../results/outcome.ts';
import { AddressRuns, addressTextOf, type RowAddress } from '../address-runs.ts';
import { ABSENT, type HostColumns } from './page-data.ts';

export class HostColumnsBuilder {
  private readonly runs = new AddressRuns();
  private readonly responders = new InternedTexts();
  private readonly patterns = new InternedTexts();
  private readonly startedAtMs: number[] = [];
  private readonly columns = {
    status: [] as number[],
    reason: [] as number[],
    hostname: [] as string[],
    responder: [] as number[],
    icmpType: [] as number[],
    icmpCode: [] as number[],
    sent: [] as number[],
    received: [] as number[],
    duplicates: [] as number[],
    rttAvgUs: [] as number[],
    rttBelowUs: [] as number[],
    rttAboveUs: [] as number[],
    rttStddevUs: [] as number[],
    ttl: [] as number[],
    hops: [] as number[],
    pattern: [] as number[],
    mac: [] as string[],
  };

  add(address: RowAddress, row: ReportedRow): void {
    const { columns } = this;
    const avg = microseconds(row.rttAvgMs);
    this.runs.add(address);
    columns.status.push(STATUSES.indexOf(row.status));
    columns.reason.push(row.reason === null ? ABSENT : REASONS.indexOf(row.reason));
    columns.hostname.push(row.hostname ?? '');
    columns.responder.push(indexIn(this.responders, row.responder));
    columns.icmpType.push(row.icmpType ?? ABSENT);
    columns.icmpCode.push(row.icmpCode ?? ABSENT);
    columns.sent.push(row.sent ?? ABSENT);
    columns.received.push(row.received ?? ABSENT);
    columns.duplicates.push(row.duplicates ?? ABSENT);
    columns.rttAvgUs.push(avg);
    columns.rttBelowUs.push(distance(avg, microseconds(row.rttMinMs)));
    columns.rttAboveUs.push(distance(microseconds(row.rttMaxMs), avg));
    columns.rttStddevUs.push(microseconds(row.rttStddevMs));
    columns.ttl.push(row.ttl ?? ABSENT);
    columns.hops.push(row.hops ?? ABSENT);
    columns.pattern.push(indexIn(this.patterns, row.pattern));
    columns.mac.push(row.mac ?? '');
    this.startedAtMs.push(row.startedAt?.getTime() ?? Number.NaN);
  }

  build(): HostColumns {
    const startedAtMs = this.startedAtMs.reduce((first, at) => (at < first ? at : first), Infinity);
    return {
      kind: 'hosts',
      runs: this.runs.runs.map((run) => [addressTextOf(run), run.count]),
      ...this.columns,
      responders: this.responders.texts,
      patterns: this.patterns.texts,
      startedAfterMs: this.startedAtMs.map((at) => (Number.isNaN(at) ? ABSENT : at - startedAtMs)),
      startedAtMs: Number.isFinite(startedAtMs) ? startedAtMs : 0,
    };
  }
}

function indexIn(texts: InternedTexts, text: string | null): number {
  return text === null ? ABSENT : texts.indexOf(text);
}

/** The three decimals that every report gives. */
function microseconds(ms: number | null): number {
  return ms === null ? ABSENT : Math.round(ms * 1000);
}

/** Not below 0, though each was rounded by itself. */
function distance(larger: number, smaller: number): number {
  return larger === ABSENT || smaller === ABSENT ? ABSENT : Math.max(0, larger - smaller);
}
