/** A chunk: the part of a scan that one agent takes at a time, as one message. */

import { type Family, formatAddress, parseAddress, ZONE } from '../../address.ts';
import { MS_AN_HOUR } from '../../durations.ts';
import type { GivenOf } from '../../option-spec.ts';
import { PACKETS, RESOLVED } from '../../options.ts';
import {
  type AddressRange,
  type BlockTargets,
  blockOfRanges,
} from '../../results/block-targets.ts';
import type { SweepOptions } from '../../settings.ts';
import {
  encodeJson,
  figureOf,
  listOf,
  MessageRefused,
  objectOf,
  orNull,
  readJson,
  type Unchecked,
  versionOf,
  wholeOf,
} from './message.ts';
import { type ChunkName, isChunkNumber, isName } from './names.ts';
import { CONTRACT, OLDEST_CONTRACT } from './version.ts';

/** The options of a sweep that do not travel: a chunk has fields for rate and targets, and the others are about one machine. */
const STAYING = [
  'ratePps',
  'ipv4',
  'ipv6',
  'source',
  'interface',
  'send',
  'workers',
] as const satisfies readonly (keyof SweepOptions)[];
const SETTING_KEYS: readonly string[] = [...PACKETS, ...RESOLVED]
  .map(({ key }) => key)
  .filter((key) => !(STAYING as readonly string[]).includes(key));

/** By the names of the options, unchecked but for their names: the agent checks them as it checks a program's options. */
export type ChunkSettings = Omit<
  GivenOf<typeof PACKETS> & GivenOf<typeof RESOLVED>,
  (typeof STAYING)[number]
>;

/** What a chunk is about; plain data. */
export interface Chunk extends ChunkName {
  /** Of one family and zone, in address order. */
  readonly ranges: readonly AddressRange[];
  readonly settings: ChunkSettings;
  /** Probes a second while this chunk is swept; Infinity for no limit. */
  readonly ratePps: number;
  /** When the chunk is no longer to be swept, milliseconds since 1970 UTC; null for never. */
  readonly notAfterMs: number | null;
  /** How long the agent keeps it without renewing it: the lease of its site. */
  readonly leaseMs: number;
}

/** A chunk that was read from a message. */
export interface ReceivedChunk extends Chunk {
  /** The version of the message; the result has the same. */
  readonly v: number;
  readonly targets: BlockTargets;
}

/** A chunk as JSON has it: every field but the ranges at the top. */
type ChunkMessage = Chunk & Pick<AddressRange, 'family' | 'zone'> & { readonly v: number };

/** More would not be one message whatever is found. */
export const MOST_CHUNK_HOSTS = 4096;
/** A message of a broker has 1 MB at most. */
const MOST_CHUNK_OCTETS = 900_000;
export const SHORTEST_LEASE_MS = 1000;
export const LONGEST_LEASE_MS = MS_AN_HOUR;

export function encodeChunk(chunk: Chunk): Uint8Array {
  const { scan, site, chunk: number, ranges, settings, ratePps, notAfterMs, leaseMs } = chunk;
  const { family, zone } = ranges[0]!;
  return encodeJson({
    v: CONTRACT,
    scan,
    site,
    chunk: number,
    family,
    zone,
    ranges: ranges.map(({ first, last }) =>
      first === last
        ? [formatAddress(family, first)]
        : [formatAddress(family, first), formatAddress(family, last)],
    ),
    settings,
    ratePps: ratePps === Number.POSITIVE_INFINITY ? null : ratePps,
    notAfterMs,
    leaseMs,
  });
}

/** @throws MessageRefused for whatever is not a chunk that this program can sweep */
export function decodeChunk(octets: Uint8Array): ReceivedChunk {
  if (octets.length > MOST_CHUNK_OCTETS) throw new MessageRefused('the chunk is too long');
  const message = readJson<keyof ChunkMessage>(octets);
  const v = versionOf(message, OLDEST_CONTRACT, CONTRACT);
  const { scan, site, chunk } = message;
  if (!isName(scan) || !isName(site) || !isChunkNumber(chunk)) {
    throw new MessageRefused('the chunk has no valid name');
  }
  const ranges = rangesOf(message);
  const ratePps = orNull(message.ratePps, (value) => figureOf(value, 'ratePps'));
  if (ratePps === 0) throw new MessageRefused('ratePps is 0');
  return {
    v,
    scan,
    site,
    chunk,
    ranges,
    targets: blockOfRanges(ranges),
    settings: settingsOf(message.settings),
    ratePps: ratePps ?? Number.POSITIVE_INFINITY,
    notAfterMs: orNull(message.notAfterMs, (value) => wholeOf(value, 'notAfterMs')),
    leaseMs: wholeOf(message.leaseMs, 'leaseMs', SHORTEST_LEASE_MS, LONGEST_LEASE_MS),
  };
}

function rangesOf(message: Unchecked<keyof ChunkMessage>): AddressRange[] {
  const { family, zone } = message;
  const isZone = typeof zone === 'string' && (zone === '' || ZONE.test(zone));
  if ((family !== 4 && family !== 6) || !isZone) {
    throw new MessageRefused('the family or the zone is not valid');
  }
  if (family === 4 && zone !== '') throw new MessageRefused('IPv4 has no zones');
  const ranges = listOf(message.ranges, 'ranges', MOST_CHUNK_HOSTS).map((range): AddressRange => {
    const ends = listOf(range, 'a range', 2).map((end) => addressOf(end, family));
    const [first, last = first] = ends;
    if (first === undefined || last === undefined) throw new MessageRefused('a range is empty');
    return { family, zone, first, last };
  });
  let count = 0n;
  let least = 0n;
  for (const { first, last } of ranges) {
    if (first < least || last < first) throw new MessageRefused('the ranges are not in order');
    least = last + 1n;
    count += last - first + 1n;
  }
  if (count >= 1n && count <= BigInt(MOST_CHUNK_HOSTS)) return ranges;
  throw new MessageRefused(`the chunk does not have 1 to ${MOST_CHUNK_HOSTS} hosts`);
}

function addressOf(text: unknown, family: Family): bigint {
  const address = typeof text === 'string' ? parseAddress(text) : undefined;
  if (address?.family === family) return address.value;
  throw new MessageRefused(`a range has an end that is not an IPv${family} address`);
}

function settingsOf(value: unknown): ChunkSettings {
  const settings = objectOf(value, 'settings');
  const unknown = Object.keys(settings).find((key) => !SETTING_KEYS.includes(key));
  if (unknown === undefined) return settings as ChunkSettings;
  throw new MessageRefused(`the setting ${JSON.stringify(unknown.slice(0, 40))} is not known`);
}
