/** A page's subnets by number: their map, their columns, and the addresses inside where the page has them. */

import { CELL_EMPTY, cellStory } from '../../../results/cell-code.ts';
import { ABSENT, type SubnetColumns } from '../page-data.ts';
import { AddressIndex } from './address-index.ts';
import type { MapModel } from './map-model.ts';
import { type LogScale, type Paint, rampPaint, shareOf, statusPaint } from './scale.ts';
import type { TableColumn, TableModel } from './table-model.ts';
import { count, msText, STATUS_WORDS, shareText, timeText } from './words.ts';

const CELLS = 256;

export class SubnetModel {
  readonly subnets: SubnetColumns;
  readonly index: AddressIndex;
  /** By subnet 256 octets; undefined where the page has none. */
  private readonly cells: Uint8Array | undefined;

  constructor(subnets: SubnetColumns, cells: Uint8Array | undefined) {
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

  /** One subnet's addresses; undefined where the page does not have them. */
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
        if (status !== 'up') return [`${STATUS_WORDS[status]}: ${reason ?? 'no reason given'}`];
        return ['Up', ...(rttMs === null ? [] : [`about ${timeText(rttMs * 1000)}`])];
      },
    };
  }

  table(): TableModel {
    const { subnets, index } = this;
    const figure = (
      name: string,
      label: string,
      order: (row: number) => number,
      text: (value: number) => string,
    ): TableColumn => ({
      name,
      label,
      width: 7,
      isNumber: true,
      text: (row) => text(order(row)),
      order,
    });
    const columns: TableColumn[] = [
      {
        name: 'subnet',
        label: 'Subnet',
        width: 12,
        isNumber: false,
        grows: true,
        text: (row) => index.textOf(row),
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
      figure('unreachable', 'Unreachable', (row) => subnets.unreachable[row]!, count),
      figure('down', 'Silent', (row) => subnets.down[row]!, count),
      figure('error', 'Not sent', (row) => subnets.error[row]!, count),
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
    const hosts = this.hostsOf(subnet);
    const rtt = rttUs[subnet]!;
    const rest = [
      ...(unreachable[subnet] === 0 ? [] : [`${count(unreachable[subnet]!)} unreachable`]),
      ...(down[subnet] === 0 ? [] : [`${count(down[subnet]!)} silent`]),
      ...(error[subnet] === 0 ? [] : [`${count(error[subnet]!)} not sent`]),
    ];
    return [
      `${count(up[subnet]!)} of ${count(hosts)} up (${shareText(up[subnet]! / hosts)})`,
      ...(rest.length === 0 ? [] : [rest.join(', ')]),
      ...(rtt === ABSENT ? [] : [`typically ${timeText(rtt)}`]),
      ...(this.cells === undefined ? [] : ['Enter or click shows its addresses']),
    ];
  }
}
