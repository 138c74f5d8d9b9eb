/** Texts that many rows share, kept once each: a row holds only the number of its text. */

export class InternedTexts {
  /** The index of a text is its number. */
  readonly texts: string[] = [];
  private readonly indexes = new Map<number | string, number>();

  /** The index of a text, which is added if it is new. */
  indexOf(text: string): number {
    const known = this.find(text);
    return known < 0 ? this.add(text) : known;
  }

  /** The index of the text with this key, or -1: a number as a key saves writing a text out just to look it up. */
  find(key: number | string): number {
    return this.indexes.get(key) ?? -1;
  }

  /** Adds a text whose key is new. @returns its index */
  add(text: string, key: number | string = text): number {
    const index = this.texts.push(text) - 1;
    this.indexes.set(key, index);
    return index;
  }
}
