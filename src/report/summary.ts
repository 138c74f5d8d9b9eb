/** The closing summary: a sweep in a dozen aligned lines for the person who started it. */

import { STATUSES, type Status } from '../results/outcome.ts';
import {
  type CanaryRecord,
  elapsedMs,
  type PacketCounts,
  type RunRecord,
  type TcpRecord,
} from '../results/run-record.ts';
import { duration, grouped, plural, safeText } from '../words.ts';
import { decimalText } from './columns.ts';
import { paint, type Tone, wrapWords } from './terminal-text.ts';

export interface SummaryOptions {
  readonly colour: boolean;
  /** Columns of the terminal; Infinity for no line breaks. */
  readonly width: number;
}

const INDENT = '  ';
/** Cells of the words at the left: the longest, `unreachable`, and a gap. */
const LABEL_WIDTH = 13;
const NARROWEST_TEXT = 20;

/** Counts that are shown if they are not 0, and what one and several are called. */
const ODDITIES: readonly (readonly [keyof PacketCounts, string, string])[] = [
  ['errors', 'ICMP error', 'ICMP errors'],
  ['duplicates', 'duplicate', 'duplicates'],
  ['late', 'late reply', 'late replies'],
  ['rejected', 'packet not ours rejected', 'packets not ours rejected'],
  ['dropped', 'reply dropped by our own sockets', 'replies dropped by our own sockets'],
  ['doubtful', 'host in doubt', 'hosts in doubt'],
  ['neighbourRequests', 'ARP or NDP request', 'ARP and NDP requests'],
  ['sendWaits', 'wait for buffers', 'waits for buffers'],
  ['clockSteps', 'clock step', 'clock steps'],
];

/** Lines without line ends. A record without `endedAt` is a sweep still running: pass it again with the time of now. */
export function formatSummary(run: RunRecord, options: SummaryOptions): string[] {
  return [
    ...paragraph(headline(run), 'heading', options),
    ...statusLines(run, options),
    ...rttLines(run, options),
    ...labelled('packets', packetWords(run), options),
    ...(run.canary === null ? [] : labelled('canary', canaryWords(run.canary), options)),
    ...(run.tcp === null ? [] : labelled('tcp', tcpWords(run.tcp), options)),
    ...(run.partial ? paragraph(partialWords(run), 'warning', options) : []),
    ...run.doubts.flatMap((doubt) => paragraph(`do not trust: ${doubt}`, 'error', options)),
    ...run.notes.flatMap((note) => paragraph(`note: ${note}`, 'quiet', options)),
  ];
}

function rowsSoFar(run: RunRecord): number {
  return STATUSES.reduce((sum, status) => sum + run.statuses[status], 0);
}

function headline(run: RunRecord): string {
  const rows = rowsSoFar(run);
  const targets = plural(run.targets, 'target', 'targets');
  const how =
    run.engine === null
      ? ''
      : `, engine ${run.engine}, ${plural(run.workers, 'worker', 'workers')}`;
  const what = rows === run.targets ? targets : `${grouped(rows)} of ${targets}`;
  if (run.endedAt === null) return `${what} so far${how}`;
  return `${what} in ${duration(elapsedMs(run))}${how}`;
}

function statusLines(run: RunRecord, options: SummaryOptions): string[] {
  const rows = rowsSoFar(run);
  const digits = Math.max(...STATUSES.map((status) => grouped(run.statuses[status]).length));
  const shown = STATUSES.filter((status) => status === 'up' || run.statuses[status] > 0);
  return shown.flatMap((status) => {
    const count = run.statuses[status];
    const share = rows === 0 ? 0 : (100 * count) / rows;
    const figures = `${grouped(count).padStart(digits)}  ${share.toFixed(1).padStart(5)} %`;
    const reasons = reasonWordsOf(run, status);
    return labelled(status, `${figures}  ${reasons}`.trimEnd(), options, {
      tone: status,
      hanging: figures.length + 2,
    });
  });
}

/** An echo reply goes without saying. */
function reasonWordsOf(run: RunRecord, status: Status): string {
  const reasons = reasonsOf(run, status);
  const isPlain = status === 'up' && reasons.every(([reason]) => reason === 'echo-reply');
  return isPlain ? '' : reasonWords(reasons);
}

/** Most frequent first. */
function reasonsOf({ outcomes }: RunRecord, status: Status): [string, number][] {
  return Object.entries(outcomes[status] ?? {}).sort(([, a], [, b]) => b - a);
}

function reasonWords(reasons: readonly [string, number][]): string {
  if (reasons.length === 1) return reasons[0]![0];
  return listed(reasons.map(([reason, n]) => `${reason} ${grouped(n)}`));
}

function rttLines(run: RunRecord, options: SummaryOptions): string[] {
  if (run.rtt === null) return [];
  const { minMs, medianMs, p95Ms, maxMs } = run.rtt;
  const figures = Object.entries({ min: minMs, median: medianMs, p95: p95Ms, max: maxMs });
  const words = listed(figures.map(([name, ms]) => `${name} ${decimalText(ms, 3)}`));
  return labelled('rtt ms', words, options);
}

/** `762 sent, 12 received, 381 probes/s, 3 late replies`; it may break behind its commas only. */
export function packetWords(run: RunRecord): string {
  const { packets } = run;
  const words = [`${grouped(packets.sent)} sent`, `${grouped(packets.received)} received`];
  const seconds = elapsedMs(run) / 1000;
  if (packets.sent > 0 && seconds > 0) {
    words.push(`${grouped(Math.round(packets.sent / seconds))} probes/s`);
  }
  for (const [key, one, several] of ODDITIES) {
    const count = packets[key] ?? 0;
    if (count > 0) words.push(plural(count, one, several));
  }
  return listed(words);
}

export function canaryWords({ address, choice, sent, received }: CanaryRecord): string {
  const who = choice === 'gateway' ? `gateway ${safeText(address)}` : safeText(address);
  return `${who} answered ${grouped(received)} of ${plural(sent, 'probe', 'probes')}`;
}

/** `762 connections to ports 443, 22 of 381 hosts` */
export function tcpWords({ ports, hosts, connections }: TcpRecord): string {
  const made = plural(connections, 'connection', 'connections');
  const where = ports.length === 1 ? 'port' : 'ports';
  return `${made} to ${where} ${ports.join(', ')} of ${plural(hosts, 'host', 'hosts')}`;
}

function partialWords(run: RunRecord): string {
  const left = run.targets - rowsSoFar(run);
  // What agents did not report in time, or do not allow, is missing too.
  const why = run.sites === undefined ? 'stopped early' : 'not complete';
  return `partial: ${why}, ${plural(left, 'target is', 'targets are')} missing from the report`;
}

/**
 * A label at the left and its text next to it, wrapped under itself.
 * @param hanging characters of figures that the rest of the text is wrapped next to, or below if there is no room
 */
function labelled(
  label: string,
  text: string,
  options: SummaryOptions,
  { tone, hanging = 0 }: { tone?: Status; hanging?: number } = {},
): string[] {
  const left = INDENT.length + LABEL_WIDTH;
  const figures = text.slice(0, hanging);
  const rest = text.slice(hanging);
  const isBelow = rest !== '' && options.width - left - hanging < NARROWEST_TEXT && hanging > 0;
  const indent = isBelow ? left : left + hanging;
  const [first = '', ...others] = wrapWords(rest, Math.max(NARROWEST_TEXT, options.width - indent));
  const lines = isBelow ? [figures, first, ...others] : [figures + first, ...others];
  const word = tone === undefined ? label : paint(label, tone, options.colour);
  const blanks = ' '.repeat(LABEL_WIDTH - label.length);
  return lines.map((line, i) => {
    const start = i === 0 ? `${INDENT}${word}${blanks}` : ' '.repeat(indent);
    return `${start}${line.replaceAll(UNBROKEN_BLANK, ' ')}`.trimEnd();
  });
}

/** @param text from outside, perhaps */
function paragraph(text: string, tone: Tone, { width, colour }: SummaryOptions): string[] {
  const room = Math.max(NARROWEST_TEXT, width - INDENT.length);
  return wrapWords(safeText(text), room).map((line, i) =>
    paint(i === 0 ? line : `${INDENT}${line}`, tone, colour),
  );
}

const UNBROKEN_BLANK = '\u00A0';

/** Lines break between the items of a list, not inside one. */
function listed(items: readonly string[]): string {
  return items.map((item) => item.replaceAll(' ', UNBROKEN_BLANK)).join(', ');
}
