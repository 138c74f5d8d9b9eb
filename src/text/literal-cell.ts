/** Cells of a CSV that a spreadsheet shows as text, whatever its locale: written as a formula that is one literal. */

/** Words joined by dots, hyphens or underscores, as in most host names. No locale has a number or a date without a digit. */
const CERTAINLY_TEXT = /^\p{L}+(?:[._-]\p{L}+)+$/u;
/** The longest text that a formula of Excel can have. */
const LONGEST_LITERAL = 255;

/**
 * The cell that a spreadsheet of any locale shows as this text: `="192.0.2.1"`. A dot groups thousands in German, so
 * 192.168.178.100 would be a number; `mar-5` would be a date, and `true` a truth value.
 * @param text not a formula; one that begins with an apostrophe is text already
 */
export function literalCell(text: string): string {
  const isText = text === '' || text.startsWith("'") || CERTAINLY_TEXT.test(text);
  if (isText || text.length > LONGEST_LITERAL || /[\r\n]/.test(text)) return text;
  return `="${text.replaceAll('"', '""')}"`;
}

/** The text of a cell that `literalCell` made; every other cell as it is. */
export function literalText(cell: string): string {
  const literal = cell.startsWith('="') ? /^="((?:[^"]|"")*)"$/.exec(cell)?.[1] : undefined;
  return literal === undefined ? cell : literal.replaceAll('""', '"');
}
