/** What has changed in the cells of a running scan since the last look. */

/** Equal cells between two changes that are sent along: a run of its own is longer. */
const BRIDGED = 24;

/**
 * The runs of cells that differ, each as the number of its first cell and base64 of the octets.
 * @param known what was seen last; brought up to date
 */
export function freshCells(cells: Uint8Array, known: Uint8Array): [number, string][] {
  const runs: [number, string][] = [];
  let first = -1;
  let last = -1;
  const end = (): void => {
    if (first < 0) return;
    // A copy: the memory is shared and goes on changing.
    const octets = Buffer.from(cells.slice(first, last + 1));
    known.set(octets, first);
    runs.push([first, octets.toString('base64')]);
  };
  for (let i = 0; i < cells.length; i++) {
    if (cells[i] === known[i]) continue;
    if (first < 0 || i - last > BRIDGED) {
      end();
      first = i;
    }
    last = i;
  }
  end();
  return runs;
}
