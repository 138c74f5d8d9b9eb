/**
 * An array of `struct msghdr` with everything that it points to, laid out once and used again and again. macOS has no public
 * call that receives several messages at once (recvmsg(2)).
 */

import { allocate, type NativeMemory } from '../../native/native-memory.ts';
import type { ControlReader } from '../control-reader.ts';

/*
 * struct msghdr, 64 bit:
 *    0 msg_name *       8 msg_namelen u32      16 msg_iov *      24 msg_iovlen i32
 *   32 msg_control *   40 msg_controllen u32   44 msg_flags i32                      (48 octets)
 * struct iovec: 0 iov_base *   8 iov_len u64                                         (16 octets)
 */
const HEADER = {
  octets: 48,
  name: 0,
  nameLength: 8,
  vector: 16,
  vectors: 24,
  control: 32,
  controlLength: 40,
} as const;
const VECTOR_OCTETS = 16;

/*
 * struct cmsghdr:
 *
 *   octet 0             4            8           12
 *        +-------------+------------+-----------+----------------------------
 *        | length u32  | level i32  | type i32  | data, padded to 4 octets
 *        +-------------+------------+-----------+----------------------------
 */
const CONTROL = { length: 0, level: 4, type: 8, data: 12 } as const;

export interface SlotLayout {
  readonly slots: number;
  /** Distance between two packets, which is the room for each. */
  readonly stride: number;
  readonly nameOctets: number;
  readonly controlOctets: number;
}

export class MessageSlots {
  readonly layout: SlotLayout;
  readonly packets: NativeMemory;
  readonly names: NativeMemory;
  readonly control: NativeMemory;
  /** The address of each slot's header. */
  readonly headerAddress: readonly bigint[];
  private readonly headers: NativeMemory;
  private readonly vectors: NativeMemory;

  constructor(layout: SlotLayout) {
    const { slots, stride, nameOctets, controlOctets } = layout;
    this.layout = layout;
    this.headers = allocate(slots * HEADER.octets);
    this.vectors = allocate(slots * VECTOR_OCTETS);
    this.packets = allocate(slots * stride);
    this.names = allocate(slots * nameOctets);
    this.control = allocate(slots * controlOctets);
    this.headerAddress = Array.from({ length: slots }, (_, slot) =>
      addressIn(this.headers, slot * HEADER.octets),
    );
    for (let slot = 0; slot < slots; slot++) this.layOut(slot);
  }

  /** Restores the lengths that receiving into a slot overwrites. */
  rearm(slot: number): void {
    const at = slot * HEADER.octets;
    this.headers.view.setUint32(at + HEADER.nameLength, this.layout.nameOctets, true);
    this.headers.view.setUint32(at + HEADER.controlLength, this.layout.controlOctets, true);
  }

  /** Shows a slot's control messages, and none that does not fit into what the kernel wrote. */
  readControlMessages(slot: number, read: ControlReader): void {
    const { view } = this.control;
    const { controlOctets } = this.layout;
    const written = this.headers.view.getUint32(slot * HEADER.octets + HEADER.controlLength, true);
    let at = slot * controlOctets;
    const end = at + Math.min(written, controlOctets);
    while (at + CONTROL.data <= end) {
      const length = view.getUint32(at + CONTROL.length, true);
      if (length < CONTROL.data || length > end - at) return;
      const level = view.getInt32(at + CONTROL.level, true);
      const type = view.getInt32(at + CONTROL.type, true);
      read(slot, level, type, at + CONTROL.data, length - CONTROL.data);
      at += (length + 3) & ~3;
    }
  }

  free(): void {
    for (const memory of [this.headers, this.vectors, this.packets, this.names, this.control])
      memory.free();
  }

  private layOut(slot: number): void {
    const { stride, nameOctets, controlOctets } = this.layout;
    const { view } = this.headers;
    const at = slot * HEADER.octets;
    const vector = slot * VECTOR_OCTETS;
    view.setBigUint64(at + HEADER.name, addressIn(this.names, slot * nameOctets), true);
    view.setBigUint64(at + HEADER.vector, addressIn(this.vectors, vector), true);
    view.setInt32(at + HEADER.vectors, 1, true);
    view.setBigUint64(at + HEADER.control, addressIn(this.control, slot * controlOctets), true);
    this.vectors.view.setBigUint64(vector, addressIn(this.packets, slot * stride), true);
    this.vectors.view.setBigUint64(vector + 8, BigInt(stride), true);
    this.rearm(slot);
  }
}

function addressIn(memory: NativeMemory, offset: number): bigint {
  return memory.address + BigInt(offset);
}
