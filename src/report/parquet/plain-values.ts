/** Values one after the other, as Parquet's encoding PLAIN has them, in one buffer used again and again. */

const FIRST_OCTETS = 1 << 14;
const BITS_32 = 2 ** 32;
const MOST_INT64 = 2 ** 63;

export class PlainValues {
  private octets = new Uint8Array(FIRST_OCTETS);
  private view = new DataView(this.octets.buffer);
  private end = 0;
  private readonly encoder = new TextEncoder();

  /** What has been written since the last call; valid until something is written again. */
  take(): Uint8Array {
    const taken = this.octets.subarray(0, this.end);
    this.end = 0;
    return taken;
  }

  /** UTF-8 behind its length. */
  text(value: string): void {
    const { length } = value;
    // Three octets a UTF-16 code unit at most.
    this.makeRoom(4 + length * 3);
    const { octets } = this;
    const start = this.end + 4;
    let at = 0;
    for (; at < length; at++) {
      const code = value.charCodeAt(at);
      if (code > 0x7f) break;
      octets[start + at] = code;
    }
    const written =
      at === length ? at : this.encoder.encodeInto(value, octets.subarray(start)).written;
    this.view.setUint32(this.end, written, true);
    this.end = start + written;
  }

  int32(value: number): void {
    this.makeRoom(4);
    this.view.setInt32(this.end, value, true);
    this.end += 4;
  }

  /** A number beyond the type, such as that of the addresses of several IPv6 subnets, becomes the largest. */
  int64(value: number): void {
    this.makeRoom(8);
    const isBeyond = value >= MOST_INT64;
    this.view.setUint32(this.end, isBeyond ? BITS_32 - 1 : value % BITS_32, true);
    this.view.setInt32(
      this.end + 4,
      isBeyond ? BITS_32 / 2 - 1 : Math.floor(value / BITS_32),
      true,
    );
    this.end += 8;
  }

  double(value: number): void {
    this.makeRoom(8);
    this.view.setFloat64(this.end, value, true);
    this.end += 8;
  }

  private makeRoom(octets: number): void {
    if (this.end + octets <= this.octets.length) return;
    const larger = new Uint8Array(Math.max(this.octets.length * 2, this.end + octets));
    larger.set(this.octets.subarray(0, this.end));
    this.octets = larger;
    this.view = new DataView(larger.buffer);
  }
}
