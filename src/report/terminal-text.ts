/** Text on a terminal: made safe, measured in cells, padded, cut, wrapped and coloured. */

import { styleText } from 'node:util';
import type { Status } from '../results/outcome.ts';

/** Latin letters and the punctuation of our own sentences, a cell each; a soft hyphen has none. */
const NARROW = /^[ -~\u00A0-\u00AC\u00AE-\u017F\u2010-\u2027]*$/;
// Made when first needed, which takes 14 ms: most texts are narrow.
let segmenter: Intl.Segmenter | undefined;

function graphemes(text: string): Intl.Segments {
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  return segmenter.segment(text);
}

/** Cells that safe text takes on a terminal: 2 for East Asian wide characters and emoji, 1 for most others. */
export function textWidth(text: string): number {
  if (NARROW.test(text)) return text.length;
  let width = 0;
  for (const { segment } of graphemes(text)) width += segmentWidth(segment);
  return width;
}

function segmentWidth(segment: string): number {
  // Made when first needed: that searches the tables of Unicode.
  const zeroWidth = /^\p{M}/u;
  const wide =
    /^(?:[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\u3000-\u303E\u30A0-\u30FF\uFF01-\uFF60\uFFE0-\uFFE6]|\p{Emoji_Presentation})/u;
  if (zeroWidth.test(segment)) return 0;
  return wide.test(segment) ? 2 : 1;
}

/** The text, or as much of it as fits into `width` cells with an ellipsis. */
export function cutText(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  let kept = '';
  let used = 1;
  for (const { segment } of graphemes(text)) {
    used += segmentWidth(segment);
    if (used > width) break;
    kept += segment;
  }
  return `${kept}…`;
}

/** Blanks that fill text up to `width` cells; none if it is wider. */
export function fill(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - textWidth(text)));
}

/** Breaks `text` at blanks into lines of at most `width` cells; a longer word has its own line. */
export function wrapWords(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  let cells = 0;
  for (const word of text.split(' ')) {
    const own = textWidth(word);
    if (line === '' || cells + 1 + own > width) {
      if (line !== '') lines.push(line);
      line = word;
      cells = own;
    } else {
      line += ` ${word}`;
      cells += 1 + own;
    }
  }
  return [...lines, line];
}

/** What a colour stands for. */
export type Tone = Status | 'heading' | 'warning' | 'quiet';

const TONES = {
  up: 'green',
  unreachable: 'yellow',
  down: 'dim',
  error: 'red',
  heading: 'bold',
  warning: 'yellow',
  quiet: 'dim',
} as const satisfies Record<Tone, Parameters<typeof styleText>[0]>;

/** Colours the text if `colour` is set; the caller knows whether the terminal can. */
export function paint(text: string, tone: Tone, colour: boolean): string {
  return colour && text !== '' ? styleText(TONES[tone], text, { validateStream: false }) : text;
}
