/** The lines of a text's beginning that say something, for recognising its format. */

/**
 * Lines without comments (`#` at their beginning), blank ones and blanks around them. The last one may be cut short,
 * so it is left out unless it is the only one.
 */
export function contentLines(head: string): string[] {
  const lines = head.split(/\r\n|\n|\r/);
  const isCut = lines.length > 1 && !/[\r\n]$/.test(head) && head.length >= 1 << 16;
  return (isCut ? lines.slice(0, -1) : lines)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}
