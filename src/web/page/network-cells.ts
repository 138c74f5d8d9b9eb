/** The cells of a network's map: their states and codes, and what they are drawn from. */

import { AddressIndex } from '../../report/html/page/address-index.ts';
import type { MapModel } from '../../report/html/page/map-model.ts';
import {
  type LogScale,
  logScale,
  rampPaint,
  shareOf,
  statusPaint,
} from '../../report/html/page/scale.ts';
import { CELL_EMPTY, cellStory } from '../../results/cell-code.ts';
import type { NetworkMap } from './answers.ts';
import { octetsOf } from './api.ts';
import type { LiveRuns } from './live.ts';
import {
  addressClass,
  addressState,
  addressWord,
  FREE,
  MISSING,
  PRESENT,
  UNASKED,
} from './states.ts';
import { rttText } from './words.ts';

/** What a key of the map stands for. */
type Look = 'up' | 'unreachable' | 'error' | 'down' | 'unasked';

/** The addresses of a map, each with its code and its state. */
export interface MapAddresses {
  readonly runs: NetworkMap['runs'];
  readonly codes: Uint8Array;
  readonly states: Uint8Array;
}

export function mapAddresses({ runs, cells, states }: NetworkMap): MapAddresses {
  return { runs, codes: octetsOf(cells), states: octetsOf(states) };
}

/**
 * The addresses of a scan that runs, as the map has them so far: a scan may have others, and a first one has no map yet.
 * @param runs of the scan
 */
export function addressesOfScan(before: MapAddresses, runs: LiveRuns): MapAddresses {
  if (JSON.stringify(runs) === JSON.stringify(before.runs)) return before;
  const earlier = new AddressIndex(before.runs, 0);
  const members = new Map<string, number>();
  for (let member = 0; member < earlier.count; member++)
    members.set(earlier.textOf(member), member);
  const index = new AddressIndex(runs, 0);
  const codes = new Uint8Array(index.count);
  const states = new Uint8Array(index.count).fill(UNASKED);
  for (let member = 0; member < index.count && members.size > 0; member++) {
    const known = members.get(index.textOf(member));
    if (known === undefined) continue;
    codes[member] = before.codes[known]!;
    states[member] = before.states[known]!;
  }
  return { runs, codes, states };
}

/** What a map is drawn from; a running scan changes it. */
export class NetworkCells {
  readonly index: AddressIndex;
  readonly scale: LogScale;
  readonly counts: Readonly<Record<Look, number>>;
  private readonly codes: Uint8Array;
  private readonly states: Uint8Array;
  private readonly paints: Uint8Array;
  /** Of hosts that are up, by code. */
  private readonly upPaints: Uint8Array;

  constructor({ runs, codes, states }: MapAddresses) {
    this.index = new AddressIndex(runs, 0);
    this.codes = codes.slice();
    this.states = states.slice();
    this.scale = scaleOf(this.codes);
    this.upPaints = Uint8Array.from({ length: 256 }, (_, code) => this.upPaintOf(code));
    this.paints = Uint8Array.from(this.codes, (_, member) => this.paintOf(member));
    const counts = { up: 0, unreachable: 0, error: 0, down: 0, unasked: 0 };
    for (const octet of this.states) counts[addressClass(addressState(octet))]++;
    this.counts = counts;
  }

  /** @param scanned gets a mark for each cell that is final; the others among the codes are empty */
  set(first: number, codes: Uint8Array, scanned: Uint8Array): void {
    codes.subarray(0, Math.max(0, this.codes.length - first)).forEach((code, i) => {
      if (code === CELL_EMPTY) return;
      const member = first + i;
      this.codes[member] = code;
      this.states[member] = stateDuringScan(this.states[member]!, code);
      this.paints[member] = this.paintOf(member);
      scanned[member] = 1;
    });
  }

  map(): MapModel {
    const { index, paints } = this;
    return {
      index,
      paints,
      noun: 'address',
      title: (member) => index.textOf(member),
      lines: (member) => this.linesOf(member),
    };
  }

  private paintOf(member: number): number {
    const look = addressClass(addressState(this.states[member]!));
    return look === 'up' ? this.upPaints[this.codes[member]!]! : statusPaint(look);
  }

  private upPaintOf(code: number): number {
    const rttMs = cellStory(code)?.rttMs ?? null;
    return rampPaint(rttMs === null ? 0 : shareOf(this.scale, Math.max(1, rttMs * 1000)));
  }

  private linesOf(member: number): string[] {
    const { rttMs = null, reason = null } = cellStory(this.codes[member]!) ?? {};
    const word = addressWord(addressState(this.states[member]!));
    if (rttMs !== null) return [word, `about ${rttText(rttMs)}`];
    return reason === null ? [word] : [word, reason];
  }
}

/** Until the scan has ended and the inventory has judged it: what answers is up, and what was up and does not is missing. */
function stateDuringScan(before: number, code: number): number {
  const wasUp = addressClass(addressState(before)) === 'up';
  if (cellStory(code)?.status === 'up') return wasUp ? before : PRESENT;
  if (wasUp) return MISSING;
  return before === UNASKED ? FREE : before;
}

/** From the second to the 98th percentile of the round-trip times, so that no straggler pales all others. */
function scaleOf(codes: Uint8Array): LogScale {
  const counts = new Uint32Array(256);
  for (const code of codes) counts[code]!++;
  // Codes ascend with the round-trip time.
  const times = [...counts.keys()].flatMap((code) => {
    const rttMs = cellStory(code)?.rttMs ?? null;
    return rttMs === null || counts[code] === 0 ? [] : [{ rttUs: 1000 * rttMs, of: counts[code]! }];
  });
  const total = times.reduce((sum, { of }) => sum + of, 0);
  if (total === 0) return logScale(100, 1000);
  const at = (share: number): number => {
    let before = Math.floor(share * (total - 1));
    for (const { rttUs, of } of times) {
      if (before < of) return rttUs;
      before -= of;
    }
    return times.at(-1)!.rttUs;
  };
  return logScale(at(0.02), at(0.98));
}
