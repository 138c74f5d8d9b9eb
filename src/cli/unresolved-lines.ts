/** Lines about names that could not be resolved. */

import type { UnresolvedName } from '../targets/target-names.ts';
import { plural } from '../words.ts';
import { errorLine } from './terminal.ts';

const MOST_UNRESOLVED_LINES = 20;

/** The first few, and how many more there are: a report has all of them. */
export function unresolvedLines(names: readonly UnresolvedName[]): string[] {
  const more = names.length - MOST_UNRESOLVED_LINES;
  return [
    ...names.slice(0, MOST_UNRESOLVED_LINES).map(unresolvedLine),
    ...(more > 0 ? [errorLine(`and ${plural(more, 'more name')} without an address`)] : []),
  ];
}

function unresolvedLine({ name, where, reason }: UnresolvedName): string {
  return errorLine(`${where}: ${name} ${reason}`);
}
