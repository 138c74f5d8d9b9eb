/** Cuts text into lines, whichever way they end, without ever holding more than one piece and one line. */

import type { Refusal } from './refusal.ts';

/** A line that long is not a list of anything. */
const LONGEST_LINE = 1 << 20;
/** A run record has the command line, which can be two million characters long, and every conflict of MAC addresses. */
export const LONGEST_JSON_LINE = 1 << 24;

/**
 * The lines of a text without their ends (LF, CRLF or CR), as many at a time as a piece holds: waiting for each of
 * 300,000 lines by itself would take longer than reading them.
 * @param longest characters that a line may have
 * @throws what `refuse` makes of a longer line
 */
export async function* linesOf(
  text: AsyncIterable<string>,
  refuse: Refusal,
  longest = LONGEST_LINE,
): AsyncGenerator<readonly string[]> {
  let rest = '';
  let count = 0;
  for await (const piece of text) {
    let open = rest + piece;
    // A CR at the end of a piece may be half of a CRLF.
    const half = open.endsWith('\r') ? '\r' : '';
    if (half !== '') open = open.slice(0, -1);
    const lines = open.includes('\r') ? open.split(/\r\n|\n|\r/) : open.split('\n');
    rest = lines.pop()! + half;
    for (const [i, line] of [...lines, rest].entries()) {
      if (line.length > longest) {
        throw refuse(count + i + 1, 'is too long for a line', 'break it into shorter lines');
      }
    }
    count += lines.length;
    yield lines;
  }
  if (rest !== '') yield [rest.replace(/\r$/, '')];
}
