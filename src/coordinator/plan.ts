/** Cuts a sweep into blocks, and decides how many workers share them: the one place that splits anything. */

import { availableParallelism } from 'node:os';
import type { LocalLink } from '../host-network/local-link.ts';
import { isSameReach, type Reach } from '../probe/reach.ts';
import { makeSchedule, type ProbeSettings } from '../probe/schedule.ts';
import { type AddressRange, blockOfRanges } from '../results/block-targets.ts';
import { type LiveProbes, partOfLiveProbes } from '../results/live-probes.ts';
import type { OwnShare, PlannedBlock } from './block-engine.ts';

/** Large enough to spread a sweep over 32 subnets at a time, small enough to be lost cheaply. */
const MAX_BLOCK_HOSTS = 8_192;
const MIN_BLOCK_HOSTS = 256;
/** Probes of a block: with many probes per host, blocks are small. */
const MAX_BLOCK_PROBES = 131_072;
const BLOCKS_PER_WORKER = 4;
/** Below this rate, and below this many hosts, one worker is enough. */
const ONE_WORKER_PPS = 60_000;
const HOSTS_PER_WORKER = 4_096;
const MAX_DEFAULT_WORKERS = 8;
/** Up to this many hosts, threads of their own take longer to start than they save: below that rate, and from it on. */
const SMALL_SWEEP_HOSTS = { slow: 1_024, fast: 16_384 };

export interface CutSettings extends ProbeSettings {
  readonly ratePps: number;
  readonly workers?: number;
  readonly tcpPorts?: readonly number[];
}

/** Addresses of a local network, those behind a gateway that cannot be resolved, or those without a route. */
export interface SpecialRange extends AddressRange {
  /** Name of the interface of the local network. */
  readonly interface?: string;
  /** Where we can resolve the hosts ourselves. */
  readonly link?: LocalLink;
  readonly isCutOff?: true;
  /** Whether the system has no route that sends. */
  readonly isRefused?: true;
}

/** How many workers help a sweep of `targets` hosts. */
export function workersFor(targets: number, settings: CutSettings): number {
  const { workers } = settings;
  if (workers !== undefined) {
    // A worker without a block would cost its thread and its sockets.
    const blocks = Math.ceil(targets / blockHostsFor(targets, workers, settings));
    return Math.max(1, Math.min(workers, blocks));
  }
  if (settings.ratePps < ONE_WORKER_PPS || ownShare(targets, settings) === 'all') return 1;
  const useful = Math.ceil(targets / HOSTS_PER_WORKER);
  return Math.max(1, Math.min(useful, availableParallelism(), MAX_DEFAULT_WORKERS));
}

/**
 * The coordinator's own thread waits for packets and does nothing else meanwhile, so it takes no TCP connections, whose
 * times would be wrong. It also writes reports: a rate would suffer, and with many workers it would be the slowest.
 */
export function ownShare(
  targets: number,
  settings: CutSettings,
  processors = availableParallelism(),
): OwnShare {
  const { workers, ratePps, tcpPorts } = settings;
  if (workers !== undefined || tcpPorts !== undefined) return 'none';
  const { slow, fast } = SMALL_SWEEP_HOSTS;
  if (targets <= (ratePps < ONE_WORKER_PPS ? slow : fast)) return 'all';
  return ratePps === Number.POSITIVE_INFINITY && processors === 2 ? 'half' : 'none';
}

/** Most hosts in a block. */
export function blockHostsFor(targets: number, workers: number, settings: ProbeSettings): number {
  const even = Math.ceil(targets / (workers * BLOCKS_PER_WORKER));
  const byProbes = Math.floor(MAX_BLOCK_PROBES / makeSchedule(settings).probes);
  return Math.min(MAX_BLOCK_HOSTS, byProbes, Math.max(MIN_BLOCK_HOSTS, even));
}

/**
 * Cuts ranges into blocks of ascending addresses: each of one family and zone, whose hosts are all reached the same way.
 * @param ranges disjoint and ascending @param special those that are not simply routed, disjoint
 * @param indexOf index of an interface, also by the name that a zone has for it; 0 if it is not known
 */
export function* cutIntoBlocks(
  ranges: Iterable<AddressRange>,
  special: readonly SpecialRange[],
  blockHosts: number,
  indexOf: (interfaceName: string) => number,
): Generator<PlannedBlock> {
  let open: OpenBlock | undefined;
  const close = (done: NonNullable<typeof open>): PlannedBlock => {
    const targets = blockOfRanges(done.pieces);
    return {
      targets,
      scopeId: targets.zone === '' ? 0 : indexOf(targets.zone),
      reach: done.reach,
      ...(done.interface !== '' && { interfaceIndex: indexOf(done.interface) }),
    };
  };
  for (const range of ranges) {
    for (const piece of cutAtBorders(range, special)) {
      let { first } = piece.range;
      while (first <= piece.range.last) {
        const before = open?.pieces[0];
        const fits =
          open !== undefined &&
          before?.family === range.family &&
          before.zone === range.zone &&
          open.interface === piece.interface &&
          isSameReach(open.reach, piece.reach);
        if (open !== undefined && (!fits || open.hosts === blockHosts)) {
          yield close(open);
          open = undefined;
        }
        open ??= { pieces: [], hosts: 0, reach: piece.reach, interface: piece.interface };
        const room = BigInt(blockHosts - open.hosts);
        const last = first + room - 1n < piece.range.last ? first + room - 1n : piece.range.last;
        open.pieces.push({ ...range, first, last });
        open.hosts += Number(last - first) + 1;
        first = last + 1n;
      }
    }
  }
  if (open !== undefined) yield close(open);
}

/** The blocks, each with its place among all targets. */
function* withPlaces(
  blocks: Iterable<PlannedBlock>,
): Generator<{ readonly block: PlannedBlock; readonly first: number; readonly end: number }> {
  let first = 0;
  for (const block of blocks) {
    const end = first + block.targets.count;
    yield { block, first, end };
    first = end;
  }
}

/** Gives each block its own part of the live cells. @param liveCells one for each target */
export function* withLiveCells(
  blocks: Iterable<PlannedBlock>,
  liveCells: Uint8Array,
): Generator<PlannedBlock> {
  for (const { block, first, end } of withPlaces(blocks))
    yield { ...block, liveCells: liveCells.subarray(first, end) };
}

/** Gives each block its own part of the memory that shows each probe. @param liveProbes of all targets */
export function* withLiveProbes(
  blocks: Iterable<PlannedBlock>,
  liveProbes: LiveProbes,
): Generator<PlannedBlock> {
  for (const { block, first, end } of withPlaces(blocks))
    yield { ...block, liveProbes: partOfLiveProbes(liveProbes, first, end - first) };
}

/**
 * The blocks with an order of their hosts, and in the order of the first of these.
 * @param ranks of all targets: the lower, the sooner a host is probed
 */
export function inOrderOfRanks(blocks: Iterable<PlannedBlock>, ranks: Uint32Array): PlannedBlock[] {
  const ranked = [...withPlaces(blocks)].map(({ block, first, end }) => {
    const own = ranks.subarray(first, end);
    const order = Uint32Array.from(own, (_, host) => host).sort((a, b) => own[a]! - own[b]!);
    return { block: { ...block, order }, rank: own[order[0]!]! };
  });
  return ranked.sort((a, b) => a.rank - b.rank).map(({ block }) => block);
}

interface OpenBlock extends Omit<Piece, 'range'> {
  readonly pieces: AddressRange[];
  hosts: number;
}

interface Piece {
  readonly range: AddressRange;
  readonly reach: Reach;
  /** Name of the interface on whose local network it is; '' if it is not on one. */
  readonly interface: string;
}

/** A range's pieces in ascending order, each entirely inside or entirely outside the local networks. */
function cutAtBorders(range: AddressRange, special: readonly SpecialRange[]): Piece[] {
  // A link-local target is always on a local network.
  const outside = {
    reach: range.zone === '' ? 'routed' : 'system',
    interface: range.zone,
  } as const;
  const inside = special
    .filter(
      (net) =>
        net.family === range.family &&
        net.zone === range.zone &&
        net.first <= range.last &&
        range.first <= net.last,
    )
    .sort((a, b) => (a.first < b.first ? -1 : 1));
  const pieces: Piece[] = [];
  let next = range.first;
  for (const net of inside) {
    if (net.first > next)
      pieces.push({ range: { ...range, first: next, last: net.first - 1n }, ...outside });
    const first = net.first > next ? net.first : next;
    const last = net.last < range.last ? net.last : range.last;
    pieces.push({
      range: { ...range, first, last },
      reach: reachOf(net),
      interface: net.interface ?? '',
    });
    next = last + 1n;
  }
  if (next <= range.last) pieces.push({ range: { ...range, first: next }, ...outside });
  return pieces;
}

function reachOf({ link, isCutOff, isRefused }: SpecialRange): Reach {
  if (isCutOff === true) return 'cut-off';
  if (isRefused === true) return 'refused';
  return link === undefined ? 'system' : { link: link.index };
}
