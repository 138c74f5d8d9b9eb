/**
 * Memory of blocks that are over, for those that begin. The garbage collector would free it late: it goes by the objects,
 * which are small, and a sweep of a million hosts would hold what tens of blocks have left behind.
 */

/** Less is not worth keeping. */
const LEAST_OCTETS = 1024;
/** What a few of the largest blocks take. */
const MOST_OCTETS = 8 << 20;

export class SpareMemory {
  private readonly buffers = new Map<number, ArrayBuffer[]>();
  private octets = 0;

  /** @returns as many zeros */
  u8(count: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.take(count));
  }

  u16(count: number): Uint16Array<ArrayBuffer> {
    return new Uint16Array(this.take(count * Uint16Array.BYTES_PER_ELEMENT));
  }

  u32(count: number): Uint32Array<ArrayBuffer> {
    return new Uint32Array(this.take(count * Uint32Array.BYTES_PER_ELEMENT));
  }

  f64(count: number): Float64Array<ArrayBuffer> {
    return new Float64Array(this.take(count * Float64Array.BYTES_PER_ELEMENT));
  }

  /** Takes memory that nothing reads or writes any more. What was transferred to another thread is empty, and left alone. */
  give(buffer: ArrayBufferLike): void {
    const octets = buffer.byteLength;
    if (octets < LEAST_OCTETS || this.octets + octets > MOST_OCTETS) return;
    if (!(buffer instanceof ArrayBuffer)) return;
    const alike = this.buffers.get(octets);
    if (alike === undefined) this.buffers.set(octets, [buffer]);
    else alike.push(buffer);
    this.octets += octets;
  }

  private take(octets: number): ArrayBuffer {
    const buffer = this.buffers.get(octets)?.pop();
    if (buffer === undefined) return new ArrayBuffer(octets);
    this.octets -= octets;
    new Uint8Array(buffer).fill(0);
    return buffer;
  }
}
