/** What a sweep comes to, in one line that needs no knowledge of networks. */

import { grouped } from '../../words.ts';
import type { PageData } from './page-data.ts';

/** `12 of 254 addresses answer (4.7 %), half of them within 0.84 ms. 3 cannot be reached, 239 are silent.` */
export function totalsSentence(data: Omit<PageData, 'map'>): string {
  const { rttUs } = data;
  if (data.history !== undefined) return inventorySentence(data);
  const { up, unreachable, down, error } = data.swept ?? data.statuses;
  const hosts = up + unreachable + down + error;
  const of = `${grouped(up)} of ${grouped(hosts)} ${hosts === 1 ? 'address' : 'addresses'}`;
  const share = hosts === 0 ? '' : ` (${shareText(up / hosts)})`;
  const speed = rttUs === null ? '' : `, half of them within ${timeText(rttUs.median)}`;
  const rest = [
    ...(unreachable === 0 ? [] : [`${grouped(unreachable)} cannot be reached`]),
    ...(down === 0 ? [] : [`${grouped(down)} ${down === 1 ? 'is' : 'are'} silent`]),
    ...(error === 0 ? [] : [`${grouped(error)} could not be probed`]),
  ];
  const others = rest.length === 0 ? '' : ` ${rest.join(', ')}.`;
  return `${of} ${up === 1 ? 'answers' : 'answer'}${share}${speed}.${others}`;
}

/** `102 of 254 addresses are up (40.2 %), half of them within 0.84 ms. 12 are missing, 9 are gone, 131 never answered.` */
function inventorySentence({ hosts, statuses, rttUs }: Omit<PageData, 'map'>): string {
  const { up, unreachable: missing, error: gone, down: silent } = statuses;
  const are = (number: number): string => (number === 1 ? 'is' : 'are');
  const speed = rttUs === null ? '' : `, half of them within ${timeText(rttUs.median)}`;
  const rest = [
    ...(missing === 0 ? [] : [`${grouped(missing)} ${are(missing)} missing`]),
    ...(gone === 0 ? [] : [`${grouped(gone)} ${are(gone)} gone`]),
    ...(silent === 0 ? [] : [`${grouped(silent)} never answered`]),
  ];
  const others = rest.length === 0 ? '' : ` ${rest.join(', ')}.`;
  const share = hosts === 0 ? '' : ` (${shareText(up / hosts)})`;
  const of = `${grouped(up)} of ${grouped(hosts)} ${hosts === 1 ? 'address' : 'addresses'}`;
  return `${of} ${are(up)} up${share}${speed}.${others}`;
}

/** `0.84 ms`, `12 ms`, `1.2 s`: three figures are enough to talk about. */
export function timeText(us: number): string {
  if (us >= 1e6) return `${figures(us / 1e6)} s`;
  return `${figures(us / 1000)} ms`;
}

/** Neither 0 % nor 100 % unless it is exactly that. */
export function shareText(share: number): string {
  const percent = 100 * share;
  if (percent > 0 && percent < 0.1) return 'less than 0.1 %';
  if (percent < 100 && percent >= 99.95) return '99.9 %';
  return `${percent.toFixed(percent === 100 || percent === 0 ? 0 : 1)} %`;
}

function figures(value: number): string {
  return value >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(value < 1 ? 2 : 3)));
}
