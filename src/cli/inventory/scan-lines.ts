/** A finished scan and its changes, in lines for a person. */

import type { InventoryChange } from '../../inventory/change-list.ts';
import { changeTotals } from '../../inventory/change-totals.ts';
import { elapsedMs } from '../../results/run-record.ts';
import { type ScanResult, targetsWithoutRow } from '../../scan.ts';
import { grouped, plural, safeText } from '../../words.ts';
import { errorLine } from '../terminal.ts';

/**
 * The scan in one line, and a line for each thing that a person should know about it.
 * @param isQuiet whether only what is lost is worth a line
 */
export function scanSummary(
  name: string,
  { run, isFirst, changes, droppedMessages }: ScanResult,
  isQuiet: boolean,
): string[] {
  const lost =
    droppedMessages === 0
      ? []
      : [`${name}: dropped ${plural(droppedMessages, 'undelivered message')} (queue full)`];
  if (run === undefined || isQuiet) return lost;
  const seconds = elapsedMs(run) / 1000;
  const isWhole = !run.partial && run.failure === null && run.doubts.length === 0;
  const first = isWhole
    ? 'the first complete scan, with which the next are compared'
    : 'no complete scan yet to compare the next with';
  const leftOut = run.partial ? 0 : targetsWithoutRow(run);
  const news = isFirst ? first : changeTotals(changes);
  return [
    `${name}: ${grouped(run.statuses.up)} of ${grouped(run.targets)} up in ${seconds.toFixed(1)} s; ${news}`,
    ...lost,
    ...(run.partial
      ? [
          `${name}: ${run.sites === undefined ? 'stopped early' : 'not complete'}; hosts that were not probed stay as they were`,
        ]
      : []),
    ...(leftOut > 0
      ? [
          `${name}: the site's agents do not allow ${plural(leftOut, 'target')} (see --allow and --deny); the scan is complete without them, and they stay as they were`,
        ]
      : []),
    // What a site's agents doubt is about their own hosts.
    ...[...run.doubts, ...(run.failure === null ? [] : [run.failure])].map((doubt) =>
      run.sites === undefined ? `${name}: no host was marked gone: ${doubt}` : `${name}: ${doubt}`,
    ),
  ];
}

/** `office: gone 192.0.2.7 printer.example (echo-reply -> no-response)` */
export function changeLine(change: InventoryChange): string {
  const { network, kind, address, hostname, before, after } = change;
  const name = hostname === null ? '' : ` ${safeText(hostname)}`;
  const values = [before, after].filter((value) => value !== '').map(safeText);
  return `${network}: ${kind} ${address}${name} (${values.join(kind === 'conflict' ? ' and ' : ' -> ')})`;
}

/** A name of a network's targets that is left out of a scan. */
export function unresolvedLine(
  network: string,
  { name, reason }: { readonly name: string; readonly reason: string },
): string {
  return errorLine(`${network}: ${name} ${reason}; skipped`);
}
