/** The role of a person that another system signed in, by the lists of the configuration. */

import type { WebRoles } from '../../inventory/config/web-config.ts';
import type { Role } from './person.ts';

const EVERYONE = '*';
const GROUP = 'group:';

/** @returns undefined if the lists do not let the person in */
export function roleOf(
  user: string,
  groups: readonly string[],
  { viewers, editors }: WebRoles,
): Role | undefined {
  const isIn = (list: readonly string[]): boolean =>
    list.some((entry) =>
      entry.startsWith(GROUP)
        ? groups.includes(entry.slice(GROUP.length))
        : entry === EVERYONE || entry === user,
    );
  if (isIn(editors)) return 'edit';
  return isIn(viewers) ? 'view' : undefined;
}
