/** What only an inventory's page has: hosts by day, and what changed. */

import type { PageChange, PageHistory } from '../page-data.ts';
import { dayFigure } from './charts.ts';
import { element, section } from './dom.ts';
import { count } from './words.ts';

/** `Since 1 March 24 scans: 3 new, 2 gone.` */
export function historySentence({ scans, firstDay, changeTotals }: PageHistory): string {
  const told = changeTotals.map(([kind, hosts]) => `${count(hosts)} ${kind.replace('-', ' ')}`);
  const changes = told.length === 0 ? 'nothing changed' : told.join(', ');
  return `${count(scans)} ${scans === 1 ? 'scan' : 'scans'} since ${firstDay}: ${changes}.`;
}

export function historySections(history: PageHistory): HTMLElement[] {
  const { usedByDay, firstDay, changes } = history;
  const most = Math.max(...usedByDay);
  const caption = `Hosts that answered at least once on a day, ${count(most)} at most`;
  const chart = element('div', { class: 'charts wide' }, dayFigure(firstDay, usedByDay, caption));
  return [
    section('days', 'Over time', chart),
    ...(changes.length === 0 ? [] : [section('changes', 'What changed', changeTable(history))]),
  ];
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
