/** Fields of the configuration that take one value or several. */

import { z } from 'zod';

/** One value, or a list of values that is not empty; a list once it is checked. */
export function oneOrMore<Item extends z.ZodType>(item: Item) {
  return z
    .union([item, z.array(item).min(1)])
    .transform((value) => [value].flat() as z.output<Item>[]);
}

/** Texts that are not empty. */
export const TEXTS_FIELD = oneOrMore(z.string().min(1));
