/** IPv4 addresses by patterns of their octets, as nmap takes them: `10.0-3.*.1,5,9`. */

import { type TargetSpec, targetInvalid } from './target-error.ts';

/** Closed intervals of IPv4 addresses, ascending and apart, as numbers: first, last, first, last … */
export type FlatIntervals = readonly number[];

/** As many runs of addresses as a pattern may have: `*.*.0-3.1` is that many. */
const MOST_RUNS = 1 << 18;
const ALL_OCTETS = 256;

/** Whether a word is meant as a pattern: four parts of digits, stars, commas and hyphens. */
export function isOctetPattern(text: string): boolean {
  return /^[\d*,-]+(\.[\d*,-]+){3}$/.test(text) && /[*,-]/.test(text);
}

/**
 * The addresses of a pattern. Its size in memory is that of the runs, never of the addresses.
 * @param spec of which `isOctetPattern` is true
 * @throws EchosweepError `TARGET_INVALID`
 */
export function parseOctetPattern(spec: TargetSpec): FlatIntervals {
  const octets = spec.text.split('.').map((part) => runsOfOctet(spec, part));
  const count = runsOf(octets);
  if (count > MOST_RUNS) {
    throw targetInvalid(
      spec,
      `is ${count} separate runs of addresses`,
      'write subnets, or patterns with less in front of the last numbers',
    );
  }
  // From the last octet to the first: what is below an octet is repeated for each of its numbers.
  let below: FlatIntervals = [0, 0];
  let size = 1;
  for (const runs of octets.toReversed()) {
    const isWhole = below.length === 2 && below[0] === 0 && below[1] === size - 1;
    const wider: number[] = [];
    for (const [from, to] of runs) {
      if (isWhole) wider.push(from * size, (to + 1) * size - 1);
      else {
        for (let octet = from; octet <= to; octet++) {
          for (const bound of below) wider.push(octet * size + bound);
        }
      }
    }
    below = wider;
    size *= ALL_OCTETS;
  }
  return below;
}

type Run = readonly [from: number, to: number];

function runsOf(octets: readonly (readonly Run[])[]): number {
  let count = 1;
  let isWhole = true;
  for (const runs of octets.toReversed()) {
    const numbers = runs.reduce((sum, [from, to]) => sum + to - from + 1, 0);
    count *= isWhole ? runs.length : numbers;
    isWhole &&= numbers === ALL_OCTETS;
  }
  return count;
}

/** The numbers of an octet as ascending runs that do not touch. */
function runsOfOctet(spec: TargetSpec, part: string): Run[] {
  const isIn = new Uint8Array(ALL_OCTETS);
  for (const item of part.split(',')) {
    const [from, to] = boundsOf(spec, item);
    if (from > to) {
      throw targetInvalid(
        spec,
        `has the range ${item}, which ends before it begins`,
        'write the lower number first',
      );
    }
    isIn.fill(1, from, to + 1);
  }
  const runs: Run[] = [];
  for (let octet = 0; octet < ALL_OCTETS; octet++) {
    if (isIn[octet] === 0) continue;
    const from = octet;
    while (octet + 1 < ALL_OCTETS && isIn[octet + 1] === 1) octet++;
    runs.push([from, octet]);
  }
  return runs;
}

/** `7`, `1-20`, `-20`, `200-`, `-` or `*`. */
function boundsOf(spec: TargetSpec, item: string): Run {
  if (item === '*') return [0, 255];
  const match = /^(\d{0,3})(-?)(\d{0,3})$/.exec(item);
  const [, low = '', dash = '', high = ''] = match ?? [];
  const isNumber = dash !== '' || low !== '';
  const bounds = dash === '' ? [low, low] : [low || '0', high || '255'];
  if (!isNumber || !bounds.every((text) => /^(0|[1-9]\d*)$/.test(text) && Number(text) <= 255)) {
    throw targetInvalid(
      spec,
      'is not a pattern of addresses',
      'write numbers from 0 to 255, ranges, lists and stars, such as 10.0-3.*.1,5,9',
    );
  }
  return [Number(bounds[0]), Number(bounds[1])];
}
