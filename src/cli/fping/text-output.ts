/** Lines of text as fping 5 writes them. */

import {
  type CountOutput,
  type OutputStyle,
  rttText,
  type ShownHost,
  type Statistics,
} from './count-output.ts';
import type { RttTotals } from './host-tally.ts';

export class TextOutput implements CountOutput {
  readonly summaryStream = 'stderr';
  private readonly style: OutputStyle;

  constructor(style: OutputStyle) {
    this.style = style;
  }

  reply(host: ShownHost, probe: number, rttNs: number, atMs: number): string {
    const { averageNs, lossPct } = host.tally.whole;
    const sum = `(${rttText(averageNs)} avg, ${lossPct}% loss)`;
    const size = `${this.style.replyOctets} bytes`;
    return `${this.begin(host, probe, atMs)} ${size}, ${rttText(rttNs)} ms ${sum}`;
  }

  timeout(host: ShownHost, probe: number, atMs: number): string {
    const { received, averageNs, lossPct } = host.tally.whole;
    const average = received === 0 ? 'NaN' : rttText(averageNs);
    return `${this.begin(host, probe, atMs)} timed out (${average} avg, ${lossPct}% loss)`;
  }

  summary(hosts: readonly ShownHost[]): string {
    const lines = hosts.map((host) => {
      const label = this.label(host);
      return this.style.listsRtts
        ? `${label}${[...host.tally.rtts()].map(listedRtt).join('')}\n`
        : `${label}${this.totals(host.tally.whole)}\n`;
    });
    return `${this.style.isQuiet ? '' : '\n'}${lines.join('')}`;
  }

  interim(hosts: readonly ShownHost[], at: Date): string {
    const lines = hosts.map(
      (host) => `${this.label(host)}${this.totals(this.interimTotals(host))}\n`,
    );
    return `${this.style.isQuiet ? '' : '\n'}[${clock(at)}]\n${lines.join('')}`;
  }

  statistics(statistics: Statistics): string {
    return statisticsText(statistics);
  }

  private begin(host: ShownHost, probe: number, atMs: number): string {
    const time = this.style.timestamps ? `[${(atMs / 1000).toFixed(5)}] ` : '';
    return `${time}${this.label(host)} [${probe}],`;
  }

  private label({ shown }: ShownHost): string {
    return `${shown.padEnd(this.style.width)} :`;
  }

  private interimTotals({ tally }: ShownHost): RttTotals {
    return this.style.isCumulative ? tally.whole : tally.interval;
  }

  private totals(totals: RttTotals): string {
    const { sent, received, lossPct, minNs, averageNs, maxNs } = totals;
    const period = this.style.outagePeriodMs;
    const outage =
      period === undefined ? '' : `, outage(ms) = ${Math.trunc((sent - received) * period)}`;
    const times = [minNs, averageNs, maxNs].map(rttText).join('/');
    const rtts = received === 0 ? '' : `, min/avg/max = ${times}`;
    return ` xmt/rcv/%loss = ${sent}/${received}/${lossPct}%${outage}${rtts}`;
  }
}

/** The block that `-s` adds. */
export function statisticsText(statistics: Statistics): string {
  const { targets, alive, unknownAddresses, timeouts, sent, received, otherIcmp } = statistics;
  const { rtts, elapsedMs } = statistics;
  const count = (value: number, what: string): string => ` ${String(value).padStart(7)} ${what}`;
  return [
    '',
    count(targets, 'targets'),
    count(alive, 'alive'),
    count(targets - alive, 'unreachable'),
    count(unknownAddresses, 'unknown addresses'),
    '',
    count(timeouts, 'timeouts (waiting for response)'),
    count(sent, 'ICMP Echos sent'),
    count(received, 'ICMP Echo Replies received'),
    count(otherIcmp, 'other ICMP received'),
    '',
    ` ${rttText(rtts.minNs)} ms (min round trip time)`,
    ` ${rttText(rtts.averageNs)} ms (avg round trip time)`,
    ` ${rttText(rtts.maxNs)} ms (max round trip time)`,
    ` ${(elapsedMs / 1000).toFixed(3).padStart(12)} sec (elapsed real time)`,
    '',
    '',
  ].join('\n');
}

function listedRtt(rttNs: number | undefined): string {
  return rttNs === undefined ? ' -' : ` ${rttText(rttNs)}`;
}

function clock(at: Date): string {
  return [at.getHours(), at.getMinutes(), at.getSeconds()]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
}
