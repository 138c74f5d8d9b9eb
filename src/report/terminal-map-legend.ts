/** What the characters of a map in the terminal mean, and how many addresses each stands for. */

import { STATUSES, type Status } from '../results/outcome.ts';
import { grouped } from '../words.ts';
import { PENDING } from './terminal-map-rows.ts';
import { paint, textWidth } from './terminal-text.ts';

export interface Glyphs {
  /** Of what is up, from fast to slow, or from few to all. */
  readonly up: readonly string[];
  readonly unreachable: string;
  readonly down: string;
  readonly error: string;
  /** No answer yet. */
  readonly pending: string;
}

export interface LegendLook {
  readonly width: number;
  readonly colour: boolean;
  /** Lines that it may take. */
  readonly most: number;
}

const WORDS: Readonly<Record<Status, string>> = {
  up: 'up',
  unreachable: 'unreachable',
  down: 'silent',
  error: 'not sent',
};
const BETWEEN = '   ';
const CLOSE = '  ';
interface Item {
  readonly tone: Status | undefined;
  readonly glyph: string;
  readonly words: string;
}

/**
 * Lines no wider than the terminal: broken between the items, and without words if that takes too many.
 * @param counts by status, then of those without an answer
 * @param ends what the lowest and the highest character stand for; '' if that is nothing
 */
export function legendLines(
  counts: ArrayLike<number>,
  glyphs: Glyphs,
  ends: string,
  look: LegendLook,
): string[] {
  const whole = wrapped(itemsOf(counts, glyphs, ends), BETWEEN, look);
  if (whole.length <= look.most) return whole;
  return wrapped(itemsOf(counts, glyphs, undefined), CLOSE, look).slice(0, look.most);
}

/** So many lines it takes at most, whatever is counted. */
export function legendHeight(total: number, glyphs: Glyphs, look: LegendLook): number {
  const counts = new Array<number>(PENDING + 1).fill(total);
  return legendLines(counts, glyphs, '0.001 ms to 0.001 ms', look).length;
}

/** @param ends undefined for as few words as there can be */
function itemsOf(counts: ArrayLike<number>, glyphs: Glyphs, ends: string | undefined): Item[] {
  const [low, high] = [glyphs.up[0]!, glyphs.up.at(-1)!];
  const upGlyph = /^\d$/.test(low) ? `${low}-${high}` : `${low}${high}`;
  const items = STATUSES.flatMap((status, i): Item[] => {
    const count = counts[i]!;
    if (count === 0) return [];
    const glyph = status === 'up' ? upGlyph : glyphs[status];
    if (ends === undefined) return [{ tone: status, glyph, words: grouped(count) }];
    const range = status === 'up' && ends !== '' ? ` (${ends})` : '';
    return [{ tone: status, glyph, words: `${WORDS[status]} ${grouped(count)}${range}` }];
  });
  const pending = counts[PENDING]!;
  if (pending === 0) return items;
  const words = `${ends === undefined ? '' : 'waiting '}${grouped(pending)}`;
  return [...items, { tone: undefined, glyph: glyphs.pending, words }];
}

function wrapped(items: readonly Item[], between: string, { width, colour }: LegendLook): string[] {
  const lines: { text: string; width: number }[] = [];
  for (const { tone, glyph, words } of items) {
    const text = `${tone === undefined ? glyph : paint(glyph, tone, colour)} ${words}`;
    const cells = textWidth(`${glyph} ${words}`);
    const line = lines.at(-1);
    if (line !== undefined && line.width + between.length + cells <= width) {
      line.text += between + text;
      line.width += between.length + cells;
    } else if (cells <= width) lines.push({ text, width: cells });
  }
  return lines.map(({ text }) => text);
}
