/** A page's hosts by number: their map, their stories, and their columns for the table. */

import { REASONS, STATUSES, type Status } from '../../../results/outcome.ts';
import { ABSENT, type HistoryColumns, type HostColumns } from '../page-data.ts';
import { AddressIndex } from './address-index.ts';
import type { MapModel } from './map-model.ts';
import { type LogScale, rampPaint, shareOf, statusPaint } from './scale.ts';
import type { TableColumn, TableModel } from './table-model.ts';
import { msText, STATUS_WORDS, timeText, wholeText } from './words.ts';

type MakeWord = (
  name: string,
  label: string,
  text: (host: number) => string,
  width: number,
  grows?: boolean,
) => TableColumn;
type MakeNumber = (
  name: string,
  label: string,
  value: (host: number) => number,
  text: (value: number) => string,
  width: number,
) => TableColumn;

export class HostModel {
  readonly hosts: HostColumns;
  private readonly history: HistoryColumns | undefined;
  readonly index: AddressIndex;

  /** @param history only in the page of an inventory */
  constructor(hosts: HostColumns, history?: HistoryColumns) {
    this.hosts = hosts;
    this.history = history;
    this.index = new AddressIndex(hosts.runs, 0);
  }

  statusOf(host: number): Status {
    return STATUSES[this.hosts.status[host]!]!;
  }

  reasonOf(host: number): string {
    return REASONS[this.hosts.reason[host]!] ?? '';
  }

  responderOf(host: number): string {
    return this.hosts.responders[this.hosts.responder[host]!] ?? '';
  }

  startedAtOf(host: number): string {
    const after = this.hosts.startedAfterMs[host]!;
    return after === ABSENT ? '' : new Date(this.hosts.startedAtMs + after).toISOString();
  }

  minUsOf(host: number): number {
    const below = this.hosts.rttBelowUs[host]!;
    return below === ABSENT ? ABSENT : this.hosts.rttAvgUs[host]! - below;
  }

  maxUsOf(host: number): number {
    const above = this.hosts.rttAboveUs[host]!;
    return above === ABSENT ? ABSENT : this.hosts.rttAvgUs[host]! + above;
  }

  map(scale: LogScale): MapModel {
    const { index, hosts } = this;
    const paints = Uint8Array.from(hosts.status, (_, host) => {
      const status = this.statusOf(host);
      if (status !== 'up') return statusPaint(status);
      const us = hosts.rttAvgUs[host]!;
      return us === ABSENT ? rampPaint(0) : rampPaint(shareOf(scale, Math.max(1, us)));
    });
    return {
      index,
      paints,
      noun: 'address',
      title: (host) => index.textOf(host),
      lines: (host) => this.story(host),
    };
  }

  /** What happened to a host, in a few lines. */
  private story(host: number): string[] {
    const { hosts } = this;
    const status = this.statusOf(host);
    const [responder, reason] = [this.responderOf(host), this.reasonOf(host)];
    const figure = (values: readonly number[]): number => values[host]!;
    const [sent, received] = [figure(hosts.sent), figure(hosts.received)];
    const lines = [hosts.hostname[host]!];
    const kind = figure(hosts.icmpType);
    const code = kind === ABSENT ? '' : ` (ICMP type ${kind}, code ${figure(hosts.icmpCode)})`;
    lines.push(
      status === 'up'
        ? `Up${responder === '' ? '' : `, answered by ${responder}`}`
        : `${STATUS_WORDS[status]}: ${reason}${code}${responder === '' ? '' : `, says ${responder}`}`,
    );
    const avg = figure(hosts.rttAvgUs);
    if (avg !== ABSENT) {
      const [min, max] = [this.minUsOf(host), this.maxUsOf(host)];
      const range =
        received > 1 && min !== ABSENT && max !== ABSENT
          ? ` (${timeText(min)} to ${timeText(max)})`
          : '';
      const hops = figure(hosts.hops);
      const ttl = figure(hosts.ttl);
      const far =
        hops === ABSENT
          ? ''
          : `, ${hops} ${hops === 1 ? 'hop' : 'hops'} away${ttl === ABSENT ? '' : ` (TTL ${ttl})`}`;
      lines.push(`${timeText(avg)}${range}${far}`);
    }
    if (sent !== ABSENT && received !== ABSENT && sent > 0) {
      const pattern = hosts.patterns[figure(hosts.pattern)];
      const marks = pattern === undefined || pattern.length < 2 ? '' : `  ${pattern}`;
      const again = Math.max(0, figure(hosts.duplicates));
      const twice = again === 0 ? '' : `, ${again} ${again === 1 ? 'duplicate' : 'duplicates'}`;
      lines.push(
        `${received} of ${sent} ${sent === 1 ? 'probe' : 'probes'} answered${twice}${marks}`,
      );
    }
    const mac = hosts.mac[host]!;
    const vendor = this.history?.vendor[host] ?? '';
    if (mac !== '') lines.push(`MAC ${mac} ${vendor}`.trimEnd());
    if (this.history !== undefined) lines.push(...historyLines(this.history, host));
    return lines.filter((line) => line !== '');
  }

  table(): TableModel {
    const { hosts, index } = this;
    const texts = new Array<string>(index.count);
    const address = (host: number): string => (texts[host] ??= index.textOf(host));
    const number: MakeNumber = (name, label, value, text, width) => ({
      name,
      label,
      width,
      isNumber: true,
      text: (host) => text(value(host)),
      order: value,
    });
    const word: MakeWord = (name, label, text, width, grows = false) => ({
      name,
      label,
      width,
      isNumber: false,
      grows,
      text,
      order: text,
    });
    const plain = (values: readonly number[]) => (host: number) => values[host]!;
    const all: TableColumn[] = [
      {
        ...word('address', 'Address', address, 9),
        width: Math.max(9, this.longestAddress() * 0.54 + 1),
        order: (host: number) => host,
      },
      word('hostname', 'Name', (host) => hosts.hostname[host]!, 11, true),
      word('status', 'Status', (host) => this.statusOf(host), 6.6),
      ...this.historyColumns(word, number),
      word('reason', 'Reason', (host) => this.reasonOf(host), 8, true),
      word('responder', 'Responder', (host) => this.responderOf(host), 8, true),
      number('icmp_type', 'ICMP type', plain(hosts.icmpType), wholeText, 5.5),
      number('icmp_code', 'ICMP code', plain(hosts.icmpCode), wholeText, 5.5),
      number('sent', 'Sent', plain(hosts.sent), wholeText, 4),
      number('received', 'Received', plain(hosts.received), wholeText, 5.5),
      number('loss_pct', 'Loss %', (host) => this.lossOf(host), lossText, 4.4),
      number('duplicates', 'Dup.', plain(hosts.duplicates), wholeText, 4),
      number('rtt_min_ms', 'Min ms', (host) => this.minUsOf(host), msText, 5),
      number('rtt_avg_ms', 'RTT ms', plain(hosts.rttAvgUs), msText, 5),
      number('rtt_max_ms', 'Max ms', (host) => this.maxUsOf(host), msText, 5),
      number('rtt_stddev_ms', 'Std. dev.', plain(hosts.rttStddevUs), msText, 5),
      number('ttl', 'TTL', plain(hosts.ttl), wholeText, 2.8),
      number('hops', 'Hops', plain(hosts.hops), wholeText, 3.2),
      word('pattern', 'Pattern', (host) => hosts.patterns[hosts.pattern[host]!] ?? '', 5),
      {
        ...word('started_at', 'Asked at', (host) => this.startedAtOf(host), 13),
        order: (host: number) => hosts.startedAfterMs[host]!,
      },
      word('mac', 'MAC address', (host) => hosts.mac[host]!, 9.4),
      ...this.makerColumn(word),
    ];
    return {
      count: index.count,
      noun: 'host',
      columns: all,
      shown: all.filter(({ name }) => this.isWorthShowing(name)),
      statusOf: (host) => this.statusOf(host),
      reasonOf: (host) => this.reasonOf(host),
      fileName: 'hosts.csv',
    };
  }

  private historyColumns(word: MakeWord, number: MakeNumber): TableColumn[] {
    const { history } = this;
    if (history === undefined) return [];
    const text = (values: readonly string[]) => (host: number) => values[host]!;
    const longest = history.days[0]!.length;
    return [
      word('state', 'State', text(history.state), 5),
      word('days', 'By day', text(history.days), Math.min(60, Math.max(5, 0.62 * longest))),
      number('up_pct', 'Up %', (host) => history.upPermille[host]!, permilleText, 4.4),
      word('known', 'Known', text(history.known), 9),
      word('first_seen', 'First seen', text(history.firstSeen), 6.4),
      word('last_seen', 'Last seen', text(history.lastSeen), 6.4),
    ];
  }

  private makerColumn(word: MakeWord): TableColumn[] {
    const { history } = this;
    return history === undefined
      ? []
      : [word('vendor', 'Maker', (host) => history.vendor[host]!, 8, true)];
  }

  private lossOf(host: number): number {
    const sent = this.hosts.sent[host]!;
    const received = this.hosts.received[host]!;
    return sent <= 0 || received === ABSENT ? ABSENT : (100 * (sent - received)) / sent;
  }

  private longestAddress(): number {
    const { count } = this.index;
    const some = [0, count >> 2, count >> 1, count - 1].map((host) => this.index.textOf(host));
    return some.reduce((most, text) => Math.max(most, text.length), 0);
  }

  /** A column that says the same of every host is left to the story and the export. */
  private isWorthShowing(name: string): boolean {
    const { hosts } = this;
    const hasAny = (values: readonly number[]): boolean => values.some((value) => value > 0);
    switch (name) {
      case 'vendor':
      case 'known':
        return this.history![name].some((text) => text !== '');
      // The story has it; here the days take its place.
      case 'reason':
        return this.history === undefined;
      case 'hostname':
        return hosts.hostname.some((text) => text !== '');
      case 'mac':
        return hosts.mac.some((text) => text !== '');
      case 'responder':
        return hosts.responders.length > 0;
      case 'duplicates':
        return hasAny(hosts.duplicates);
      case 'rtt_max_ms':
        return hasAny(hosts.rttAboveUs);
      case 'hops':
        return hosts.hops.some((value) => value !== ABSENT);
      case 'loss_pct':
        return hosts.received.some((value, host) => value > 0 && value < hosts.sent[host]!);
      case 'first_seen':
      case 'rtt_min_ms':
      case 'ttl':
      case 'pattern':
      case 'icmp_type':
      case 'icmp_code':
      case 'sent':
      case 'received':
      case 'rtt_stddev_ms':
      case 'started_at':
        return false;
      default:
        return true;
    }
  }
}

function historyLines(history: HistoryColumns, host: number): string[] {
  const { state, upPermille, firstSeen, lastSeen, known } = history;
  const share = upPermille[host]!;
  const seen =
    firstSeen[host] === '' ? 'never seen' : `seen ${firstSeen[host]} to ${lastSeen[host]}`;
  const answered = share === ABSENT ? '' : `, answered ${permilleText(share)} % of scans`;
  return [`${state[host]}, ${seen}${answered}`, known[host]!];
}

function permilleText(permille: number): string {
  return permille === ABSENT ? '' : (permille / 10).toFixed(1);
}

function lossText(percent: number): string {
  return percent === ABSENT ? '' : percent.toFixed(1);
}
