/**
 * What a synchronisation would change in NetBox, and what it leaves alone. Only addresses with our tag are ours: they are
 * updated and deprecated, all others are compared. Nothing is deleted.
 */

import { NETBOX_NAMES, nameFor } from './dns-names.ts';
import type { IpamHost } from './ipam-hosts.ts';
import { IpamNotes, noted } from './ipam-notes.ts';
import type { IpamSubnets } from './ipam-subnets.ts';
import type { NetBoxAddress, SeenFields, TimeType } from './netbox-objects.ts';

export type SyncAction = 'create' | 'update' | 'leave';

/** One address, and what to do about it. */
export interface PlannedChange {
  readonly action: SyncAction;
  /** Of the host. */
  readonly key: string;
  /** With its mask. */
  readonly address: string;
  readonly network: string;
  /** In NetBox; null for one to create. */
  readonly id: number | null;
  /** The fields that change, or for an address that is left alone, those that differ. */
  readonly changes: string;
  /** Why. */
  readonly reason: string;
  /** What NetBox is sent; undefined if nothing is. */
  readonly body: Readonly<Record<string, unknown>> | undefined;
}

export interface SyncPlan {
  readonly items: readonly PlannedChange[];
  /** Our own addresses that are as they should be. */
  readonly unchanged: number;
  /** Addresses of others that agree with what was found. */
  readonly agreeing: number;
  readonly notes: readonly string[];
}

/** What a plan depends on besides hosts and addresses. */
export interface PlanRules {
  readonly subnets: IpamSubnets;
  readonly tag: string;
  /** Id of the VRF of our addresses; null for the global table. */
  readonly vrf: number | null;
  readonly fields: SeenFields;
}

/** @param addresses of NetBox, in any VRF */
export function planSync(
  hosts: readonly IpamHost[],
  addresses: readonly NetBoxAddress[],
  rules: PlanRules,
): SyncPlan {
  const byKey = new Map<string, NetBoxAddress[]>();
  for (const address of addresses) {
    const same = byKey.get(address.key);
    if (same === undefined) byKey.set(address.key, [address]);
    else same.push(address);
  }
  const notes = new IpamNotes();
  const items: PlannedChange[] = [];
  let [unchanged, agreeing] = [0, 0];
  for (const host of hosts) {
    const all = byKey.get(host.key) ?? [];
    const inVrf = all.filter(({ vrf }) => (vrf?.id ?? null) === rules.vrf);
    if (all.length === 0) {
      if (host.isPresent) items.push(created(host, rules, notes));
      continue;
    }
    const [address, second] = inVrf.length === 0 ? all : inVrf;
    const isOurs = address!.tags.includes(rules.tag);
    const compared = comparison(host, address!, isOurs ? rules.fields : {}, notes);
    const fields = Object.entries(compared).map(([name, { words }]) => `${name}: ${words}`);
    const { key, network } = host;
    const item = { key, network, address: address!.address, id: address!.id };
    const changes = fields.join(', ');
    const leave = (reason: string): void => {
      if (fields.length === 0) agreeing++;
      else items.push({ ...item, action: 'leave', changes, reason, body: undefined });
    };
    if (inVrf.length === 0) {
      notes.add('left alone, since they are in another VRF:', host.address);
      leave(`is in another VRF, ${noted(address!.vrf?.name ?? 'Global')}`);
    } else if (second !== undefined) leave('NetBox has the address more than once');
    else if (!isOurs) leave(`has no tag ${rules.tag}`);
    else if (fields.length === 0) unchanged++;
    else if (host.isDoubted) leave('gone by a scan that may be unreliable');
    else {
      const body = { id: address!.id, ...bodyOf(compared) };
      items.push({ ...item, action: 'update', changes, reason: reasonOf(host), body });
    }
  }
  return { items, unchanged, agreeing, notes: notes.lines };
}

function created(host: IpamHost, { subnets, tag, vrf, fields }: PlanRules, notes: IpamNotes) {
  const { address, key, network } = host;
  const cidr = `${address}/${subnets.maskOf(host, notes)}`;
  const name = nameFor(host, NETBOX_NAMES, notes);
  const seen = Object.entries(seenValues(host, fields));
  const body = {
    address: cidr,
    status: 'active',
    tags: [{ slug: tag }],
    ...(name !== undefined && { dns_name: name }),
    ...(vrf !== null && { vrf }),
    ...(seen.length > 0 && { custom_fields: Object.fromEntries(seen) }),
  };
  return {
    ...{ action: 'create' as const, key, address: cidr, network, id: null },
    changes: name === undefined ? '' : `dns_name: ${name}`,
    ...{ reason: 'is not in NetBox', body },
  };
}

function reasonOf({ isPresent }: IpamHost): string {
  return isPresent ? 'is present' : 'is gone';
}

/** A field that differs: its value, for NetBox and in words. */
interface Difference {
  readonly value: unknown;
  readonly words: string;
}

/** What should be different about an address, by field; custom fields have `cf_` in front. */
function comparison(
  host: IpamHost,
  address: NetBoxAddress,
  fields: SeenFields,
  notes: IpamNotes,
): Record<string, Difference> {
  const differences: Record<string, Difference> = {};
  const differ = (field: string, before: string, value: string): void => {
    differences[field] = { value, words: `${before} to ${value}` };
  };
  const { status, dns_name: dnsName } = address;
  // All other statuses, such as reserved and dhcp, are decisions of people.
  if (host.isPresent && status === 'deprecated') differ('status', status, 'active');
  if (!host.isPresent && status === 'active') differ('status', status, 'deprecated');
  const name = host.isPresent ? nameFor(host, NETBOX_NAMES, notes) : undefined;
  if (name !== undefined && name !== dnsName.toLowerCase()) {
    differ('dns_name', dnsName === '' ? 'none' : noted(dnsName), name);
  }
  const isChanging = host.isPresent || status === 'active';
  for (const [field, value] of Object.entries(isChanging ? seenValues(host, fields) : {})) {
    const before = address.custom_fields[field];
    const type = fields[field as keyof SeenFields]!;
    const isNewer = field === 'last_seen' && seenMs(before, type) < seenMs(value, type);
    if (isEmpty(before) || isNewer) {
      differ(`cf_${field}`, isEmpty(before) ? 'none' : String(before), value);
    }
  }
  return differences;
}

function bodyOf(differences: Readonly<Record<string, Difference>>): Record<string, unknown> {
  const body: Record<string, unknown> = {};
  const custom: Record<string, unknown> = {};
  for (const [field, { value }] of Object.entries(differences)) {
    if (field.startsWith('cf_')) custom[field.slice('cf_'.length)] = value;
    else body[field] = value;
  }
  return Object.keys(custom).length === 0 ? body : { ...body, custom_fields: custom };
}

function seenValues(
  { firstSeen, lastSeen }: IpamHost,
  { first_seen: first, last_seen: last }: SeenFields,
): Record<string, string> {
  return {
    ...(first !== undefined && firstSeen !== null && { first_seen: seenText(firstSeen, first) }),
    ...(last !== undefined && lastSeen !== null && { last_seen: seenText(lastSeen, last) }),
  };
}

/** Whole seconds, UTC; Python before 3.11 does not read a Z. */
function seenText(time: Date, type: TimeType): string {
  const iso = time.toISOString();
  return type === 'date' ? iso.slice(0, 10) : `${iso.slice(0, 19)}+00:00`;
}

function seenMs(value: unknown, type: TimeType): number {
  const ms = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  // Text that is not a time is replaced, and a time may have fractions.
  if (Number.isNaN(ms)) return Number.NEGATIVE_INFINITY;
  return type === 'date' ? ms : Math.floor(ms / 1000);
}

function isEmpty(value: unknown): boolean {
  return value === null || value === undefined || value === '';
}
