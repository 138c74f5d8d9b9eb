/** The maps of made-up networks: the cells and states of their addresses, packed as the API packs them. */

import { cellCode } from '../../src/results/cell-code.ts';
import type { NetworkMap } from '../../src/web/page/answers.ts';
import {
  addressAt,
  isConflict,
  rttOf,
  type SampleNetwork,
  stateOf,
} from './web-sample-networks.ts';

export function mapOf(network: SampleNetwork): NetworkMap {
  if (network.scannedAgo === null) return { runs: [], cells: '', states: '', total: 0 };
  return {
    runs: [[addressAt(0, network), network.size]],
    cells: base64(codes(network)),
    states: base64(states(network)),
    total: network.size,
  };
}

/** The cells of addresses as a scan finds them. */
export function freshCells(network: SampleNetwork, first: number, count: number): string {
  return base64(codes(network).subarray(first, first + count));
}

/** At most 256 cells, each as the first of its share. */
export function stripOf(network: SampleNetwork): string {
  const cells = states(network).map((octet) => STRIP_CODES[octet]!);
  const step = Math.max(1, Math.ceil(cells.length / 256));
  return base64(cells.filter((_, i) => i % step === 0));
}

function codes(network: SampleNetwork): Uint8Array {
  if (network.scannedAgo === null) return new Uint8Array(0);
  return Uint8Array.from({ length: network.size }, (_, i) => codeOf(i, network));
}

function states(network: SampleNetwork): Uint8Array {
  if (network.scannedAgo === null) return new Uint8Array(0);
  return Uint8Array.from({ length: network.size }, (_, i) =>
    ADDRESS_STATES.indexOf(isConflict(i, network) ? 'conflict' : stateOf(i, network)),
  );
}

/** As the API numbers them, in the words of hosts. */
const ADDRESS_STATES = ['unasked', 'silent', '', 'up', '', 'missing', 'gone', 'conflict'];

/** By number of the state: not scanned, free, missing, gone, and what answers. */
const STRIP_CODES = [
  0,
  cellCode('down', null, null),
  0,
  cellCode('up', null, null),
  0,
  cellCode('unreachable', null, null),
  cellCode('error', null, null),
  cellCode('up', null, null),
];

function codeOf(i: number, network: SampleNetwork): number {
  switch (stateOf(i, network)) {
    case 'up':
      return cellCode('up', 'echo-reply', rttOf(i));
    case 'missing':
    case 'gone':
      return cellCode('down', 'no-response', null);
    default:
      return cellCode('down', 'arp-failed', null);
  }
}

function base64(octets: Uint8Array): string {
  return Buffer.from(octets).toString('base64');
}
