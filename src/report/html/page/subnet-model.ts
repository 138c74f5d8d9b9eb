/** A page's subnets by number: their map, their columns, and the addresses inside if the page has them. */

import { CELL_EMPTY, cellStory } from '../../../results/cell-code.ts';
import { ABSENT, type SubnetColumns } from '../page-data.ts';
import { AddressIndex } from './address-index.ts';
import type { MapModel } from './map-model.ts';
import { type LogScale, type Paint, rampPaint, shareOf, statusPaint } from './scale.ts';
import { numberColumn, type TableColumn, type TableModel, wordColumn } from './table-model.ts';
import { count, msText, type StatusWords, shareText, timeText } from './words.ts';

const CELLS = 256;

export class SubnetModel {
  readonly subnets: SubnetColumns;
  readonly index: AddressIndex;
  /** 256 octets per subnet; undefined if the page has none. */
  private readonly cells: Uint8Array | undefined;
  private readonly words: StatusWords;

  constructor(subnets: SubnetColumns, cells: Uint8Array | undefined, words: StatusWords) {
    this.words = words;
    this.subnets = subnets;
    this.cells = cells;
    this.index = new AddressIndex(subnets.runs, subnets.hostBits);
  }

  /** A subnet is as dark as the share of its hosts that answers. */
  map(): MapModel {
    const { index } = this;
    return {
      index,
      paints: Uint8Array.from(this.subnets.up, (_, subnet) => this.paintOf(subnet)),
      noun: 'subnet',
      title: (subnet) => index.textOf(subnet),
      lines: (subnet) => this.story(subnet),
    };
  }

  /** One subnet's addresses; undefined if the page does not have them. */
  inside(subnet: number, scale: LogScale): MapModel | undefined {
    const { cells } = this;
    if (cells === undefined) return undefined;
    const octets = cells.subarray(subnet * CELLS, (subnet + 1) * CELLS);
    const asked = [...octets.keys()].filter((cell) => octets[cell] !== CELL_EMPTY);
    const [network] = this.index.textOf(subnet).split('/');
    const whole = new AddressIndex([[network!, CELLS]], 0);
    const runs = asked.map((cell) => [whole.textOf(cell), 1] as const);
    const index = new AddressIndex(runs, 0);
    const storyOf = (member: number) => cellStory(octets[asked[member]!]!)!;
    return {
      index,
      paints: asked.map((_, member): Paint => {
        const { status, rttMs } = storyOf(member);
        if (status !== 'up') return statusPaint(status);
        return rampPaint(rttMs === null ? 0 : shareOf(scale, rttMs * 1000));
      }),
      noun: 'address',
      title: (member) => index.textOf(member),
      lines: (member) => {
        const { status, reason, rttMs } = storyOf(member);
        if (status !== 'up')
          return [reason === null ? this.words[status] : `${this.words[status]}: ${reason}`];
        return ['Up', ...(rttMs === null ? [] : [`about ${timeText(rttMs * 1000)}`])];
      },
    };
  }

  table(): TableModel {
    const { subnets, index, words } = this;
    const figure = (
      name: string,
      label: string,
      value: (row: number) => number,
      text: (value: number) => string,
    ): TableColumn => numberColumn(name, label, value, text, 7);
    const columns: TableColumn[] = [
      {
        ...wordColumn('subnet', 'Subnet', (row) => index.textOf(row), 12, true),
        order: (row) => row,
      },
      figure('hosts', 'Hosts', (row) => this.hostsOf(row), count),
      figure('up', 'Up', (row) => subnets.up[row]!, count),
      figure(
        'up_pct',
        'Up %',
        (row) => (100 * subnets.up[row]!) / this.hostsOf(row),
        (percent) => percent.toFixed(1),
      ),
      figure('unreachable', words.unreachable, (row) => subnets.unreachable[row]!, count),
      figure('down', words.down, (row) => subnets.down[row]!, count),
      figure('error', words.error, (row) => subnets.error[row]!, count),
      figure('rtt_ms', 'Typical RTT ms', (row) => subnets.rttUs[row]!, msText),
    ];
    return { count: index.count, noun: 'subnet', columns, shown: columns, fileName: 'subnets.csv' };
  }

  private hostsOf(subnet: number): number {
    const { up, unreachable, down, error } = this.subnets;
    return up[subnet]! + unreachable[subnet]! + down[subnet]! + error[subnet]!;
  }

  private paintOf(subnet: number): Paint {
    const { up, unreachable, down, error } = this.subnets;
    if (up[subnet]! > 0) return rampPaint(up[subnet]! / this.hostsOf(subnet));
    if (unreachable[subnet]! >= down[subnet]! && unreachable[subnet]! > 0) {
      return statusPaint('unreachable');
    }
    return statusPaint(error[subnet]! > down[subnet]! ? 'error' : 'down');
  }

  private story(subnet: number): string[] {
    const { up, unreachable, down, error, rttUs } = this.subnets;
    const { words } = this;
    const hosts = this.hostsOf(subnet);
    const rtt = rttUs[subnet]!;
    const rest = [
      ...(unreachable[subnet] === 0
        ? []
        : [`${count(unreachable[subnet]!)} ${words.unreachable.toLowerCase()}`]),
      ...(down[subnet] === 0 ? [] : [`${count(down[subnet]!)} ${words.down.toLowerCase()}`]),
      ...(error[subnet] === 0 ? [] : [`${count(error[subnet]!)} ${words.error.toLowerCase()}`]),
    ];
    return [
      `${count(up[subnet]!)} of ${count(hosts)} up (${shareText(up[subnet]! / hosts)})`,
      ...(rest.length === 0 ? [] : [rest.join(', ')]),
      ...(rtt === ABSENT ? [] : [`typically ${timeText(rtt)}`]),
      ...(this.cells === undefined ? [] : ['Enter or click shows its addresses']),
    ];
  }
}
