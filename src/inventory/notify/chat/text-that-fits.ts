/** A notice as lines of text within a limit: what does not fit is counted. */

import type { Notice } from '../notice.ts';

/** How long a service finds a line, with its end, as it is written into the message. */
export type Measure = (line: string) => number;

export interface FittedPart {
  readonly heading: string;
  readonly lines: readonly string[];
}

/** A longer line says no more to people; a name may have any length. */
const MOST_CHARACTERS = 200;
/** Room for a line that says how many are left out. */
const LAST_LINE = 'and 1000000 more: echosweep inventory changes has them all';

/** @param limit of the sum of all lines */
export function fitted({ parts }: Notice, measure: Measure, limit: number): FittedPart[] {
  const last = measure(LAST_LINE);
  let left = limit - last;
  let leftOut = 0;
  const fittedParts = parts.flatMap((part) => {
    const heading = shortened(part.heading, MOST_CHARACTERS).trimEnd();
    const lines: string[] = [];
    // Some services have a blank line before it.
    left -= measure(heading) + measure('');
    if (left < 0) {
      leftOut += part.lines.length;
      return [];
    }
    for (const line of part.lines) {
      const shown = shortened(line, MOST_CHARACTERS).trimEnd();
      left -= measure(shown);
      if (left < 0) break;
      lines.push(shown);
    }
    leftOut += part.lines.length - lines.length;
    return [{ heading, lines }];
  });
  if (leftOut === 0) return fittedParts;
  const more = `and ${leftOut} more: echosweep inventory changes has them all`;
  return [...fittedParts, { heading: more, lines: [] }];
}

/** The same as one text, with a blank line between its parts. */
export function fittedText(notice: Notice, measure: Measure, limit: number): string {
  return fitted(notice, measure, limit)
    .map(({ heading, lines }) => [heading, ...lines].join('\n'))
    .join('\n\n');
}

/** Cut to a number of characters, none of them in half. */
export function shortened(text: string, most: number): string {
  const characters = [...text];
  return characters.length <= most ? text : `${characters.slice(0, most - 1).join('')}…`;
}
