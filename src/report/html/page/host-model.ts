/** A page's hosts by number: their map, their stories, and their columns for the table. */

import { REASONS, STATUSES, type Status } from '../../../results/outcome.ts';
import { ABSENT, type HostColumns, type PageHistory } from '../page-data.ts';
import { AddressIndex } from './address-index.ts';
import { historyLines, makerColumn, stateColumns } from './history-columns.ts';
import type { MapModel } from './map-model.ts';
import { type LogScale, rampPaint, shareOf, statusPaint } from './scale.ts';
import { numberColumn, type TableColumn, type TableModel, wordColumn } from './table-model.ts';
import { msText, type StatusWords, statusWordsOf, timeText, wholeText } from './words.ts';

export class HostModel {
  readonly hosts: HostColumns;
  private readonly history: PageHistory | undefined;
  private readonly words: StatusWords;
  readonly index: AddressIndex;

  /** @param history only in the page of an inventory */
  constructor(hosts: HostColumns, history: PageHistory | undefined) {
    this.hosts = hosts;
    this.history = history;
    this.words = statusWordsOf({ history });
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
    const [type, code] = [figure(hosts.icmpType), figure(hosts.icmpCode)];
    const codeWords = code === ABSENT ? '' : `, code ${code}`;
    const error = type === ABSENT ? '' : ` (ICMP type ${type}${codeWords})`;
    lines.push(
      status === 'up'
        ? `Up${responder === '' ? '' : `, answered by ${responder}`}`
        : `${this.words[status]}${reason === '' ? '' : `: ${reason}`}${error}${responder === '' ? '' : `, says ${responder}`}`,
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
    const remembered = this.history?.hosts;
    const vendor = remembered?.vendor[host] ?? '';
    if (mac !== '') lines.push(`MAC ${mac} ${vendor}`.trimEnd());
    if (remembered !== undefined) lines.push(...historyLines(remembered, host));
    return lines.filter((line) => line !== '');
  }

  table(): TableModel {
    const { hosts, index, history } = this;
    const texts = new Array<string>(index.count);
    const address = (host: number): string => (texts[host] ??= index.textOf(host));
    const plain = (values: readonly number[]) => (host: number) => values[host]!;
    const all: TableColumn[] = [
      {
        ...wordColumn('address', 'Address', address, 9),
        width: Math.max(9, this.longestAddress() * 0.54 + 1),
        order: (host: number) => host,
      },
      wordColumn('hostname', 'Name', (host) => hosts.hostname[host]!, 11, true),
      ...(history?.hosts === undefined
        ? [
            {
              ...wordColumn('status', 'Status', (host) => this.statusOf(host), 6.6),
              look: 'status' as const,
            },
          ]
        : stateColumns(history, history.hosts)),
      wordColumn('reason', 'Reason', (host) => this.reasonOf(host), 8, true),
      wordColumn('responder', 'Responder', (host) => this.responderOf(host), 8, true),
      numberColumn('icmp_type', 'ICMP type', plain(hosts.icmpType), wholeText, 5.5),
      numberColumn('icmp_code', 'ICMP code', plain(hosts.icmpCode), wholeText, 5.5),
      numberColumn('sent', 'Sent', plain(hosts.sent), wholeText, 4),
      numberColumn('received', 'Received', plain(hosts.received), wholeText, 5.5),
      numberColumn('loss_pct', 'Loss %', (host) => this.lossOf(host), lossText, 4.4),
      numberColumn('duplicates', 'Dup.', plain(hosts.duplicates), wholeText, 4),
      numberColumn('rtt_min_ms', 'Min ms', (host) => this.minUsOf(host), msText, 5),
      numberColumn('rtt_avg_ms', 'RTT ms', plain(hosts.rttAvgUs), msText, 5),
      numberColumn('rtt_max_ms', 'Max ms', (host) => this.maxUsOf(host), msText, 5),
      numberColumn('rtt_stddev_ms', 'Std. dev.', plain(hosts.rttStddevUs), msText, 5),
      numberColumn('ttl', 'TTL', plain(hosts.ttl), wholeText, 2.8),
      numberColumn('hops', 'Hops', plain(hosts.hops), wholeText, 3.2),
      wordColumn('pattern', 'Pattern', (host) => hosts.patterns[hosts.pattern[host]!] ?? '', 5),
      {
        ...wordColumn('started_at', 'Probed at', (host) => this.startedAtOf(host), 13),
        order: (host: number) => hosts.startedAfterMs[host]!,
      },
      wordColumn('mac', 'MAC address', (host) => hosts.mac[host]!, 9.4),
      ...(history?.hosts === undefined ? [] : [makerColumn(history.hosts)]),
    ];
    return {
      count: index.count,
      noun: 'host',
      columns: all,
      shown: all.filter(({ name }) => this.isWorthShowing(name)),
      statusOf: (host) => this.statusOf(host),
      ...(history === undefined ? { reasonOf: (host) => this.reasonOf(host) } : {}),
      fileName: 'hosts.csv',
    };
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
        return this.history!.hosts![name].some((text) => text !== '');
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

function lossText(percent: number): string {
  return percent === ABSENT ? '' : percent.toFixed(1);
}
