/** What a watch says in lines: each change if there is no screen, and the summary at the end. */

import { changeWords, hostWords, statusWords } from '../../watch/screen.ts';
import type { WatchChange, WatchedHost } from '../../watch/watched-hosts.ts';
import { duration, grouped, plural, safeText } from '../../words.ts';

/** `2026-01-31T12:00:00.000Z 192.0.2.7 (printer.example) went down (no-response)` */
export function changeLine(change: WatchChange): string {
  return safeText(`${change.at.toISOString()} ${hostWords(change.host)} ${changeWords(change)}`);
}

/** What the first round found. */
export function firstLine(hosts: readonly WatchedHost[], intervalMs: number): string {
  const what = `${plural(hosts.length, 'host')}: ${statusWords(hosts)}`;
  return `${what}; one round every ${duration(intervalMs)}, and a line for each change`;
}

/** Two lines about the whole watch. */
export function watchSummary(
  hosts: readonly WatchedHost[],
  rounds: number,
  elapsedMs: number,
): string[] {
  let [sent, received, changes] = [0, 0, 0];
  for (const host of hosts) {
    sent += host.sent;
    received += host.received;
    changes += host.changes;
  }
  const loss = sent === 0 ? '' : `, ${((100 * (sent - received)) / sent).toFixed(1)} % loss`;
  const times = `watched for ${duration(elapsedMs)} in ${plural(rounds, 'round')}`;
  return [
    `${plural(hosts.length, 'host')} ${times}: ${statusWords(hosts)}`,
    `${plural(sent, 'probe')} sent, ${grouped(received)} answered${loss}; ${plural(changes, 'change')}`,
  ];
}
