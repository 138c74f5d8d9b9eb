/** Synchronises an inventory with NetBox: read → plan → change, and believe only what NetBox confirms. */

import { subnetAround } from '../../address.ts';
import { EchosweepError } from '../../errors.ts';
import type { IpamHost } from './ipam-hosts.ts';
import { addressOfKey, type IpamSubnets, subnetText } from './ipam-subnets.ts';
import type { NetBoxApi } from './netbox-api.ts';
import type { NetBoxConfig } from './netbox-config.ts';
import {
  ADDRESSES,
  createTag,
  hasTag,
  type NetBoxAddress,
  portionsOf,
  readAddresses,
  readAddressesById,
  readNetBoxAddress,
  readSeenFields,
  readVrf,
} from './netbox-objects.ts';
import { type PlannedChange, planSync, type SyncPlan } from './netbox-plan.ts';

/** What became of a planned change. */
export interface ChangeResult {
  readonly item: PlannedChange;
  /** `created`, `updated`, or why not; null for an address that is left alone, and in a dry run. */
  readonly result: string | null;
  readonly hasFailed: boolean;
}

/** What NetBox has, and what to change. */
export interface PreparedSync extends SyncPlan {
  /** Whether the tag has to be created first. */
  readonly lacksTag: boolean;
}

/** NetBox takes a list as a whole or not at all. */
const CHANGES_A_REQUEST = 50;
/** Hosts that no configured subnet has are looked up by networks of this size. */
const LOOK_UP_PREFIX = { 4: 24, 6: 120 } as const;

/** Reads NetBox and plans; changes nothing. @throws EchosweepError NETBOX_FAILED */
export async function prepareSync(
  api: NetBoxApi,
  { tag, vrf }: Pick<NetBoxConfig, 'tag' | 'vrf'>,
  hosts: readonly IpamHost[],
  subnets: IpamSubnets,
): Promise<PreparedSync> {
  const vrfId = vrf === undefined ? null : await readVrf(api, vrf);
  const isTagThere = await hasTag(api, tag);
  const { fields, notes } = await readSeenFields(api);
  const addresses = await readAddresses(api, parentsOf(hosts, subnets));
  const plan = planSync(hosts, addresses, { subnets, tag, vrf: vrfId, fields });
  const needsTag = plan.items.some(({ action }) => action === 'create');
  return { ...plan, notes: [...notes, ...plan.notes], lacksTag: needsTag && !isTagThere };
}

/** The fewest subnets that have all hosts: one query for each host would take hours. */
function parentsOf(hosts: readonly IpamHost[], subnets: IpamSubnets): string[] {
  const parents = hosts.map(({ key }) => {
    const known = subnets.of(key);
    if (known !== undefined) return subnetText(known);
    const { family, value } = addressOfKey(key);
    const prefix = LOOK_UP_PREFIX[family];
    return subnetText({ family, first: subnetAround(family, value, prefix).first, prefix });
  });
  return [...new Set(parents)];
}

/**
 * Makes the changes, creations first. What NetBox refuses is tried one by one, so that one wrong object costs only itself.
 * If NetBox does not answer, or fails, nothing more is sent.
 * @param failure is called with the error that ended it, at most once
 * @returns in the order of the plan
 */
export async function applyPlan(
  api: NetBoxApi,
  plan: PreparedSync,
  tag: string,
  failure: (error: EchosweepError) => void,
): Promise<ChangeResult[]> {
  const results = new Map<PlannedChange, ChangeResult>();
  const note = (item: PlannedChange, result: string, hasFailed = true): void => {
    results.set(item, { item, result, hasFailed });
  };
  try {
    if (plan.lacksTag) await createTag(api, tag);
    for (const action of ['create', 'update'] as const) {
      const items = plan.items.filter((item) => item.action === action);
      for (const some of portionsOf(items, CHANGES_A_REQUEST)) {
        const wanted = action === 'create' ? some : await stillOurs(api, some, tag, note);
        const isAllowed = await changeSome(api, wanted, note);
        if (!isAllowed) break;
      }
    }
  } catch (error) {
    if (!(error instanceof EchosweepError)) throw error;
    failure(error);
  }
  return plan.items.map((item) => {
    const isLeft = item.action === 'leave';
    return results.get(item) ?? { item, result: isLeft ? null : 'not sent', hasFailed: !isLeft };
  });
}

type NoteResult = (item: PlannedChange, result: string, hasFailed?: boolean) => void;

/** A person may have taken an address over since it was read. */
async function stillOurs(
  api: NetBoxApi,
  items: readonly PlannedChange[],
  tag: string,
  note: NoteResult,
): Promise<PlannedChange[]> {
  const found = await readAddressesById(
    api,
    items.map(({ id }) => id!),
  );
  const byId = new Map(found.map((address) => [address.id, address]));
  return items.filter((item) => {
    const address = byId.get(item.id!);
    if (address === undefined) note(item, 'left alone: it has been deleted', false);
    else if (!address.tags.includes(tag))
      note(item, `left alone: it has lost the tag ${tag}`, false);
    else return true;
    return false;
  });
}

/** @returns false if the token lacks the permission, so that the next list would be refused as well */
async function changeSome(
  api: NetBoxApi,
  items: readonly PlannedChange[],
  note: NoteResult,
): Promise<boolean> {
  if (items.length === 0) return true;
  api.refuseIfStopped();
  const isCreation = items[0]!.action === 'create';
  for (const item of items) note(item, 'unknown: NetBox did not confirm it');
  const answer = await api.change(
    isCreation ? 'POST' : 'PATCH',
    ADDRESSES,
    items.map(({ body }) => body),
  );
  if (answer.isDone) {
    const confirmed = confirmedIn(answer.body);
    if (confirmed === undefined) throw api.unlikeNetBox(ADDRESSES);
    for (const item of items) noteConfirmed(item, confirmed, note);
    return true;
  }
  if (answer.isForbidden || items.length === 1) {
    for (const item of items) note(item, `refused: ${answer.problem}`);
    return !answer.isForbidden;
  }
  for (const item of items) note(item, 'not sent');
  for (const item of items) {
    if (!(await changeSome(api, [item], note))) return false;
  }
  return true;
}

function confirmedIn(body: unknown): NetBoxAddress[] | undefined {
  if (!Array.isArray(body)) return undefined;
  const read = body.map(readNetBoxAddress);
  return read.every((each) => each !== undefined) ? read : undefined;
}

/** NetBox leaves out of its answer, without a word, what the token may not change. */
function noteConfirmed(
  item: PlannedChange,
  confirmed: readonly NetBoxAddress[],
  note: NoteResult,
): void {
  const { id, key } = item;
  const isThere = confirmed.some((each) => (id === null ? each.key === key : each.id === id));
  if (!isThere) note(item, 'refused: the token may not change it');
  else note(item, id === null ? 'created' : 'updated', false);
}
