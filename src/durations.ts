/** How long the usual spans of time are. */

export const MS_A_MINUTE = 60_000;
export const MS_AN_HOUR = 60 * MS_A_MINUTE;
export const MS_A_DAY = 24 * MS_AN_HOUR;

export const NS_A_MS = 1_000_000;
