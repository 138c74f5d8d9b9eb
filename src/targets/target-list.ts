/** Splits the text of a target file, or of standard input, into targets. */

import type { TargetSpec } from './target-spec.ts';

/**
 * One or more targets a line, with commas or blanks between; `#` begins a comment.
 * @param source names the text in messages, such as a file's path
 */
export function parseTargetList(text: string, source: string): TargetSpec[] {
  return text
    .replace(/^\ufeff/, '')
    .split(/\r\n|\n|\r/)
    .flatMap((line, i) =>
      line
        .replace(/#.*$/, '')
        .split(/[\s,]+/)
        .filter((word) => word !== '')
        .map((word) => ({ text: word, where: `${source}, line ${i + 1}` })),
    );
}
