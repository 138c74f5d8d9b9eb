/** Messages in words, as a mail or a chat shows them: a title, and lines under headings. */

import { fill } from '../../report/terminal-text.ts';
import { grouped, safeText } from '../../words.ts';
import { changeTotals } from '../change-totals.ts';
import { CHANGE_SEVERITIES, type ChangeSeverity, SEVERITIES } from '../host-memory.ts';
import { type ChangeMessage, highestSeverity } from './change-message.ts';
import type { DigestMessage, DigestNetwork } from './digest.ts';

/** A message that is sent to see whether it arrives. */
export interface TestMessage {
  readonly type: 'test';
  readonly schema: 1;
  readonly text: string;
}

export type Message = ChangeMessage | DigestMessage | TestMessage;

export interface Notice {
  readonly title: string;
  readonly severity: ChangeSeverity;
  readonly parts: readonly NoticePart[];
}

/** Safe text, none of it with a line end. */
export interface NoticePart {
  readonly heading: string;
  readonly lines: readonly string[];
}

const COLUMN_WIDTH = 15;

/** One notice for all of the messages. @param messages oldest first */
export function noticeOf(messages: readonly Message[]): Notice {
  const scans = messages.filter((message) => message.type === 'changes');
  const digests = messages.filter((message) => message.type === 'digest').slice(-1);
  const tests = messages.filter((message) => message.type === 'test').slice(0, 1);
  const changes = scans.flatMap((scan) => scan.changes.map(({ change }) => ({ kind: change })));
  const names = [...new Set(scans.map(({ network }) => network))];
  const whose = names.length > 3 ? `${names.length} networks` : names.join(', ');
  const what = scans.length === 0 && tests.length > 0 ? tests[0]!.text : changeTotals(changes);
  const kind = digests.length === 0 ? '' : 'digest: ';
  return {
    title: `echosweep: ${kind}${whose === '' ? '' : `${whose}: `}${what}`,
    severity: highestSeverity(changes),
    parts: [
      ...digests.flatMap(digestParts),
      ...scans.map(({ network, site, scanned_at, changes: own }) => ({
        heading: `${network}${place(site)}, scanned at ${scanned_at}: ${totalsOf(own)}`,
        lines: mostSevereFirst(own).map(changeLine),
      })),
    ],
  };
}

function totalsOf(changes: ChangeMessage['changes']): string {
  return changeTotals(changes.map(({ change }) => ({ kind: change })));
}

function place(site: string | null): string {
  return site === null ? '' : ` (${safeText(site)})`;
}

/** What does not fit at the end of a message is then what matters least. */
function mostSevereFirst(changes: ChangeMessage['changes']): ChangeMessage['changes'] {
  const rank = ({ change }: ChangeMessage['changes'][0]): number =>
    -SEVERITIES.indexOf(CHANGE_SEVERITIES[change]);
  return changes.toSorted((a, b) => rank(a) - rank(b));
}

function changeLine(changed: ChangeMessage['changes'][0]): string {
  const { change, address, hostname, before, after } = changed;
  const values = [
    valueWords(before, changed.vendor_before),
    valueWords(after, changed.vendor_after),
  ];
  const name = hostname === null ? '' : `  ${safeText(hostname)}`;
  return `${padded(change)}${padded(address)}${values.join(change === 'conflict' ? ' and ' : ' -> ')}${name}`;
}

/** @param vendor undefined in messages that an earlier version queued */
function valueWords(value: string | null, vendor: string | null | undefined): string {
  return safeText(`${value ?? '-'}${typeof vendor === 'string' ? ` ${vendor}` : ''}`);
}

const padded = (words: string): string => `${words}${fill(words, COLUMN_WIDTH)}  `;

function digestParts({ networks, fullest_subnets }: DigestMessage): NoticePart[] {
  const fullest = fullest_subnets.map(
    ({ network, subnet, used, targets, used_pct }) =>
      `${padded(network)}${subnet}: ${grouped(used)} of ${grouped(targets)} in use, ${used_pct} %`,
  );
  return [
    { heading: 'Networks', lines: networks.map(networkLine) },
    ...(fullest.length === 0 ? [] : [{ heading: 'Fullest subnets', lines: fullest }]),
  ];
}

function networkLine(network: DigestNetwork): string {
  const { last_scan, targets, free, doubt } = network;
  if (last_scan === null || targets === null) return `${padded(network.network)}never scanned`;
  const counts = [
    [network.up, 'up'],
    [network.missing, 'missing'],
    [network.gone, 'gone'],
    [network.new_7d, 'new in 7 days'],
    [network.conflicts, 'in conflict'],
  ] as const;
  const words = counts.flatMap(([count, what]) =>
    count === 0 && what !== 'up' ? [] : [`${grouped(count)} ${what}`],
  );
  const room = free === null ? [] : [`${grouped(free)} of ${grouped(targets)} free`];
  const trust = doubt === null ? [] : [`last scan unreliable (${safeText(doubt)})`];
  return `${padded(network.network)}${[...words, ...room, ...trust].join(', ')}`;
}
