/** Cells that a spreadsheet would take for a formula: guarded on the way out, and read back as they were. */

/** What a spreadsheet starts a formula with, and the full-width and small forms that it folds into them. */
const SIGN = '[=+\\-@\uFE62\uFE63\uFE66\uFE6B\uFF0B\uFF0D\uFF1D\uFF20]';
/** What a spreadsheet may skip or lose on the way to the first sign. After a tab or a line end, another part starts. */
const SKIPPED = '(?:(?![\\t\\r\\n])[\\s\\p{Cc}\\p{Cf}])*';
/**
 * Where a formula starts, or text that looks guarded already. The second half guards against a reader that splits at another
 * delimiter than ours, or ignores quotes.
 */
const STARTS = {
  cell: `(?='*(?:[\\t\\r\\n]|${SKIPPED}${SIGN}))`,
  part: `(?='*${SKIPPED}${SIGN})`,
} as const;
const DELIMITED = `(?<=[,;|\\t\\r\\n"])`;
const FORMULA_START = new RegExp(`^${STARTS.cell}|${DELIMITED}${STARTS.part}`, 'gu');

/** Nearly all cells, recognised at a tenth of the cost. */
export const HARMLESS = /^(?:[a-z0-9!.:][a-z0-9!.:%_-]*)?$/i;

/**
 * Text that no spreadsheet takes for a formula: an apostrophe goes in front of text that would start one (CWE-1236).
 * The operator of the reverse DNS zone chooses the host names.
 */
export function neutralFormula(text: string): string {
  return HARMLESS.test(text) ? text : text.replace(FORMULA_START, "'");
}

/** The apostrophes that `neutralFormula` puts. */
const GUARD = new RegExp(`^'${STARTS.cell}|${DELIMITED}'${STARTS.part}`, 'gu');

/** The text that a cell of a report was made from. */
export function unguardedText(cell: string): string {
  return cell.includes("'") ? cell.replace(GUARD, '') : cell;
}
