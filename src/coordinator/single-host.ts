/** Single hosts next to the targets, such as a gateway or a canary: as a target, and among ranges. */

import type { Gateway } from '../host-network/routes-to-targets.ts';
import type { AddressRange } from '../results/block-targets.ts';

/** A gateway, or any other host that is given in the same way. */
type SingleHost = Gateway;

/** As a target. */
export function rangeOfHost({ family, value, zone }: SingleHost): AddressRange {
  return { family, zone, first: value, last: value };
}

/** Whether an address is in one of the ranges. */
export function isIn(
  ranges: readonly AddressRange[],
  { family, value }: Pick<SingleHost, 'family' | 'value'>,
): boolean {
  return ranges.some(
    (range) => range.family === family && range.first <= value && value <= range.last,
  );
}
