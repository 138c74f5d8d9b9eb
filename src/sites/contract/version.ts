/** Which versions of the messages between hub and agents this program understands. */

/**
 * The version that this program writes. It rises with every change that an older program could misread, and with every
 * new status, reason or mark, because their numbers travel.
 */
export const CONTRACT = 1;

/** The oldest version that it still reads: a hub and an agent may be one version apart. */
export const OLDEST_CONTRACT = Math.max(1, CONTRACT - 1);
