/** Reads a CSV report back (RFC 4180), independently of the code that wrote it. */

export type CsvRow = Readonly<Record<string, string>>;

/** @returns one object a row, by the names in the header row */
export function parseCsv(text: string, delimiter = ','): CsvRow[] {
  const [header, ...rows] = cellsOf(text, delimiter);
  return rows.map((row) => {
    if (row.length !== header!.length)
      throw new Error(`not as wide as the header: ${row.join('|')}`);
    return Object.fromEntries(header!.map((name, i) => [name, row[i]!]));
  });
}

/** The rows by address; an address that stands twice is an error. */
export function rowsByAddress(text: string): Map<string, CsvRow> {
  const rows = new Map<string, CsvRow>();
  for (const row of parseCsv(text)) {
    const address = row['address']!;
    if (rows.has(address)) throw new Error(`${address} stands in the report twice`);
    rows.set(address, row);
  }
  return rows;
}

function cellsOf(text: string, delimiter: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = '';
  let quoted = false;
  for (let i = text.startsWith('\uFEFF') ? 1 : 0; i < text.length; i++) {
    const character = text[i]!;
    if (quoted) {
      if (character !== '"') cell += character;
      else if (text[i + 1] === '"') cell += text[i++];
      else quoted = false;
    } else if (character === '"') {
      quoted = true;
    } else if (character === delimiter) {
      row.push(cell);
      cell = '';
    } else if (character === '\n') {
      rows.push([...row, cell.replace(/\r$/, '')]);
      row = [];
      cell = '';
    } else {
      cell += character;
    }
  }
  if (cell !== '' || row.length > 0) throw new Error('the last row has no line ending');
  return rows;
}
