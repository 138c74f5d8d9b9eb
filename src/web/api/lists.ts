/** What lists of the API have in common: parts of them, cursors, times, and words with commas between. */

import { z } from 'zod';
import { EchosweepError } from '../../errors.ts';
import { readMoment } from '../../inventory/moment.ts';
import { requestInvalid } from './api-error.ts';

/** Fields of a query for a part of a list. */
export const PART = {
  limit: z.coerce.number().int().min(1).max(1000).default(100).describe('Most items of a part.'),
  cursor: z.string().max(200).optional().describe('`next` of the part before.'),
};

/** A part of a list, and where the following part begins. */
export function listOf<Item extends z.ZodType>(item: Item) {
  return z.object({
    items: z.array(item),
    next: z.string().nullable().describe('The cursor of the following part; null at the end.'),
    total: z.int().describe('Items of the whole list.'),
  });
}

/** A whole list in one part. */
export function whole<Item>(items: Item[]): { items: Item[]; next: null; total: number } {
  return { items, next: null, total: items.length };
}

export const momentField = z
  .string()
  .max(40)
  .optional()
  .describe('`7d` for so long ago, a date, or a whole time.');

/** @throws ApiError if the text is not a time */
export function momentOf(text: string | undefined, name: string, now: Date): Date | undefined {
  if (text === undefined) return undefined;
  try {
    return readMoment(text, now, name);
  } catch (error) {
    if (!(error instanceof EchosweepError)) throw error;
    throw requestInvalid(error.problem, error.advice);
  }
}

/** Words of a set with commas between, as a field of a query. */
export function wordsField<const Word extends string>(words: readonly Word[]) {
  return z
    .string()
    .max(1000)
    .optional()
    .transform((text, context) => {
      if (text === undefined || text === '') return undefined;
      const given = text.split(',');
      const wrong = given.find((word) => !(words as readonly string[]).includes(word));
      if (wrong === undefined) return given as Word[];
      context.addIssue({
        code: 'custom',
        message: `${JSON.stringify(wrong)} is none of ${words.join(', ')}`,
      });
      return z.NEVER;
    })
    .describe(`Some of ${words.join(', ')}, commas between.`);
}

export function isoTime(time: Date | null): string | null {
  return time === null ? null : time.toISOString();
}

/** A field that holds an ISO 8601 time, UTC. */
export const isoField = z.iso.datetime();

export function base64Of(octets: Uint8Array): string {
  return Buffer.from(octets).toString('base64');
}
