/** Numbers and changes as a reader wants them. */

import { timeText } from '../../report/html/totals-sentence.ts';

export { grouped as countText, plural } from '../../words.ts';

/** `0.84 ms`; '' if there is none. */
export function rttText(ms: number | null): string {
  return ms === null ? '' : timeText(ms * 1000);
}

/** `74 %`; neither 0 % nor 100 % unless it is exactly that. */
export function percentText(percent: number | null): string {
  if (percent === null) return '';
  if (percent > 0 && percent < 1) return '< 1 %';
  if (percent > 99 && percent < 100) return '> 99 %';
  return `${Math.round(percent)} %`;
}

/** `MAC address changed` */
const CHANGE_WORDS: Readonly<Record<string, string>> = {
  new: 'New',
  gone: 'Gone',
  back: 'Back',
  flapping: 'Flapping',
  moved: 'Moved',
  'name-changed': 'Name changed',
  'mac-changed': 'MAC changed',
  conflict: 'Conflict',
  'reason-changed': 'Reason changed',
  slower: 'Slower',
};

export const CHANGE_KINDS = Object.keys(CHANGE_WORDS);

export function changeWord(kind: string): string {
  return CHANGE_WORDS[kind] ?? kind;
}
