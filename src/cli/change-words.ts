/** Changes as commands ask for them and sum them up. */

import { CHANGE_KINDS, type ChangeKind } from '../inventory/host-memory.ts';
import { choice, type OptionSpec } from '../option-spec.ts';
import { grouped } from './progress.ts';

export const KINDS_OPTION: OptionSpec = choice(
  'kinds',
  '--only <kind>',
  'Tell only changes of these kinds, commas between.',
  { isRepeatable: true, isCommandOnly: true, choices: CHANGE_KINDS, otherwise: 'all' },
);

/** `3 changes: new 2, gone 1` */
export function changeTotals(changes: readonly { readonly kind: ChangeKind }[]): string {
  if (changes.length === 0) return 'no changes';
  const parts = CHANGE_KINDS.flatMap((kind) => {
    const count = changes.filter((change) => change.kind === kind).length;
    return count === 0 ? [] : [`${kind} ${grouped(count)}`];
  });
  const noun = changes.length === 1 ? 'change' : 'changes';
  return `${grouped(changes.length)} ${noun}: ${parts.join(', ')}`;
}
