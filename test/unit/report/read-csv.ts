/** A reader of RFC 4180 of its own, so that the writer is not judged by its own library. */

/** The records of a text whose lines end in LF or CRLF. @throws Error where the text breaks the grammar */
export function readCsv(text: string, delimiter = ','): string[][] {
  const records: string[][] = [];
  let at = 0;
  while (at < text.length) {
    const record: string[] = [];
    for (;;) {
      const [cell, next] = text[at] === '"' ? quotedCell(text, at) : bareCell(text, at, delimiter);
      record.push(cell);
      at = next;
      if (text.startsWith(delimiter, at)) {
        at += delimiter.length;
        continue;
      }
      if (text.startsWith('\r\n', at)) at += 2;
      else if (text[at] === '\n') at += 1;
      else throw new Error(`no line end at ${at}`);
      break;
    }
    records.push(record);
  }
  return records;
}

function quotedCell(text: string, start: number): [string, number] {
  let cell = '';
  let at = start + 1;
  for (;;) {
    const quote = text.indexOf('"', at);
    if (quote < 0) throw new Error(`quote at ${start} is never closed`);
    cell += text.slice(at, quote);
    if (text[quote + 1] !== '"') return [cell, quote + 1];
    cell += '"';
    at = quote + 2;
  }
}

function bareCell(text: string, start: number, delimiter: string): [string, number] {
  let at = start;
  while (at < text.length && text[at] !== '\n' && text[at] !== '\r' && text[at] !== delimiter) {
    if (text[at] === '"') throw new Error(`bare quote at ${at}`);
    at++;
  }
  return [text.slice(start, at), at];
}
