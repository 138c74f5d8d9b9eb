/** The text format of Prometheus (version 0.0.4). */

export type Labels = Readonly<Record<string, string>>;
export type Sample = readonly [labels: Labels, value: number];

/** A gauge: what is pruned no longer counts. */
export interface Gauge {
  readonly name: string;
  /** A sentence, for the help and the documentation. */
  readonly help: string;
}

/** A metric with all of its samples; nothing without one. */
export function gaugeText({ name, help }: Gauge, samples: readonly Sample[]): string {
  if (samples.length === 0) return '';
  const lines = samples.map(([labels, value]) => `${name}${labelText(labels)} ${value}\n`);
  return `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${lines.join('')}`;
}

/** Quotation marks, backslashes and line ends would end a label. */
function labelText(labels: Labels): string {
  const escaped = (value: string): string =>
    value.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n');
  const parts = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return parts.length === 0 ? '' : `{${parts.join(',')}}`;
}
