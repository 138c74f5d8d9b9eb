/** The addresses of a sweep: its targets, less what is excluded, as its options select them. */

import { interfaceOfZone } from './host-network/interfaces.ts';
import { loadHostNetwork } from './host-network/load-host-network.ts';
import { nameLookup } from './names/name-lookup.ts';
import { type GivenOf, nothingUnread } from './option-spec.ts';
import type { SELECTION } from './options.ts';
import type { SweepSettings } from './settings.ts';
import { buildTargetSet, type TargetRequest, type TargetSet } from './targets/target-set.ts';

/** What to sweep and what to leave out, each with its place in the input. */
export type TargetTexts = Pick<
  TargetRequest,
  'include' | 'exclude' | 'configuredAt' | 'isOfProgram'
>;

/**
 * @param resolve all addresses of a name; rejects if there is none
 * @param signal as NameRules has it
 * @throws EchosweepError TARGET_INVALID
 */
export function targetsOf(
  texts: TargetTexts,
  options: GivenOf<typeof SELECTION>,
  { family, dnsServer }: Pick<SweepSettings, 'family' | 'dnsServer'>,
  resolve: TargetRequest['resolve'] = nameLookup(dnsServer),
  signal?: AbortSignal,
): Promise<TargetSet> {
  const { includeEdges, firstAddress, allowLarge, ...unread } = options;
  nothingUnread(unread);
  return buildTargetSet({
    ...texts,
    includeEdges: includeEdges === true,
    firstAddressOnly: firstAddress === true,
    confirmLarge: allowLarge === true,
    resolve,
    signal,
    zoneIndex,
    ...(family === undefined ? {} : { family }),
  });
}

/** A sweep refuses a zone that no interface has; here it is only a name. */
export async function zoneIndex(zone: string): Promise<number | undefined> {
  const host = await loadHostNetwork();
  return interfaceOfZone(host, zone).then(
    ({ index }) => index,
    () => undefined,
  );
}
