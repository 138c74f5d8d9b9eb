/** What only an inventory's page has: hosts by day, and what changed. */

import { ABSENT, type PageChange, type PageHistory } from '../page-data.ts';
import { dayFigure } from './charts.ts';
import { element, section } from './dom.ts';
import { count, shareText, timeText } from './words.ts';

/** `Since 1 March 24 scans: 3 new, 2 gone.` */
export function historySentence({ scans, firstDay, changeTotals }: PageHistory): string {
  const told = changeTotals.map(([kind, hosts]) => `${count(hosts)} ${kind.replace('-', ' ')}`);
  const changes = told.length === 0 ? 'nothing changed' : told.join(', ');
  return `${count(scans)} ${scans === 1 ? 'scan' : 'scans'} since ${firstDay}: ${changes}.`;
}

export function historySections(history: PageHistory): HTMLElement[] {
  const figures = [useFigure(history), ...rttFigure(history)];
  return [
    section('days', 'Over time', element('div', { class: 'charts' }, ...figures)),
    ...(history.changes.length === 0
      ? []
      : [section('changes', 'What changed', changeTable(history))]),
  ];
}

/** Of every day the hosts, and what share of the addresses they are. */
function useFigure({ firstDay, usedByDay, targets }: PageHistory): HTMLElement {
  const text = (hosts: number): string =>
    `${count(hosts)} of ${count(targets)} (${shareText(targets === 0 ? 0 : Math.min(1, hosts / targets))})`;
  return dayFigure({
    title: 'In use by day',
    caption: `Hosts that answered at least once, ${text(Math.max(...usedByDay))} at most, ${text(usedByDay.at(-1)!)} on the last day`,
    firstDay,
    values: usedByDay,
    valueText: text,
  }).root;
}

function rttFigure({ firstDay, rttUsByDay }: PageHistory): HTMLElement[] {
  const known = rttUsByDay.filter((us) => us !== ABSENT);
  if (known.length === 0) return [];
  const [fastest, slowest] = [Math.min(...known), Math.max(...known)];
  const figure = dayFigure({
    title: 'Median RTT by day, ms',
    caption: `Half of the hosts were faster: ${timeText(fastest)} on the fastest day, ${timeText(slowest)} on the slowest, ${timeText(known.at(-1)!)} on the last`,
    firstDay,
    values: rttUsByDay.map((us) => Math.max(0, us) / 1000),
    hasDecimals: true,
    valueText: (ms) => (ms === 0 ? 'no host answered' : timeText(ms * 1000)),
  }).root;
  return [figure];
}

function changeTable({ changes, furtherChanges }: PageHistory): HTMLElement {
  const names = ['When (UTC)', 'Change', 'Address', 'Name', 'Before', 'After'];
  const table = element(
    'table',
    { class: 'changes' },
    element(
      'thead',
      {},
      element('tr', {}, ...names.map((name) => element('th', { scope: 'col' }, name))),
    ),
    element('tbody', {}, ...changes.map(changeRow)),
  );
  const more = `and ${count(furtherChanges)} earlier ones`;
  return element(
    'div',
    { class: 'changes-scroller', tabindex: 0, role: 'region', 'aria-label': 'Changes' },
    table,
    ...(furtherChanges === 0 ? [] : [element('p', {}, more)]),
  );
}

function changeRow({ at, kind, address, hostname, before, after }: PageChange): HTMLElement {
  const cells = [at.slice(0, 16).replace('T', ' '), kind, address, hostname, before, after];
  return element(
    'tr',
    { class: kind },
    ...cells.map((text, i) => element('td', i === 1 ? { class: 'kind' } : {}, text)),
  );
}
