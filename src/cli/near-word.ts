/** Finds the word that a person most likely meant. */

/** Words this short allow one slip, longer ones two. */
const SHORT = 4;

/** The nearest of some words; undefined if none is near enough to be a slip of the fingers. */
export function nearWord(given: string, words: readonly string[]): string | undefined {
  const [nearest] = words
    .map((word) => ({ word, distance: editDistance(given.toLowerCase(), word) }))
    .filter(({ word, distance }) => distance <= (word.length <= SHORT ? 1 : 2))
    .sort((a, b) => a.distance - b.distance);
  return nearest?.word;
}

/** Letters to insert, drop, exchange or swap with their neighbour (optimal string alignment). */
function editDistance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1];
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row.push(
        Math.min(
          rows[i - 1]![j]! + 1,
          row[j - 1]! + 1,
          rows[i - 1]![j - 1]! + (isSame ? 0 : 1),
          isSwapped ? rows[i - 2]![j - 2]! + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
    rows.push(row);
  }
  return rows[a.length]![b.length]!;
}
