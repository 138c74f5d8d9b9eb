/** Text put together as octets of UTF-8, in one buffer used again and again: what a million rows are written with. */

const FIRST_OCTETS = 1 << 18;
const ZERO = 0x30;
/** The largest number that integer arithmetic keeps in 32 bits. */
const MOST_INTEGER = 2 ** 31 - 1;
/** By digits: the first number that has more. */
const POWERS = Array.from({ length: 10 }, (_, digits) => 10 ** digits);

export class OctetWriter {
  private octets: Uint8Array;
  private end = 0;
  private readonly encoder = new TextEncoder();

  /** @param room octets that the buffer has at first */
  constructor(room = FIRST_OCTETS) {
    this.octets = new Uint8Array(room);
  }

  /** Octets written since the last `take`. */
  get length(): number {
    return this.end;
  }

  /** What has been written since the last call; valid until something is written again. */
  take(): Uint8Array {
    const piece = this.octets.subarray(0, this.end);
    this.end = 0;
    return piece;
  }

  /** @param text of ASCII characters only */
  ascii(text: string): void {
    const { length } = text;
    this.makeRoom(length);
    const { octets, end } = this;
    for (let i = 0; i < length; i++) octets[end + i] = text.charCodeAt(i);
    this.end = end + length;
  }

  utf8(text: string): void {
    // Three octets a UTF-16 code unit at most.
    this.makeRoom(text.length * 3);
    this.end += this.encoder.encodeInto(text, this.octets.subarray(this.end)).written;
  }

  copy(piece: Uint8Array): void {
    const { length } = piece;
    this.makeRoom(length);
    const { octets, end } = this;
    for (let i = 0; i < length; i++) octets[end + i] = piece[i]!;
    this.end = end + length;
  }

  /** @param value whole, not negative @param digits at least this many, with zeros in front */
  integer(value: number, digits = 1): void {
    if (value > MOST_INTEGER) {
      this.ascii(value.toFixed(0));
      return;
    }
    let wanted = digits;
    while (wanted < POWERS.length && value >= POWERS[wanted]!) wanted++;
    this.makeRoom(wanted);
    const { octets, end } = this;
    let rest = value | 0;
    for (let at = end + wanted - 1; at >= end; at--) {
      const tens = (rest / 10) | 0;
      octets[at] = ZERO + rest - tens * 10;
      rest = tens;
    }
    this.end = end + wanted;
  }

  private makeRoom(octets: number): void {
    if (this.end + octets <= this.octets.length) return;
    const larger = new Uint8Array(Math.max(this.octets.length * 2, this.end + octets));
    larger.set(this.octets.subarray(0, this.end));
    this.octets = larger;
  }
}
