/** The table with what narrows it down: search, statuses, a reason; and its export. */

import { STATUSES, type Status } from '../../../results/outcome.ts';
import type { PageData } from '../page-data.ts';
import { csvText, download } from './csv-export.ts';
import { element } from './dom.ts';
import type { TableModel } from './table-model.ts';
import { TableView } from './table-view.ts';
import { count, statusWordsOf } from './words.ts';

export interface TableSection {
  readonly controls: HTMLElement;
  readonly table: TableView;
}

/** @param onFilter called with the rows left, undefined without a filter */
export function tableSection(
  model: TableModel,
  data: PageData,
  onChoose: (row: number, isByKey: boolean) => void,
  onFilter: (rows: Uint32Array | undefined) => void,
): TableSection {
  const table = new TableView(model, onChoose);
  const result = element('output', { id: 'shown' });
  const chosen = new Set<Status>();
  const wish = (wishes: Parameters<TableView['wish']>[0]): void => {
    table.wish(wishes);
    const isWhole = table.rows.length === model.count;
    onFilter(isWhole ? undefined : table.rows);
    tell();
  };
  const tell = (): void => {
    const noun = model.noun === 'host' ? 'hosts' : 'subnets';
    const { length } = table.rows;
    result.textContent =
      length === model.count
        ? `${count(length)} ${noun}`
        : `${count(length)} of ${count(model.count)} ${noun}`;
  };
  const search = element('input', {
    type: 'search',
    id: 'search',
    placeholder: placeholderOf(model, data),
    'aria-label': 'Search',
    autocomplete: 'off',
    spellcheck: 'false',
  });
  search.addEventListener('input', () => wish({ search: search.value.trim().toLowerCase() }));
  const hasStatus = model.statusOf !== undefined;
  const save = element('button', { type: 'button', id: 'export' }, 'Export as CSV');
  save.addEventListener('click', () => {
    download(csvText(model.columns, table.rows), model.fileName);
  });
  tell();
  return {
    controls: element(
      'div',
      { class: 'controls' },
      search,
      ...(model.reasonOf === undefined ? [] : [reasonChoice(model, wish)]),
      save,
      element('span', { class: 'break' }),
      ...(hasStatus ? [statusChips(data, chosen, wish)] : []),
      result,
    ),
    table,
  };
}

type Wish = (wishes: Parameters<TableView['wish']>[0]) => void;

function placeholderOf({ noun }: TableModel, { history }: PageData): string {
  if (noun === 'subnet') return 'Search subnet…';
  return history === undefined
    ? 'Search address, name, reason…'
    : 'Search address, name, MAC address, maker…';
}

function statusChips(data: PageData, chosen: Set<Status>, wish: Wish): HTMLElement {
  const { statuses } = data;
  const words = statusWordsOf(data);
  const chips = STATUSES.filter((status) => statuses[status] > 0).map((status) => {
    const chip = element(
      'button',
      { type: 'button', class: `chip ${status}`, 'aria-pressed': 'false' },
      element('i', { class: `swatch ${status}` }),
      words[status],
      element('b', {}, count(statuses[status])),
    );
    chip.addEventListener('click', () => {
      if (!chosen.delete(status)) chosen.add(status);
      chip.setAttribute('aria-pressed', String(chosen.has(status)));
      wish({ statuses: chosen.size === 0 ? undefined : new Set(chosen) });
    });
    return chip;
  });
  return element(
    'div',
    {
      class: 'chips',
      role: 'group',
      'aria-label': data.history === undefined ? 'Statuses' : 'States',
    },
    ...chips,
  );
}

function reasonChoice({ count: rows, reasonOf }: TableModel, wish: Wish): HTMLElement {
  const reasons = new Map<string, number>();
  for (let row = 0; row < rows; row++) {
    const reason = reasonOf!(row);
    if (reason !== '') reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  }
  const choice = element(
    'select',
    { id: 'reason', 'aria-label': 'Reason' },
    element('option', { value: '' }, 'Every reason'),
    ...[...reasons]
      .sort(([, a], [, b]) => b - a)
      .map(([reason, hosts]) =>
        element('option', { value: reason }, `${reason} (${count(hosts)})`),
      ),
  );
  choice.addEventListener('change', () => wish({ reason: choice.value }));
  return choice;
}
