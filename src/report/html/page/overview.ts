/** The top of the page: when and how, the shares as a bar, and whatever the reader must know before trusting it. */

import { STATUSES } from '../../../results/outcome.ts';
import type { PageData } from '../page-data.ts';
import { byId, element } from './dom.ts';
import { historySentence } from './history-sections.ts';
import { count, durationText, momentText, shareText, statusWordsOf } from './words.ts';

export function fillOverview(data: PageData): void {
  byId('when').textContent = whenText(data);
  const { history } = data;
  const since =
    history === undefined ? [] : [element('p', { class: 'since' }, historySentence(history))];
  byId('totals').after(...since, shareBar(data), ...remarks(data));
}

/** Where the numbers come from, at the foot of the page. */
export function pageFoot({ run }: PageData): HTMLElement {
  const command = run.command === undefined ? [] : [element('code', {}, run.command)];
  const version = run.version === undefined ? '' : ` ${run.version}`;
  const facts = (run.facts ?? []).map((fact) => element('span', {}, fact));
  return element(
    'footer',
    {},
    ...command,
    ...facts,
    element('span', {}, `Made by echosweep${version}`),
  );
}

function whenText({ run }: PageData): string {
  const { startedAt, endedAt, engine } = run;
  const parts = [];
  if (startedAt !== undefined) parts.push(momentText(startedAt));
  if (startedAt !== undefined && endedAt !== undefined) {
    parts.push(`took ${durationText(Math.max(0, Date.parse(endedAt) - Date.parse(startedAt)))}`);
  }
  if (engine !== undefined) parts.push(`engine ${engine}`);
  // Where the line is too long it breaks between the parts, behind a dot.
  return parts.map((part) => part.replaceAll(' ', '\u00A0')).join('\u00A0· ');
}

function shareBar(data: PageData): HTMLElement {
  const statuses = data.swept ?? data.statuses;
  const hosts = hostsOf(statuses);
  const shown = STATUSES.filter((status) => statuses[status] > 0);
  const names = statusWordsOf(data);
  const words = shown.map(
    (status) =>
      `${names[status]} ${count(statuses[status])} (${shareText(statuses[status] / hosts)})`,
  );
  const parts = shown.map((status) => {
    const part = element('i', { class: status });
    part.style.flexGrow = String(statuses[status]);
    return part;
  });
  return element('div', { class: 'shares', role: 'img', 'aria-label': words.join(', ') }, ...parts);
}

function hostsOf(statuses: PageData['statuses']): number {
  return STATUSES.reduce((sum, status) => sum + statuses[status], 0);
}

function remarks({ run, swept, hosts }: PageData): HTMLElement[] {
  const left =
    swept === undefined
      ? []
      : [
          `Only ${count(hosts)} of the ${count(hostsOf(swept))} hosts are shown: the report leaves the others out.`,
        ];
  const missing =
    run.missing === undefined
      ? []
      : [
          `Stopped early: ${count(run.missing)} ${run.missing === 1 ? 'address is' : 'addresses are'} not in this report.`,
        ];
  return [
    ...run.doubts.map((doubt) =>
      element('p', { class: 'remark doubt' }, `Do not trust this: ${doubt}`),
    ),
    ...[...missing, ...left].map((words) => element('p', { class: 'remark' }, words)),
    ...run.notes.map((note) => element('p', { class: 'remark' }, `Note: ${note}`)),
  ];
}
