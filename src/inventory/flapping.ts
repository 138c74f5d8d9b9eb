/** Finds hosts that keep coming and going, and reports each as one change with a count, not as one change per scan. */

import type { Change, ChangeKind, ChangeRules, HostMemory, Remembered } from './host-memory.ts';

/** The fourth time that a host turns, it is flapping: it was gone, back, gone, and is back. */
const FLAPPING_FROM = 4;
/** A host that has not turned for so many scans, and as many as make it gone, is steady. */
const STEADY_AFTER = 12;
/** How often a host was gone when it is first called flapping. */
const FIRST_COUNT = String(FLAPPING_FROM / 2);
const TURNS: readonly ChangeKind[] = ['gone', 'back'];

/**
 * What is remembered of a host, and its changes, once flapping is taken into account. Each time that a flapping host turns
 * is reported as `flapping` with the new count. A host that settles is `gone` or `back`.
 * @param before undefined if nothing was known of the host
 */
export function withFlapping(
  { memory, changes }: Remembered,
  before: HostMemory | undefined,
  rules: ChangeRules,
): Remembered {
  const turns = before?.turns ?? 0;
  const turn = changes.find(({ kind }) => TURNS.includes(kind));
  if (turn === undefined) return steadier({ memory, changes }, rules);
  const next = { ...memory, turns: turns + 1, scansSinceTurn: 0 };
  if (next.turns < FLAPPING_FROM) return { memory: next, changes };
  // A host is gone at every other turn, beginning with the first.
  const flapping: Change = {
    kind: 'flapping',
    before: turn.before,
    after: String(Math.ceil(next.turns / 2)),
  };
  return { memory: next, changes: changes.map((each) => (each === turn ? flapping : each)) };
}

/** Whether the change only raises the count of a host that was flapping already. */
export function isFurtherTurn({ kind, after }: Change): boolean {
  return kind === 'flapping' && after !== FIRST_COUNT;
}

/** After a scan in which the host did not turn. */
function steadier({ memory, changes }: Remembered, rules: ChangeRules): Remembered {
  if (memory.turns === 0) return { memory, changes };
  const scansSinceTurn = memory.scansSinceTurn + 1;
  if (scansSinceTurn < STEADY_AFTER + rules.missesUntilGone || memory.state === 'missing') {
    return { memory: { ...memory, scansSinceTurn }, changes };
  }
  const steady = { ...memory, turns: 0, scansSinceTurn: 0 };
  if (memory.turns < FLAPPING_FROM) return { memory: steady, changes };
  const kind = memory.state === 'up' ? 'back' : 'gone';
  return {
    memory: steady,
    changes: [{ kind, before: '', after: memory.reason ?? '' }, ...changes],
  };
}
