/** Runs classic BPF programs as the kernel does (networking/filter.rst). */

/** What the kernel knows of a frame beside its octets. */
export interface Beside {
  readonly interfaceIndex: number;
  /** linux/if_packet.h: 0 to us, 1 to everybody, 3 to somebody else. */
  readonly packetType?: number;
  /** 0 for a packet without one. */
  readonly vlanTag?: number;
  /** The IP header, if the packet begins behind it. */
  readonly header?: readonly number[];
}

/** SKF_NET_OFF. */
const NETWORK = 0xfff00000;

/** @returns whether the packet passes */
export function passes(
  program: Uint8Array,
  packet: ArrayLike<number>,
  { interfaceIndex, packetType = 0, vlanTag = 0, header = [] }: Beside = { interfaceIndex: 0 },
): boolean {
  const code = new DataView(program.buffer);
  const octet = (at: number): number => {
    // From the IP header on, wherever the packet begins.
    if (at >= NETWORK) return [...header, ...Array.from(packet)][at - NETWORK]!;
    if (at >= packet.length) throw new RangeError();
    return packet[at]!;
  };
  const half = (at: number): number => octet(at) * 256 + octet(at + 1);
  let a = 0;
  let x = 0;
  try {
    for (let pc = 0; ; pc++) {
      const [op, ifTrue, ifFalse, k] = [
        code.getUint16(pc * 8, true),
        code.getUint8(pc * 8 + 2),
        code.getUint8(pc * 8 + 3),
        code.getUint32(pc * 8 + 4, true),
      ];
      if (op === 0x06) return k > 0;
      else if (op === 0x30) a = k === 0xfffff004 ? packetType : octet(k);
      else if (op === 0x20 && k === 0xfffff008) a = interfaceIndex;
      else if (op === 0x20 && k === 0xfffff02c) a = vlanTag;
      else if (op === 0x28) a = half(k);
      else if (op === 0x20) a = half(k) * 65_536 + half(k + 2);
      else if (op === 0x50) a = octet(x + k);
      else if (op === 0x48) a = half(x + k);
      else if (op === 0xb1) x = 4 * (octet(k) & 15);
      else if (op === 0x54) a &= k;
      else if (op === 0x64) a <<= k;
      else if (op === 0x0c) a += x;
      else if (op === 0x07) x = a;
      else if (op === 0x15) pc += a === k ? ifTrue : ifFalse;
      else if (op === 0x25) pc += a > k ? ifTrue : ifFalse;
      else if (op === 0x45) pc += (a & k) !== 0 ? ifTrue : ifFalse;
      else throw new Error(`opcode ${op}`);
    }
  } catch (error) {
    // A load beyond the end drops the packet.
    if (error instanceof RangeError) return false;
    throw error;
  }
}
