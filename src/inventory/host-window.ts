/** Windows of the hosts of a network: any part of them, in any order, however many there are. */

import { readAddress } from '../address.ts';
import { vendorOf } from '../mac-vendor.ts';
import type { HostState } from './host-memory.ts';
import type { NetworkSnapshot } from './network-snapshot.ts';
import { sortedInSteps } from './sorted-in-steps.ts';

/** What hosts can be in the order of. */
export const SORTS = [
  'address',
  'hostname',
  'state',
  'rtt_ms',
  'mac',
  'vendor',
  'first_seen',
  'last_seen',
  'last_change',
] as const;
export type HostSort = (typeof SORTS)[number];

/** Hosts that are wanted, and their order. */
export interface HostOrder {
  /** Undefined for all. */
  readonly states?: readonly HostState[] | undefined;
  /** A part of the address, name or MAC address, or of the vendor's name; in any case, and MAC addresses in any writing. */
  readonly text?: string | undefined;
  /** Keys of hosts that the text selects as well, since their notes have it. */
  readonly textKeys?: ReadonlySet<string> | undefined;
  /** Only hosts with these keys. */
  readonly keys?: ReadonlySet<string> | undefined;
  /** Last seen before this moment. */
  readonly unseenSince?: Date | undefined;
  readonly isConflict?: boolean | undefined;
  readonly sort: HostSort;
  readonly isDescending: boolean;
}

/** Orders that are kept of a snapshot. */
const MOST_ORDERS = 12;
const MAC_SEPARATORS = /[\s:.-]/g;
const HEX = /^[0-9a-f]+$/;
/** Shorter parts would find too much by chance. */
const LEAST_MAC_DIGITS = 4;

/** @returns the places of the hosts, in order; to be read only */
export function hostOrder(snapshot: NetworkSnapshot, order: HostOrder): Promise<Uint32Array> {
  const { derived } = snapshot;
  const name = `order ${JSON.stringify(order, (_, value) => (value instanceof Set ? [...value] : value))}`;
  const kept = derived.get(name) as Promise<Uint32Array> | undefined;
  const places = kept ?? placesOf(snapshot, order);
  derived.delete(name);
  derived.set(name, places);
  const orders = [...derived.keys()].filter((each) => each.startsWith('order '));
  for (const each of orders.slice(0, -MOST_ORDERS)) derived.delete(each);
  return places;
}

async function placesOf(snapshot: NetworkSnapshot, order: HostOrder): Promise<Uint32Array> {
  const wanted = filterOf(snapshot, order);
  const places: number[] = [];
  for (let place = 0; place < snapshot.size; place++) if (wanted(place)) places.push(place);
  const { sort, isDescending } = order;
  const found = Uint32Array.from(places);
  if (sort === 'address') return isDescending ? found.reverse() : found;
  return sortedInSteps(found, comparison(valuesOf(snapshot, sort), isDescending));
}

type Filter = (place: number) => boolean;

function filterOf(snapshot: NetworkSnapshot, order: HostOrder): Filter {
  const { columns } = snapshot;
  const { states, text, keys, unseenSince, isConflict } = order;
  const filters: Filter[] = [];
  if (states !== undefined) filters.push((place) => states.includes(columns.state[place]!));
  if (keys !== undefined) filters.push((place) => keys.has(columns.key[place]!));
  if (unseenSince !== undefined) {
    const before = unseenSince.getTime();
    filters.push((place) => {
      const seen = columns.last_seen[place]!;
      return seen !== null && seen < before;
    });
  }
  if (isConflict === true) filters.push((place) => snapshot.isConflictAt(place));
  if (text !== undefined && text !== '') filters.push(textFilter(snapshot, text, order.textKeys));
  return (place) => filters.every((filter) => filter(place));
}

function textFilter(
  { columns }: NetworkSnapshot,
  text: string,
  keys: ReadonlySet<string> | undefined,
): Filter {
  const part = text.toLowerCase();
  const key = readAddress(text)?.key;
  const mac = macPart(text);
  const vendor = vendorInLowerCase();
  return (place) =>
    (key !== undefined && columns.key[place] === key) ||
    columns.address[place]!.includes(part) ||
    columns.hostname[place]?.toLowerCase().includes(part) === true ||
    (mac !== undefined &&
      [columns.mac[place], columns.other_mac[place]].some((own) =>
        own?.replaceAll(':', '').includes(mac),
      )) ||
    vendor(columns.mac[place]!)?.includes(part) === true ||
    keys?.has(columns.key[place]!) === true;
}

/** `xx:xx:xx:xx:x`: a vendor's block has 36 bits at most. */
const VENDOR_LETTERS = 13;

/** Looks each block up once, since many hosts have cards of few vendors. */
function vendorInLowerCase(): (mac: string | null) => string | null {
  const vendors = new Map<string, string | null>();
  return (mac) => {
    if (mac === null) return null;
    const block = mac.slice(0, VENDOR_LETTERS);
    let vendor = vendors.get(block);
    if (vendor === undefined) {
      vendor = vendorOf(mac)?.toLowerCase() ?? null;
      vendors.set(block, vendor);
    }
    return vendor;
  };
}

/** A part of a MAC address as its digits, however it is written; undefined if it cannot be one. */
export function macPart(text: string): string | undefined {
  const digits = text.toLowerCase().replaceAll(MAC_SEPARATORS, '');
  return HEX.test(digits) && digits.length >= LEAST_MAC_DIGITS && digits.length <= 12
    ? digits
    : undefined;
}

type Value = string | number | null;

function valuesOf(snapshot: NetworkSnapshot, sort: Exclude<HostSort, 'address'>): readonly Value[] {
  const { columns } = snapshot;
  switch (sort) {
    case 'hostname':
      return columns.hostname.map((name) => name?.toLowerCase() ?? null);
    case 'vendor':
      return columns.mac.map(vendorInLowerCase());
    case 'rtt_ms':
      return columns.rtt_us.map((rttUs, place) => (columns.state[place] === 'up' ? rttUs : null));
    default:
      return columns[sort];
  }
}

/** Hosts without a value come last in both directions; equal ones are in address order. */
function comparison(
  values: readonly Value[],
  isDescending: boolean,
): (a: number, b: number) => number {
  const direction = isDescending ? -1 : 1;
  return (a, b) => {
    const [one, other] = [values[a]!, values[b]!];
    if (one === other) return a - b;
    if (one === null) return 1;
    if (other === null) return -1;
    return one < other ? -direction : direction;
  };
}
