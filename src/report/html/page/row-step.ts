/** How far a key moves the chosen row of a table: also the keys that scroll, so that the row never stays behind. */

/**
 * @param page rows that are in sight
 * @param count rows of the table
 * @returns 0 for other keys
 */
export function rowStep(key: string, page: number, count: number): number {
  switch (key) {
    case 'ArrowDown':
      return 1;
    case 'ArrowUp':
      return -1;
    case 'PageDown':
      return Math.max(1, page - 1);
    case 'PageUp':
      return -Math.max(1, page - 1);
    case 'Home':
      return -count;
    case 'End':
      return count;
    default:
      return 0;
  }
}
