/** Rows in address order as runs of consecutive addresses: what maps are laid out by. */

import { type Family, formatAddress, parseAddress } from '../address.ts';

/** A row's address as a number. */
export interface RowAddress {
  readonly family: Family;
  readonly value: bigint;
  /** With its percent sign; '' for none. */
  readonly zone: string;
}

/** Consecutive addresses of one family and zone. */
export interface AddressRun extends RowAddress {
  readonly count: number;
}

/** @param text canonical, as in reports @throws RangeError if it is not an address */
export function rowAddress(text: string): RowAddress {
  const percent = text.indexOf('%');
  const address = parseAddress(percent < 0 ? text : text.slice(0, percent));
  if (address === undefined) throw new RangeError(`no address: ${text}`);
  const { family, value } = address;
  return { family, value, zone: percent < 0 ? '' : text.slice(percent) };
}

export function addressTextOf({ family, value, zone }: RowAddress): string {
  return formatAddress(family, value) + zone;
}

/** Collects addresses given in order. */
export class AddressRuns {
  readonly runs: AddressRun[] = [];
  /** What would go on with the last run. */
  private next = -1n;

  add(address: RowAddress): void {
    const last = this.runs.at(-1);
    const follows =
      last !== undefined &&
      last.family === address.family &&
      last.zone === address.zone &&
      this.next === address.value;
    if (follows) (last as { count: number }).count++;
    else this.runs.push({ ...address, count: 1 });
    this.next = address.value + 1n;
  }
}
