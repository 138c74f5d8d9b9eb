/** Sets made of targets as a person writes them, with a few names that resolve without DNS. */

import { formatAddress } from '../../../src/address.ts';
import { buildTargetSet, type TargetRequest } from '../../../src/targets/target-set.ts';

const NAMES: Readonly<Record<string, readonly string[]>> = {
  'both.example': ['192.0.2.10', '2001:db8::10'],
  'xn--mnchen-3ya.example': ['192.0.2.12'],
  'garbage.example': ['not an address', '', '192.0.2.11'],
};

export async function targetsOf(
  include: readonly string[],
  changes: Partial<TargetRequest> = {},
): ReturnType<typeof buildTargetSet> {
  return buildTargetSet({
    include: include.map((text) => ({ text, where: 'command line' })),
    exclude: [],
    includeEdges: false,
    firstAddressOnly: false,
    confirmLarge: false,
    resolve: async (name) => {
      const found = NAMES[name];
      if (found === undefined) throw new Error('not found');
      return found;
    },
    ...changes,
  });
}

/** The set's ranges, each as `FIRST-LAST%ZONE`. */
export async function rangesOf(
  include: readonly string[],
  changes: Partial<TargetRequest> = {},
): Promise<string[]> {
  const { ranges } = await targetsOf(include, changes);
  return ranges.map(({ family, first, last, zone }) => {
    const [from, to] = [formatAddress(family, first), formatAddress(family, last)];
    return `${from}${from === to ? '' : `-${to}`}${zone === '' ? '' : `%${zone}`}`;
  });
}

export const excluding = (...texts: string[]): Partial<TargetRequest> => ({
  exclude: texts.map((text) => ({ text, where: '--exclude' })),
});
