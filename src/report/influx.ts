/** Line protocol of InfluxDB, in the names of Telegraf's `ping` input, so dashboards made for that show a sweep. */

import type { HostResult } from '../results/host-result.ts';
import { safeText } from '../words.ts';
import { shortDecimalText } from './cell-text.ts';
import type { ReportFormat } from './format.ts';

/** Telegraf's codes: the host replied; it did not, or its name is not known; it could not be pinged. */
const RESULT_CODE = { replied: 0, noReply: 1, notPinged: 2 } as const;
const LOSS_DECIMALS = 1;
const RTT_DECIMALS = 3;

export const INFLUX: ReportFormat = {
  rows() {
    let startedAt = new Date(0);
    return {
      begin(run) {
        startedAt = run.startedAt;
        return '';
      },
      rows(rows) {
        let lines = '';
        for (const row of rows) lines += line(row, startedAt);
        return lines;
      },
      end: () => '',
    };
  },
};

/** @param usual the time of a host that was sent no probe */
function line(row: HostResult, usual: Date): string {
  const { address, hostname } = row;
  const name = hostname === null || address === null ? '' : `,hostname=${tagValue(hostname)}`;
  const tags = `${name},url=${tagValue(address ?? hostname ?? 'unknown')}`;
  const timeNs = `${(row.startedAt ?? usual).getTime()}000000`;
  return `ping${tags} ${fieldsOf(row).join()} ${timeNs}\n`;
}

/** As Telegraf writes them: integers end in `i`, and fields without a value are left out. */
function fieldsOf(row: HostResult): string[] {
  const { sent, received, lossPct, ttl } = row;
  const fields = [
    `result_code=${resultCode(row)}i`,
    `packets_transmitted=${sent}i`,
    `packets_received=${received}i`,
  ];
  if (lossPct !== null)
    fields.push(`percent_packet_loss=${shortDecimalText(lossPct, LOSS_DECIMALS)}`);
  if (ttl !== null) fields.push(`ttl=${ttl}i`);
  addTime(fields, 'minimum', row.rttMinMs);
  addTime(fields, 'average', row.rttAvgMs);
  addTime(fields, 'maximum', row.rttMaxMs);
  if (row.rttStddevMs !== null) {
    fields.push(`standard_deviation_ms=${shortDecimalText(row.rttStddevMs, RTT_DECIMALS)}`);
  }
  return fields;
}

function addTime(fields: string[], which: string, rttMs: number | null): void {
  if (rttMs !== null) fields.push(`${which}_response_ms=${shortDecimalText(rttMs, RTT_DECIMALS)}`);
}

function resultCode({ received, sent, reason }: HostResult): number {
  if (received > 0) return RESULT_CODE.replied;
  return sent > 0 || reason === 'name-unresolved' ? RESULT_CODE.noReply : RESULT_CODE.notPinged;
}

/**
 * A tag's value cannot hold a line end, and readers disagree about backslashes. An empty one is an error, so it becomes
 * the mark for what cannot be shown.
 */
function tagValue(text: string): string {
  const plain = safeText(text).replaceAll('\\', '\uFFFD');
  return plain === '' ? '\uFFFD' : plain.replace(/[ ,=]/g, '\\$&');
}
