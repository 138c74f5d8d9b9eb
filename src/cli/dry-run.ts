/** What `--dry-run` prints: what a sweep would probe, how, and for how long. */

import { formatZonedAddress } from '../address.ts';
import type { AddressRange } from '../results/block-targets.ts';
import type { EarlierReport } from '../results/earlier-report.ts';
import type { SweepSettings } from '../settings.ts';
import type { SweepPlan } from '../sweep-plan.ts';
import { duration, grouped, plural } from '../words.ts';

const RANGES_SHOWN = 20;
const LABEL_WIDTH = 9;

/** @param ranges merged, in address order */
export function formatPlan(
  settings: SweepSettings,
  ranges: readonly AddressRange[],
  plan: SweepPlan,
): string[] {
  const rate = Number.isFinite(settings.ratePps)
    ? `at ${grouped(settings.ratePps)} probes/s`
    : 'plus what sending takes, at no limit of rate';
  const order = settings.order === 'random' ? `random, seed ${settings.seed}` : settings.order;
  return [
    ...rangeLines(ranges),
    line('targets', grouped(plan.targets)),
    line('probes', span(plan.probesMin, plan.probesMax, grouped)),
    line(
      'time',
      `${span(plan.secondsMin, plan.secondsMax, (seconds) => duration(seconds * 1000))} ${rate}`,
    ),
    line('engine', `${plan.engine}, ${plan.engineReason}`),
    line('workers', grouped(plan.workers)),
    ...plan.links.map((link, i) => line(i === 0 ? 'link' : '', linkWords(link))),
    ...plan.sending.map((words, i) => line(i === 0 ? 'send' : '', words)),
    line('order', order),
    ...tcpLines(settings, plan),
    ...(plan.canary === undefined ? [] : [line('canary', canaryWords(plan.canary))]),
  ];
}

/** What is not swept again. */
export function resumeLine({ path, rows }: EarlierReport): string {
  return line('resumed', `${plural(rows, 'row')} of ${path}, taken over as they are`);
}

function linkWords({ family, interface: name, source }: SweepPlan['links'][number]): string {
  return `${name}, discovery by ${family === 4 ? 'ARP' : 'NDP'} from ${source}; only hosts that answer are pinged`;
}

function tcpLines({ tcpPorts = [] }: SweepSettings, { targets }: SweepPlan): string[] {
  if (tcpPorts.length === 0) return [];
  const ports = `${tcpPorts.length === 1 ? 'port' : 'ports'} ${tcpPorts.join(', ')}`;
  const most = grouped(tcpPorts.length * targets);
  return [line('tcp', `${ports} of hosts that do not reply; at most ${most} connections`)];
}

function canaryWords({ address, choice }: NonNullable<SweepPlan['canary']>): string {
  const who = choice === 'gateway' ? `${address}, the first gateway on the way` : address;
  return `${who}; probed about once a second, alongside the targets`;
}

function rangeLines(ranges: readonly AddressRange[]): string[] {
  const lines = ranges
    .slice(0, RANGES_SHOWN)
    .map((range, i) => line(i === 0 ? 'ranges' : '', rangeWords(range)));
  const more = ranges.length - lines.length;
  return more > 0 ? [...lines, line('', `and ${grouped(more)} more`)] : lines;
}

function rangeWords({ family, first, last, zone }: AddressRange): string {
  const text = (value: bigint): string => formatZonedAddress({ family, value, zone });
  if (first === last) return text(first);
  return `${text(first)} - ${text(last)}  (${grouped(last - first + 1n)})`;
}

function span(min: number, max: number, format: (value: number) => string): string {
  const [least, most] = [format(min), format(max)];
  return least === most ? least : `at least ${least}, at most ${most}`;
}

function line(label: string, words: string): string {
  return `${label.padEnd(LABEL_WIDTH)}${words}`;
}
