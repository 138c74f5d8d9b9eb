/** Looks at the beginning of a text before it is read. */

/** Enough to recognise a format by. */
const PEEKED = 1 << 16;

/** A text whose beginning is known. */
export interface PeekedText {
  /** At least 65,536 characters, or all there are. */
  readonly head: string;
  /** The text with its beginning; to be read once. */
  readonly whole: AsyncIterable<string>;
}

/** Reads as much as `head` holds, and no more until `whole` is read. */
export async function peekedText(text: AsyncIterable<string>): Promise<PeekedText> {
  const pieces = text[Symbol.asyncIterator]();
  let head = '';
  while (head.length < PEEKED) {
    const next = await pieces.next();
    if (next.done) break;
    head += next.value;
  }
  const whole = async function* (): AsyncGenerator<string> {
    yield head;
    yield* { [Symbol.asyncIterator]: () => pieces };
  };
  return { head, whole: whole() };
}
