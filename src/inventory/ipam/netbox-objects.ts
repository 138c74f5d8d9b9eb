/** The objects of NetBox that a synchronisation reads, in the shape of its REST API since NetBox 4.0. */

import { z } from 'zod';
import { type ReadAddress, readAddress } from '../../address.ts';
import { addressInCell } from '../../text/address-columns.ts';
import { noted } from './ipam-notes.ts';
import { type NetBoxApi, netboxFailed } from './netbox-api.ts';

const id = z.int().positive();
const slugs = z.array(z.object({ slug: z.string() }));

const addressShape = z.object({
  id,
  address: z.string(),
  vrf: z.object({ id, name: z.string() }).nullable(),
  status: z.object({ value: z.string() }),
  dns_name: z.string(),
  tags: slugs,
  custom_fields: z.record(z.string(), z.unknown()),
});

/** An IP address of NetBox. */
export interface NetBoxAddress extends Omit<z.output<typeof addressShape>, 'status' | 'tags'> {
  /** Of the address without its mask. */
  readonly key: ReadAddress['key'];
  readonly status: string;
  /** Slugs. */
  readonly tags: readonly string[];
}

/** The fields that we read: an address has many more. */
const ADDRESS_FIELDS = 'id,address,vrf,status,dns_name,tags,custom_fields';
export const ADDRESSES = 'ipam/ip-addresses/';
const TAGS = 'extras/tags/';
/** Values of a parameter in one query, so that its address stays short. */
const MOST_VALUES = 50;

/** @param parents subnets whose addresses to read @throws EchosweepError NETBOX_FAILED */
export async function readAddresses(
  api: NetBoxApi,
  parents: readonly string[],
): Promise<NetBoxAddress[]> {
  const byId = new Map<number, NetBoxAddress>();
  for (const some of portionsOf(parents, MOST_VALUES)) {
    const query = { parent: some, fields: ADDRESS_FIELDS };
    for (const each of await api.list(ADDRESSES, query, readNetBoxAddress)) byId.set(each.id, each);
  }
  return [...byId.values()];
}

/** @throws EchosweepError NETBOX_FAILED */
export function readAddressesById(
  api: NetBoxApi,
  ids: readonly number[],
): Promise<NetBoxAddress[]> {
  return api.list(ADDRESSES, { id: ids, fields: ADDRESS_FIELDS }, readNetBoxAddress);
}

/** @returns undefined if it has not the shape of an IP address */
export function readNetBoxAddress(value: unknown): NetBoxAddress | undefined {
  const parsed = addressShape.safeParse(value);
  if (!parsed.success) return undefined;
  const { status, tags, ...rest } = parsed.data;
  const key = readAddress(addressInCell(rest.address))?.key;
  if (key === undefined) return undefined;
  return { ...rest, key, status: status.value, tags: tags.map(({ slug }) => slug) };
}

/** @returns whether NetBox has a tag @throws EchosweepError NETBOX_FAILED */
export async function hasTag(api: NetBoxApi, slug: string): Promise<boolean> {
  const found = await api.list(TAGS, { slug }, shaped(z.object({ id, slug: z.string() })));
  return found.some((tag) => tag.slug === slug);
}

/** @throws EchosweepError NETBOX_FAILED */
export async function createTag(api: NetBoxApi, slug: string): Promise<void> {
  const answer = await api.change('POST', TAGS, { name: slug, slug });
  if (answer.isDone) return;
  throw netboxFailed(
    `the tag ${slug} cannot be created (${answer.problem})`,
    'create it in NetBox, or give the token the permission',
  );
}

/** @returns the id of the VRF @throws EchosweepError NETBOX_FAILED, CONFIG_INVALID if there is not exactly one */
export async function readVrf(api: NetBoxApi, name: string): Promise<number> {
  const shape = z.object({ id, name: z.string() });
  const found = (await api.list('ipam/vrfs/', { name }, shaped(shape))).filter(
    (vrf) => vrf.name === name,
  );
  if (found.length === 1) return found[0]!.id;
  throw netboxFailed(
    `NetBox has ${found.length === 0 ? 'no VRF' : 'several VRFs'} ${noted(name)}`,
    'correct netbox.vrf',
  );
}

/** Types of custom fields that can hold a time. */
const TIME_TYPES = ['date', 'datetime', 'text'] as const;
export type TimeType = (typeof TIME_TYPES)[number];

/** The custom fields of IP addresses that we fill, by name, if they exist. */
export type SeenFields = Readonly<Partial<Record<'first_seen' | 'last_seen', TimeType>>>;

/** @returns also a note on each that is of a type that cannot hold a time @throws EchosweepError NETBOX_FAILED */
export async function readSeenFields(
  api: NetBoxApi,
): Promise<{ readonly fields: SeenFields; readonly notes: readonly string[] }> {
  const shape = z.object({
    id,
    name: z.string(),
    type: z.object({ value: z.string() }),
    object_types: z.array(z.string()),
  });
  const query = { name: ['first_seen', 'last_seen'], object_type: 'ipam.ipaddress' };
  const found = await api.list('extras/custom-fields/', query, shaped(shape));
  const fields: Partial<Record<'first_seen' | 'last_seen', TimeType>> = {};
  const notes: string[] = [];
  for (const { name, type, object_types: types } of found) {
    if ((name !== 'first_seen' && name !== 'last_seen') || !types.includes('ipam.ipaddress')) {
      continue;
    }
    const known = TIME_TYPES.find((each) => each === type.value);
    if (known !== undefined) fields[name] = known;
    else notes.push(`the custom field ${name} is not of the type date, datetime or text`);
  }
  return { fields, notes };
}

/** A prefix of NetBox. */
export interface NetBoxPrefix {
  readonly id: number;
  readonly prefix: string;
}

/** The prefixes that have a tag. @throws EchosweepError NETBOX_FAILED */
export function readPrefixes(api: NetBoxApi, tag: string): Promise<NetBoxPrefix[]> {
  const query = { tag, fields: 'id,prefix' };
  return api.list('ipam/prefixes/', query, shaped(z.object({ id, prefix: z.string() })));
}

function shaped<Shape extends z.ZodType>(shape: Shape) {
  return (value: unknown): z.output<Shape> | undefined => shape.safeParse(value).data;
}

/** Lists of at most `most` items. */
export function portionsOf<Item>(items: readonly Item[], most: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / most) }, (_, i) =>
    items.slice(i * most, (i + 1) * most),
  );
}
