/** The page in the browser: from its data to map, charts, verdicts and table. */

import { rttMsOfStep } from '../../../results/cell-code.ts';
import type { PageData } from '../page-data.ts';
import { chartFigures } from './charts.ts';
import { byId, element, section } from './dom.ts';
import { historySections } from './history-sections.ts';
import { HostModel } from './host-model.ts';
import { legendOf } from './legend.ts';
import type { MapModel } from './map-model.ts';
import { MapView } from './map-view.ts';
import { fillOverview, pageFoot } from './overview.ts';
import { readCells, readData } from './read-data.ts';
import { type LogScale, logScale } from './scale.ts';
import { SubnetModel } from './subnet-model.ts';
import type { TableModel } from './table-model.ts';
import { tableSection } from './table-section.ts';
import { startTheme } from './theme.ts';
import { verdictList } from './verdict-list.ts';
import { count, statusWordsOf } from './words.ts';

const KEYS = 'Arrow keys go from cell to cell, Page Up and Page Down from group to group.';

async function start(): Promise<void> {
  const data = await readData();
  const cells = await readCells();
  startTheme(byId('theme'));
  fillOverview(data);
  const { history } = data;
  const main = document.querySelector('main')!;
  const { map } = data;
  if (data.hosts > 0) {
    const scale = rttScale(data);
    if (map.kind === 'hosts') showHosts(data, new HostModel(map, history), scale, main);
    else showSubnets(data, new SubnetModel(map, cells, statusWordsOf(data)), scale, main);
  }
  document.body.append(pageFoot(data));
  document.documentElement.dataset['ready'] = 'true';
}

function showHosts(data: PageData, model: HostModel, scale: LogScale, main: HTMLElement): void {
  const view = new MapView(model.map(scale), {
    onChoose: (host) => {
      rows.table.choose(host);
      rows.table.root.scrollIntoView({ block: 'nearest' });
    },
    onLeave: () => view.select(-1),
  });
  const rows = tableSection(
    model.table(),
    data,
    (host, isByKey) => {
      view.select(host);
      if (isByKey) view.focus();
    },
    (left) => view.light(left === undefined ? undefined : marked(left, model.index.count)),
  );
  main.append(
    mapSection('Address map', view, element('div', {}, legendOf(data, scale))),
    ...middle(data),
    section('hosts', 'Hosts', rows.controls, rows.table.root),
  );
  view.start();
  rows.table.start();
}

function showSubnets(data: PageData, model: SubnetModel, scale: LogScale, main: HTMLElement): void {
  const whole = model.map();
  const legend = element('div', {}, legendOf(data, undefined));
  const back = element('button', { type: 'button', class: 'back', hidden: true }, 'All subnets');
  const where = element('span', { class: 'where' });
  const path = element('p', { class: 'path' }, back, where);
  let isInside = false;
  let lastSubnet = 0;
  const enter = (subnet: number): void => {
    const inside: MapModel | undefined = model.inside(subnet, scale);
    if (inside === undefined) return;
    isInside = true;
    lastSubnet = subnet;
    back.hidden = false;
    where.textContent = `${model.index.textOf(subnet)}: ${count(inside.index.count)} addresses`;
    legend.replaceChildren(legendOf(insideTotals(data, model, subnet), scale));
    view.show(inside);
  };
  const leave = (): void => {
    if (!isInside) {
      view.select(-1);
      return;
    }
    isInside = false;
    back.hidden = true;
    where.textContent = '';
    legend.replaceChildren(legendOf(data, undefined));
    view.show(whole);
    view.select(lastSubnet);
  };
  const choose = (member: number): void => {
    if (isInside) return;
    rows.table.choose(member);
    enter(member);
  };
  const view = new MapView(whole, { onChoose: choose, onLeave: leave });
  back.addEventListener('click', leave);
  const rows = tableSection(
    model.table() as TableModel,
    data,
    (subnet, isByKey) => {
      if (isInside) leave();
      view.select(subnet);
      if (isByKey) view.focus();
    },
    (left) => {
      if (isInside) leave();
      view.light(left === undefined ? undefined : marked(left, model.index.count));
    },
  );
  main.append(
    mapSection('Map of subnets', view, legend, path),
    ...middle(data),
    section('hosts', 'Subnets', rows.controls, rows.table.root),
  );
  view.start();
  rows.table.start();
}

/** What the legend counts while the map shows the inside of one subnet. */
function insideTotals(data: PageData, { subnets }: SubnetModel, subnet: number): PageData {
  const { up, unreachable, down, error } = subnets;
  const statuses = {
    up: up[subnet]!,
    unreachable: unreachable[subnet]!,
    down: down[subnet]!,
    error: error[subnet]!,
  };
  return { ...data, statuses };
}

function mapSection(title: string, view: MapView, ...above: readonly HTMLElement[]): HTMLElement {
  const keys = element('p', { id: 'map-keys', class: 'hidden' }, KEYS);
  return section('map', title, ...above, view.root, keys);
}

function middle(data: PageData): HTMLElement[] {
  const { history } = data;
  const charts = chartFigures(data);
  const verdicts = verdictList(data);
  return [
    ...(history === undefined ? [] : historySections(history)),
    ...(charts.length === 0
      ? []
      : [
          section('charts', 'How fast and how far', element('div', { class: 'charts' }, ...charts)),
        ]),
    ...(verdicts === undefined ? [] : [section('verdicts', 'Responders and reasons', verdicts)]),
  ];
}

/** From the second to the 98th percentile, so that a single straggler does not pale all others. */
function rttScale({ rttSteps }: PageData): LogScale {
  const total = rttSteps.reduce((sum, hosts) => sum + hosts, 0);
  if (total === 0) return logScale(100, 1000);
  const at = (share: number): number => {
    let below = 0;
    const step = rttSteps.findIndex((hosts) => {
      below += hosts;
      return below >= share * total;
    });
    return 1000 * rttMsOfStep(step);
  };
  return logScale(at(0.02), at(0.98));
}

/** 1 by member for those in the list. */
function marked(members: Uint32Array, length: number): Uint8Array {
  const marks = new Uint8Array(length);
  for (const member of members) marks[member] = 1;
  return marks;
}

void start();
