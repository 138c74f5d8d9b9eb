/** JSON as fping 5.5 writes it: an object per line, named by what it reports (fping's doc/fping-json.md). */

import { safeJson } from '../../words.ts';
import {
  type CountOutput,
  type OutputStyle,
  rttText,
  type ShownHost,
  type Statistics,
} from './count-output.ts';
import type { RttTotals } from './host-tally.ts';

/** A key and its value as JSON text. */
type Field = readonly [key: string, value: string | number];

export class JsonOutput implements CountOutput {
  readonly summaryStream = 'stdout';
  private readonly style: OutputStyle;

  constructor(style: OutputStyle) {
    this.style = style;
  }

  reply(host: ShownHost, probe: number, rttNs: number, atMs: number): string {
    return object('resp', [
      ...this.timestamp(atMs),
      ['host', safeJson(host.shown)],
      ['seq', probe],
      ['size', this.style.replyOctets],
      ['rtt', rttText(rttNs)],
    ]);
  }

  timeout(host: ShownHost, probe: number, atMs: number): string {
    return object('timeout', [
      ...this.timestamp(atMs),
      ['host', safeJson(host.shown)],
      ['seq', probe],
    ]);
  }

  summary(hosts: readonly ShownHost[]): string {
    return lines(
      hosts.map(({ shown, tally }) => {
        const host: Field = ['host', safeJson(shown)];
        if (!this.style.listsRtts) return object('summary', [host, ...this.totals(tally.whole)]);
        const values = [...tally.rtts()].map((rttNs) =>
          rttNs === undefined ? 'null' : rttText(rttNs),
        );
        return object('vSum', [host, ['values', `[${values.join(', ')}]`]]);
      }),
    );
  }

  interim(hosts: readonly ShownHost[], at: Date): string {
    const time: Field = ['time', Math.trunc(at.getTime() / 1000)];
    return lines(
      hosts.map(({ shown, tally }) => {
        const totals = this.style.isCumulative ? tally.whole : tally.interval;
        return object('intSum', [time, ['host', safeJson(shown)], ...this.totals(totals)]);
      }),
    );
  }

  statistics(statistics: Statistics): string {
    const { targets, alive, rtts } = statistics;
    const stats = object('stats', [
      ['targets', targets],
      ['alive', alive],
      ['unreachable', targets - alive],
      ['unknownAddresses', statistics.unknownAddresses],
      ['timeouts', statistics.timeouts],
      ['icmpEchosSent', statistics.sent],
      ['icmpEchoRepliesReceived', statistics.received],
      ['otherIcmpReceived', statistics.otherIcmp],
      ...times(rtts),
      ['elapsed', (statistics.elapsedMs / 1000).toFixed(3)],
    ]);
    return lines([stats]);
  }

  private timestamp(atMs: number): Field[] {
    return this.style.timestamps ? [['timestamp', safeJson((atMs / 1000).toFixed(5))]] : [];
  }

  private totals(totals: RttTotals): Field[] {
    const { sent, received, lossPct } = totals;
    const period = this.style.outagePeriodMs;
    return [
      ['xmt', sent],
      ['rcv', received],
      ['loss', lossPct],
      ...(period === undefined
        ? []
        : [['outage(ms)', Math.trunc((sent - received) * period)] as const]),
      ...(received === 0 ? [] : times(totals)),
    ];
  }
}

function times({ minNs, averageNs, maxNs }: RttTotals): Field[] {
  return [
    ['rttMin', rttText(minNs)],
    ['rttAvg', rttText(averageNs)],
    ['rttMax', rttText(maxNs)],
  ];
}

function object(kind: string, fields: readonly Field[]): string {
  return `{"${kind}": {${fields.map(([key, value]) => `"${key}": ${value}`).join(', ')}}}`;
}

function lines(objects: readonly string[]): string {
  return objects.map((each) => `${each}\n`).join('');
}
