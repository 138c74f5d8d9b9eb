/** Interim results for netdata's plugin, as fping 5.1 writes them: charts once, then their values (netdata's plugins.d). */

import type { ShownHost } from './count-output.ts';

interface Chart {
  readonly id: string;
  readonly title: string;
  readonly unit: string;
  readonly kind: string;
  readonly priority: number;
  readonly dimensions: readonly string[];
  readonly values: (host: ShownHost) => readonly (readonly [name: string, value: number])[];
}

const CHARTS: readonly Chart[] = [
  {
    id: 'packets',
    title: 'FPing Packets',
    unit: 'packets',
    kind: 'line',
    priority: 110_020,
    dimensions: ['xmt sent absolute 1 1', 'rcv received absolute 1 1'],
    values: ({ tally: { interval } }) => [
      ['xmt', interval.sent],
      ['rcv', interval.received],
    ],
  },
  {
    id: 'quality',
    title: 'FPing Quality',
    unit: 'percentage',
    kind: 'area',
    priority: 110_010,
    dimensions: ["returned '' absolute 1 1"],
    values: ({ tally: { interval } }) => [
      ['returned', interval.sent === 0 ? 0 : Math.trunc((interval.received * 100) / interval.sent)],
    ],
  },
  {
    id: 'latency',
    title: 'FPing Latency',
    unit: 'ms',
    kind: 'area',
    priority: 110_000,
    dimensions: [
      'min minimum absolute 1 1000000',
      'max maximum absolute 1 1000000',
      'avg average absolute 1 1000000',
    ],
    values: ({ tally: { interval } }) =>
      interval.received === 0
        ? []
        : [
            ['min', interval.minNs],
            ['avg', interval.averageNs],
            ['max', interval.maxNs],
          ],
  },
];

/** @param isFirst whether the charts have not been declared yet @param everyMs between two calls */
export function netdataText(
  hosts: readonly ShownHost[],
  isFirst: boolean,
  everyMs: number,
): string {
  const lines = hosts.flatMap((host) => {
    const name = host.name.replaceAll(/[^a-z0-9]/gi, '_');
    return CHARTS.flatMap((chart) => {
      const id = `fping.${name}_${chart.id}`;
      const title = `'${chart.title} for host ${host.shown}' ${chart.unit} '${host.shown}'`;
      const kind = `fping.${chart.id} ${chart.kind} ${chart.priority}`;
      const declared = [
        `CHART ${id} '' ${title} ${kind} ${(everyMs / 1000).toFixed(0)}`,
        ...chart.dimensions.map((dimension) => `DIMENSION ${dimension}`),
      ];
      return [
        ...(isFirst ? declared : []),
        `BEGIN ${id}`,
        ...chart.values(host).map(([key, value]) => `SET ${key} = ${value}`),
        'END',
      ];
    });
  });
  return lines.map((line) => `${line}\n`).join('');
}
