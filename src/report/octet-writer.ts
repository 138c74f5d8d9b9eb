/** Text put together as octets of UTF-8, in one buffer used again and again: what a million rows are written with. */

const FIRST_OCTETS = 1 << 18;
const ZERO = 0x30;
/** Of every number below 1000. */
const THREE_DIGITS = new Uint8Array(3000);
for (let number = 0; number < 1000; number++) {
  THREE_DIGITS[number * 3] = ZERO + Math.floor(number / 100);
  THREE_DIGITS[number * 3 + 1] = ZERO + (Math.floor(number / 10) % 10);
  THREE_DIGITS[number * 3 + 2] = ZERO + (number % 10);
}

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
    // Most are separators.
    if (length === 1) {
      this.octet(piece[0]!);
      return;
    }
    this.makeRoom(length);
    const { octets, end } = this;
    for (let i = 0; i < length; i++) octets[end + i] = piece[i]!;
    this.end = end + length;
  }

  octet(value: number): void {
    this.makeRoom(1);
    this.octets[this.end++] = value;
  }

  /** Repeats what was written since the last `take`. @param start where it begins */
  repeat(start: number, length: number): void {
    this.makeRoom(length);
    const { octets, end } = this;
    for (let i = 0; i < length; i++) octets[end + i] = octets[start + i]!;
    this.end = end + length;
  }

  /** @param value whole, not negative @param digits at least this many, up to three, with zeros in front */
  integer(value: number, digits = 1): void {
    if (value >= 1000) {
      this.largeInteger(value);
      return;
    }
    this.makeRoom(3);
    const { octets } = this;
    const at = value * 3;
    if (digits === 3 || value >= 100) octets[this.end++] = THREE_DIGITS[at]!;
    if (digits >= 2 || value >= 10) octets[this.end++] = THREE_DIGITS[at + 1]!;
    octets[this.end++] = THREE_DIGITS[at + 2]!;
  }

  private largeInteger(value: number): void {
    if (value >= 1e9) {
      this.ascii(value.toFixed(0));
      return;
    }
    const thousands = Math.floor(value / 1000);
    this.integer(thousands);
    this.integer(value - thousands * 1000, 3);
  }

  private makeRoom(octets: number): void {
    if (this.end + octets <= this.octets.length) return;
    const larger = new Uint8Array(Math.max(this.octets.length * 2, this.end + octets));
    larger.set(this.octets.subarray(0, this.end));
    this.octets = larger;
  }
}
