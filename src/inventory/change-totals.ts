/** Changes counted by kind, in words. */

import { CHANGE_KINDS, type ChangeKind } from './host-memory.ts';

const thousands = new Intl.NumberFormat('en-US');

/** `3 changes: new 2, gone 1` */
export function changeTotals(changes: readonly { readonly kind: ChangeKind }[]): string {
  if (changes.length === 0) return 'no changes';
  const parts = CHANGE_KINDS.flatMap((kind) => {
    const count = changes.filter((change) => change.kind === kind).length;
    return count === 0 ? [] : [`${kind} ${thousands.format(count)}`];
  });
  const noun = changes.length === 1 ? 'change' : 'changes';
  return `${thousands.format(changes.length)} ${noun}: ${parts.join(', ')}`;
}
