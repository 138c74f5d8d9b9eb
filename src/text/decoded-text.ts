/** Decodes text as people save it: UTF-8 with or without a byte order mark, and UTF-16 with one. */

import { TextDecoder } from 'node:util';
import type { Refusal } from './refusal.ts';

type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be';

/** RFC 3629 section 6, RFC 2781 section 3.2. */
const BYTE_ORDER_MARKS: readonly (readonly [Encoding, readonly number[]])[] = [
  ['utf-8', [0xef, 0xbb, 0xbf]],
  ['utf-16le', [0xff, 0xfe]],
  ['utf-16be', [0xfe, 0xff]],
];
/** What people hand over in place of a text: its first octets, what it is, and how to make text of it. */
const NOT_TEXT: readonly (readonly [readonly number[], string, string])[] = [
  [[0x1f, 0x8b], 'is compressed (gzip)', 'unpack it first, such as with zcat'],
  [
    [0x50, 0x4b, 3, 4],
    'is a spreadsheet or a ZIP archive',
    'save the sheet as CSV, or unpack the archive',
  ],
  [[0xd0, 0xcf, 0x11, 0xe0], 'is an Excel workbook', 'save the sheet as CSV'],
  [[0x25, 0x50, 0x44, 0x46], 'is a PDF', 'give the list as a text file'],
  [[0x50, 0x41, 0x52, 0x31], 'is a Parquet file', 'give it as CSV'],
];
const LONGEST_MARK = 4;

/**
 * The text of a file, piece by piece and without its byte order mark. Pieces that are strings already pass as they are.
 * @throws what `refuse` makes of a file that is not text, with the first line that cannot be read
 */
export async function* decodedText(
  chunks: AsyncIterable<Uint8Array | string>,
  refuse: Refusal,
): AsyncGenerator<string> {
  let start: Uint8Array | undefined = new Uint8Array();
  let decoder: LineCountingDecoder | undefined;
  let isFirst = true;
  for await (const chunk of chunks) {
    if (typeof chunk === 'string') {
      yield isFirst ? chunk.replace(/^\uFEFF/, '') : chunk;
      isFirst = false;
      continue;
    }
    if (decoder !== undefined) {
      yield decoder.decode(chunk);
      continue;
    }
    start = joined(start!, chunk);
    if (start.length < LONGEST_MARK) continue;
    decoder = decoderFor(start, refuse);
    yield decoder.decode(start);
    start = undefined;
  }
  if (decoder === undefined && start!.length > 0) {
    decoder = decoderFor(start!, refuse);
    yield decoder.decode(start!);
  }
  if (decoder !== undefined) yield decoder.decode();
}

function decoderFor(start: Uint8Array, refuse: Refusal): LineCountingDecoder {
  for (const [octets, what, advice] of NOT_TEXT) {
    if (beginsWith(start, octets)) throw refuse(undefined, what, advice);
  }
  return new LineCountingDecoder(encodingOf(start), refuse);
}

/** The encoding of a text that begins with these octets. */
function encodingOf(start: Uint8Array): Encoding {
  return BYTE_ORDER_MARKS.find(([, mark]) => beginsWith(start, mark))?.[0] ?? 'utf-8';
}

/** Whether the last line of a text has its end. @param start the first octets @param end at least the last two, if there are as many */
export function endsWithLineEnd(start: Uint8Array, end: Uint8Array): boolean {
  const encoding = encodingOf(start);
  const last = end.subarray(encoding === 'utf-8' ? -1 : -2);
  return /[\r\n]/.test(new TextDecoder(encoding).decode(last));
}

/** Knows the line in which decoding fails. */
class LineCountingDecoder {
  private readonly encoding: Encoding;
  private readonly decoder: TextDecoder;
  private readonly refuse: Refusal;
  private linesBefore = 0;
  private isFirst = true;

  constructor(encoding: Encoding, refuse: Refusal) {
    this.encoding = encoding;
    this.decoder = new TextDecoder(encoding, { fatal: true });
    this.refuse = refuse;
  }

  /** @param octets undefined at the end */
  decode(octets?: Uint8Array): string {
    let text: string;
    try {
      text =
        octets === undefined
          ? this.decoder.decode()
          : this.decoder.decode(octets, { stream: true });
    } catch {
      const line = this.linesBefore + linesIn(this.readablePart(octets ?? new Uint8Array()));
      throw this.refuse(
        line + 1,
        'is neither UTF-8 nor UTF-16 with a byte order mark',
        'save the file as UTF-8',
      );
    }
    if (text.includes('\0')) {
      const line = this.linesBefore + linesIn(text.slice(0, text.indexOf('\0')));
      throw this.refuse(line + 1, 'is not text', 'save the file as text in UTF-8');
    }
    this.linesBefore += linesIn(text);
    this.isFirst = false;
    return text;
  }

  /** Up to what cannot be read: U+FFFD replaces it, and also the end of a character that began in the piece before. */
  private readablePart(octets: Uint8Array): string {
    const text = new TextDecoder(this.encoding).decode(octets);
    const whole = this.isFirst ? text : text.replace(/^\uFFFD{1,3}/, '');
    return whole.split('\uFFFD', 1)[0]!;
  }
}

function linesIn(text: string): number {
  let lines = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines++;
  return lines;
}

function beginsWith(octets: Uint8Array, start: readonly number[]): boolean {
  return octets.length >= start.length && start.every((octet, i) => octets[i] === octet);
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  if (a.length === 0) return b;
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
