/** Messages as the kernel's tables have them (netlink(7), rtnetlink(7)). */

/** struct rtattr and its data, padded. */
export function attribute(type: number, data: Uint8Array): Buffer {
  const octets = Buffer.alloc((4 + data.length + 3) & ~3);
  octets.writeUInt16LE(4 + data.length, 0);
  octets.writeUInt16LE(type, 2);
  octets.set(data, 4);
  return octets;
}

/** struct nlmsghdr, then what the message is about. */
export function message(type: number, ...body: readonly Uint8Array[]): Buffer {
  const header = Buffer.alloc(16);
  const octets = Buffer.concat([header, ...body]);
  octets.writeUInt32LE(octets.length, 0);
  octets.writeUInt16LE(type, 4);
  return octets;
}

/** A part of a table, as one read from the kernel gives it. */
export function partOf(...messages: readonly Uint8Array[]): DataView {
  return new DataView(Uint8Array.from(Buffer.concat(messages)).buffer);
}

export function uint32(value: number): Buffer {
  const octets = Buffer.alloc(4);
  octets.writeUInt32LE(value);
  return octets;
}
