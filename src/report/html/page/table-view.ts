/** The table: only the rows in sight are in the page, so that 65,536 of them scroll like ten. */

import {
  elementScroll,
  observeElementOffset,
  observeElementRect,
  Virtualizer,
} from '@tanstack/virtual-core';
import type { Status } from '../../../results/outcome.ts';
import { element } from './dom.ts';
import { RowOrder } from './row-order.ts';
import { rowStep } from './row-step.ts';
import type { TableColumn, TableModel } from './table-model.ts';
import { count } from './words.ts';

const ROW_HEIGHT = 30;
/** Between columns and at both ends, as in the style sheet. */
const COLUMN_GAP = 14;
/** On paper there is no scrolling, and a /16 is too long to print. */
const MOST_ROWS_PRINTED = 1024;

export class TableView {
  readonly root: HTMLElement;
  private readonly model: TableModel;
  private readonly order: RowOrder;
  private readonly onChoose: (row: number, isByKey: boolean) => void;
  private readonly head = element('div', { role: 'rowgroup' });
  private readonly body = element('div', { class: 'rows', role: 'rowgroup' });
  private readonly scroller: HTMLElement;
  private readonly virtualizer: Virtualizer<HTMLElement, HTMLElement>;
  private readonly buttons = new Map<TableColumn, HTMLElement>();
  private wishes = {
    search: '',
    statuses: undefined as ReadonlySet<Status> | undefined,
    reason: '',
    sortBy: undefined as TableColumn | undefined,
    descending: false,
  };
  private chosen = -1;
  private isPrinted = false;
  /** Rows by place. */
  rows: Uint32Array;

  /** @param onChoose called with a row that is clicked, or chosen with Enter */
  constructor(model: TableModel, onChoose: (row: number, isByKey: boolean) => void) {
    this.model = model;
    this.order = new RowOrder(model);
    this.onChoose = onChoose;
    this.rows = this.order.rows(this.wishes);
    this.head.append(this.headRow());
    const table = element(
      'div',
      { class: 'table', role: 'table', 'aria-label': model.noun === 'host' ? 'Hosts' : 'Subnets' },
      this.head,
      this.body,
    );
    const template = model.shown.map(({ width, grows }) =>
      grows ? `minmax(${width}em, 1fr)` : `${width}em`,
    );
    table.style.setProperty('--columns', template.join(' '));
    const narrowest = model.shown.reduce((sum, { width }) => sum + width, 0);
    table.style.minWidth = `calc(${narrowest}em + ${COLUMN_GAP * (model.shown.length + 1)}px)`;
    this.scroller = element(
      'div',
      { class: 'scroller', tabindex: 0, role: 'region', 'aria-label': 'Rows' },
      table,
    );
    this.root = this.scroller;
    this.virtualizer = new Virtualizer({
      count: this.rows.length,
      getScrollElement: () => this.scroller,
      estimateSize: () => ROW_HEIGHT,
      scrollToFn: elementScroll,
      observeElementRect,
      observeElementOffset,
      overscan: 12,
      scrollPaddingStart: ROW_HEIGHT + 6,
      onChange: () => this.draw(),
    });
    this.listen(table);
  }

  /** To be called once the table is in the page. */
  start(): void {
    this.virtualizer._didMount();
    this.virtualizer._willUpdate();
    this.refresh();
  }

  wish(wishes: Partial<typeof this.wishes>): void {
    this.wishes = { ...this.wishes, ...wishes };
    this.rows = this.order.rows(this.wishes);
    this.refresh();
    this.scroller.scrollTop = 0;
  }

  /** Marks a row and brings it into sight; does nothing if a filter leaves it out. */
  choose(row: number): void {
    this.chosen = row;
    const place = this.rows.indexOf(row);
    if (place >= 0) this.virtualizer.scrollToIndex(place, { align: 'center' });
    this.draw();
  }

  private refresh(): void {
    this.virtualizer.setOptions({ ...this.virtualizer.options, count: this.rows.length });
    this.virtualizer.measure();
    this.draw();
  }

  private draw(): void {
    this.body.parentElement!.setAttribute('aria-rowcount', String(this.rows.length + 1));
    this.body.classList.toggle('flowing', this.isPrinted);
    if (this.isPrinted) {
      this.body.style.height = 'auto';
      const places = [...this.rows.subarray(0, MOST_ROWS_PRINTED).keys()];
      this.body.replaceChildren(...places.map((place) => this.rowAt(place)), ...this.unprinted());
      return;
    }
    this.body.style.height = `${this.virtualizer.getTotalSize()}px`;
    this.body.replaceChildren(
      ...this.virtualizer.getVirtualItems().map(({ index, start }) => {
        const line = this.rowAt(index);
        line.style.transform = `translateY(${start}px)`;
        return line;
      }),
    );
  }

  /** A line about the rows that are not on paper, if any. */
  private unprinted(): HTMLElement[] {
    const { noun, count: all } = this.model;
    const { length } = this.rows;
    const chosen = length < all ? [`Chosen are ${count(length)} of ${count(all)} ${noun}s.`] : [];
    const cut =
      length > MOST_ROWS_PRINTED
        ? [`Printed are the first ${count(MOST_ROWS_PRINTED)} of ${count(length)} ${noun}s.`]
        : [];
    const words = [...chosen, ...cut].join(' ');
    if (words === '') return [];
    const cell = element('span', { role: 'cell', class: 'unprinted' }, words);
    return [element('div', { role: 'row', class: 'row' }, cell)];
  }

  private rowAt(place: number): HTMLElement {
    const row = this.rows[place]!;
    const { shown, statusOf } = this.model;
    const cells = shown.map((column) => {
      const text = column.text(row);
      const cell = element('span', { role: 'cell', class: column.isNumber ? 'number' : '' }, text);
      if (column.look === 'status') cell.className = `status ${statusOf!(row)}`;
      else if (column.look === 'strip') cell.className = 'strip';
      else if (column.grows) cell.title = text;
      if (column.spoken !== undefined) cell.ariaLabel = column.spoken(row);
      return cell;
    });
    const line = element(
      'div',
      { role: 'row', class: 'row', 'aria-rowindex': place + 2, 'data-row': row },
      ...cells,
    );
    if (row === this.chosen) line.classList.add('chosen');
    return line;
  }

  private headRow(): HTMLElement {
    const cells = this.model.shown.map((column) => {
      const button = element('button', { type: 'button' }, column.label);
      button.addEventListener('click', () => this.sortBy(column));
      const cell = element(
        'span',
        { role: 'columnheader', 'aria-sort': 'none', class: column.isNumber ? 'number' : '' },
        button,
      );
      this.buttons.set(column, cell);
      return cell;
    });
    return element('div', { role: 'row', class: 'row head', 'aria-rowindex': 1 }, ...cells);
  }

  /** Up, down, and back to the order of addresses. */
  private sortBy(column: TableColumn): void {
    const { sortBy, descending } = this.wishes;
    if (sortBy !== column) this.wish({ sortBy: column, descending: false });
    else if (!descending) this.wish({ descending: true });
    else this.wish({ sortBy: undefined, descending: false });
    for (const [each, cell] of this.buttons) {
      const isSorted = this.wishes.sortBy === each;
      const direction = this.wishes.descending ? 'descending' : 'ascending';
      cell.setAttribute('aria-sort', isSorted ? direction : 'none');
    }
  }

  private listen(table: HTMLElement): void {
    table.addEventListener('click', (event) => {
      const line = (event.target as HTMLElement).closest<HTMLElement>('[data-row]');
      if (line === null) return;
      this.chosen = Number(line.dataset['row']);
      this.draw();
      this.onChoose(this.chosen, false);
    });
    this.scroller.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' && event.target === this.scroller && this.chosen >= 0) {
        event.preventDefault();
        this.onChoose(this.chosen, true);
        return;
      }
      const page = Math.floor(this.scroller.clientHeight / ROW_HEIGHT) - 1;
      const step = rowStep(event.key, page, this.rows.length);
      if (step === 0 || event.target !== this.scroller || this.rows.length === 0) return;
      event.preventDefault();
      const place = this.rows.indexOf(this.chosen) + step;
      const row = this.rows[Math.max(0, Math.min(this.rows.length - 1, place))]!;
      this.chosen = row;
      this.virtualizer.scrollToIndex(this.rows.indexOf(row), { align: 'auto' });
      this.draw();
    });
    const print = (isPrinted: boolean) => () => {
      this.isPrinted = isPrinted;
      this.draw();
    };
    addEventListener('beforeprint', print(true));
    addEventListener('afterprint', print(false));
  }
}
