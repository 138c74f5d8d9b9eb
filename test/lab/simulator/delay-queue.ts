/** Packets on their way: kept until they are due, in memory that has an end. */

const SLOT_OCTETS = 2048;
const SLOTS_A_CHUNK = 1024;
const MOST_SLOTS = 131_072;

export class DelayQueue {
  /** Packets for which there was no room: the truth is void where it is not 0. */
  overflows = 0;
  private readonly chunks: Uint8Array[] = [];
  private readonly free: number[] = [];
  private readonly lengths = new Uint16Array(MOST_SLOTS);
  /** What the log is to say of each. */
  private readonly notes = new Array<unknown>(MOST_SLOTS);
  /** A binary heap of slots by the time that they are due. */
  private readonly dueNs: number[] = [];
  private readonly slots: number[] = [];

  get nextNs(): number {
    return this.dueNs[0] ?? Number.POSITIVE_INFINITY;
  }

  add(packet: Uint8Array, dueNs: number, note: unknown): void {
    const slot = this.takeSlot();
    if (slot < 0) {
      this.overflows++;
      return;
    }
    this.octetsOf(slot).set(packet);
    this.lengths[slot] = packet.length;
    this.notes[slot] = note;
    this.push(dueNs, slot);
  }

  /** Gives the packet that is due first to `visit` and forgets it. */
  takeFirst(visit: (packet: Uint8Array, note: unknown) => void): void {
    const slot = this.pop();
    visit(this.octetsOf(slot).subarray(0, this.lengths[slot]), this.notes[slot]);
    this.notes[slot] = undefined;
    this.free.push(slot);
  }

  private takeSlot(): number {
    const slot = this.free.pop();
    if (slot !== undefined) return slot;
    const first = this.chunks.length * SLOTS_A_CHUNK;
    if (first >= MOST_SLOTS) return -1;
    this.chunks.push(new Uint8Array(SLOTS_A_CHUNK * SLOT_OCTETS));
    for (let i = SLOTS_A_CHUNK - 1; i > 0; i--) this.free.push(first + i);
    return first;
  }

  private octetsOf(slot: number): Uint8Array {
    const at = (slot % SLOTS_A_CHUNK) * SLOT_OCTETS;
    return this.chunks[Math.floor(slot / SLOTS_A_CHUNK)]!.subarray(at, at + SLOT_OCTETS);
  }

  private push(dueNs: number, slot: number): void {
    let at = this.dueNs.length;
    this.dueNs.push(dueNs);
    this.slots.push(slot);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (this.dueNs[parent]! <= dueNs) break;
      this.dueNs[at] = this.dueNs[parent]!;
      this.slots[at] = this.slots[parent]!;
      at = parent;
    }
    this.dueNs[at] = dueNs;
    this.slots[at] = slot;
  }

  private pop(): number {
    const first = this.slots[0]!;
    const dueNs = this.dueNs.pop()!;
    const slot = this.slots.pop()!;
    const count = this.dueNs.length;
    if (count === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= count) break;
      if (child + 1 < count && this.dueNs[child + 1]! < this.dueNs[child]!) child++;
      if (this.dueNs[child]! >= dueNs) break;
      this.dueNs[at] = this.dueNs[child]!;
      this.slots[at] = this.slots[child]!;
      at = child;
    }
    this.dueNs[at] = dueNs;
    this.slots[at] = slot;
    return first;
  }
}
