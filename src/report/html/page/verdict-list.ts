/** The responders and their reasons: a line for each router that reported on hosts, and for silence. */

import type { PageData, Verdict } from '../page-data.ts';
import { element } from './dom.ts';
import { count } from './words.ts';

/** Undefined if every host answered for itself. */
export function verdictList(data: PageData): HTMLElement | undefined {
  const { verdicts, furtherVerdicts } = data;
  if (verdicts.length === 0) return undefined;
  const most = verdicts[0]!.hosts;
  const items = verdicts.map((verdict) => {
    const bar = element('i', { class: `share ${verdict.status}` });
    bar.style.width = `${Math.max(0.4, (100 * verdict.hosts) / most)}%`;
    const range =
      verdict.hosts === 1
        ? verdict.firstAddress
        : `${verdict.firstAddress} – ${verdict.lastAddress}`;
    return element(
      'li',
      {},
      element('span', { class: 'who' }, sentenceOf(verdict, data)),
      element('span', { class: 'range' }, range),
      element('span', { class: 'track', 'aria-hidden': 'true' }, bar),
    );
  });
  const more =
    furtherVerdicts === 0 ? [] : [element('p', {}, `and ${count(furtherVerdicts)} more`)];
  return element('div', {}, element('ol', { class: 'verdicts' }, ...items), ...more);
}

function sentenceOf(
  { responder, status, reason, hosts }: Verdict,
  { hasNoResponders }: PageData,
): string {
  const them = `${count(hosts)} ${hosts === 1 ? 'host' : 'hosts'}`;
  const why = reason ?? 'no reason given';
  if (status === 'up') return `${responder} answered for ${them}`;
  if (status === 'unreachable') {
    if (hasNoResponders) return `${them} cannot be reached: ${why}`;
    return responder === null
      ? `${them} refused by themselves: ${why}`
      : `${responder} refused ${them}: ${why}`;
  }
  if (status === 'error') return `This system could not probe ${them}: ${why}`;
  if (reason === 'arp-failed') return `No host answers ARP or NDP for ${them}: ${why}`;
  return `No host answers for ${them}: ${why}`;
}
