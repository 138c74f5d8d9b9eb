/**
 * An array of `struct mmsghdr` with everything that it points to, laid out once and used again and again (recvmmsg(2)).
 * Each begins with a `struct msghdr`, which is all that sendmsg(2) looks at.
 */

import { allocate, type NativeMemory } from '../../native/native-memory.ts';

/*
 * struct mmsghdr, 64 bit:
 *    0 msg_name *    8 msg_namelen u32    16 msg_iov *    24 msg_iovlen u64
 *   32 msg_control * 40 msg_controllen u64    48 msg_flags i32    56 msg_len u32      (64 octets)
 * struct iovec: 0 iov_base *   8 iov_len u64                                          (16 octets)
 */
const HEADER = {
  octets: 64,
  name: 0,
  nameLength: 8,
  vector: 16,
  vectors: 24,
  control: 32,
  controlLength: 40,
  length: 56,
};
const VECTOR_OCTETS = 16;

export interface BatchLayout {
  readonly slots: number;
  /** Octets of a slot's packet and, if there are any, of its socket address and its control messages. */
  readonly packetOctets: number;
  readonly nameOctets?: number;
  readonly controlOctets?: number;
}

export class MessageBatch {
  readonly layout: Required<BatchLayout>;
  /** Distance between two packets. */
  readonly stride: number;
  readonly packets: NativeMemory;
  readonly names: NativeMemory;
  readonly control: NativeMemory;
  /** The address of each slot's header, for calls that begin in the middle. */
  readonly headerAddress: readonly bigint[];
  private readonly headers: NativeMemory;
  private readonly vectors: NativeMemory;

  constructor(layout: BatchLayout) {
    const { slots, packetOctets, nameOctets = 0, controlOctets = 0 } = layout;
    const stride = (packetOctets + 7) & ~7;
    this.layout = { slots, packetOctets, nameOctets, controlOctets };
    this.stride = stride;
    this.headers = allocate(slots * HEADER.octets);
    this.vectors = allocate(slots * VECTOR_OCTETS);
    this.packets = allocate(slots * stride);
    this.names = allocate(Math.max(1, slots * nameOctets));
    this.control = allocate(Math.max(1, slots * controlOctets));
    this.headerAddress = Array.from(
      { length: slots },
      (_, i) => this.headers.address + BigInt(i * HEADER.octets),
    );
    for (let slot = 0; slot < slots; slot++) {
      const at = slot * HEADER.octets;
      const { view } = this.headers;
      if (nameOctets > 0)
        view.setBigUint64(at + HEADER.name, this.names.address + BigInt(slot * nameOctets), true);
      view.setBigUint64(
        at + HEADER.vector,
        this.vectors.address + BigInt(slot * VECTOR_OCTETS),
        true,
      );
      view.setBigUint64(at + HEADER.vectors, 1n, true);
      if (controlOctets > 0) {
        view.setBigUint64(
          at + HEADER.control,
          this.control.address + BigInt(slot * controlOctets),
          true,
        );
      }
      const packet = this.packets.address + BigInt(slot * stride);
      this.vectors.view.setBigUint64(slot * VECTOR_OCTETS, packet, true);
      this.vectors.view.setBigUint64(slot * VECTOR_OCTETS + 8, BigInt(packetOctets), true);
    }
    this.rearm(slots);
  }

  /** Octets that the kernel put into a slot. */
  lengthOf(slot: number): number {
    return this.headers.view.getUint32(slot * HEADER.octets + HEADER.length, true);
  }

  /** Octets of control messages that the kernel added to a slot. */
  controlLengthOf(slot: number): number {
    return this.headers.view.getUint32(slot * HEADER.octets + HEADER.controlLength, true);
  }

  /** Restores the lengths that receiving into the first `slots` slots has overwritten. */
  rearm(slots: number): void {
    const { nameOctets, controlOctets } = this.layout;
    const { view } = this.headers;
    for (let slot = 0; slot < slots; slot++) {
      const at = slot * HEADER.octets;
      if (nameOctets > 0) view.setUint32(at + HEADER.nameLength, nameOctets, true);
      if (controlOctets > 0) view.setUint32(at + HEADER.controlLength, controlOctets, true);
    }
  }

  free(): void {
    for (const memory of [this.headers, this.vectors, this.packets, this.names, this.control])
      memory.free();
  }
}
