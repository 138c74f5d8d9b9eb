/** Changes counted by kind, in words. */

import { grouped, plural } from '../words.ts';
import { CHANGE_KINDS, type ChangeKind } from './host-memory.ts';

/** `3 changes: new 2, gone 1` */
export function changeTotals(changes: readonly { readonly kind: ChangeKind }[]): string {
  if (changes.length === 0) return 'no changes';
  const parts = CHANGE_KINDS.flatMap((kind) => {
    const count = changes.filter((change) => change.kind === kind).length;
    return count === 0 ? [] : [`${kind} ${grouped(count)}`];
  });
  return `${plural(changes.length, 'change')}: ${parts.join(', ')}`;
}
