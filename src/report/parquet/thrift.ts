/** Values in Thrift's compact protocol, in which a Parquet file describes itself. */

/** A value, and what kind of value its container says it is. */
export interface Thrift {
  readonly type: number;
  readonly octets: Uint8Array;
}

const TYPE = { true: 1, false: 2, i32: 5, i64: 6, binary: 8, list: 9, struct: 12 } as const;
const STOP = Uint8Array.of(0);
/** Longer lists give their length after the first octet. */
const SHORT_LIST = 15;

export function bool(value: boolean): Thrift {
  return { type: value ? TYPE.true : TYPE.false, octets: new Uint8Array() };
}

/** @param value not negative */
export function i32(value: number): Thrift {
  return { type: TYPE.i32, octets: varint(value * 2) };
}

/** @param value not negative, below 2^52 */
export function i64(value: number): Thrift {
  return { type: TYPE.i64, octets: varint(value * 2) };
}

export function binary(octets: Uint8Array): Thrift {
  return { type: TYPE.binary, octets: joined([varint(octets.length), octets]) };
}

export function text(value: string): Thrift {
  return binary(Buffer.from(value));
}

/** @param items all of one type; of none, structs */
export function list(items: readonly Thrift[]): Thrift {
  const { length } = items;
  const type = items[0]?.type ?? TYPE.struct;
  const head =
    length < SHORT_LIST
      ? [Uint8Array.of((length << 4) | type)]
      : [Uint8Array.of((SHORT_LIST << 4) | type), varint(length)];
  return { type: TYPE.list, octets: joined([...head, ...items.map(({ octets }) => octets)]) };
}

/** @param fields by their number in the format's definition; those that are undefined are left out */
export function struct(fields: Readonly<Record<number, Thrift | undefined>>): Thrift {
  const pieces: Uint8Array[] = [];
  let before = 0;
  // Keys that are whole numbers come in ascending order, and no gap is longer than the 15 that one octet can say.
  for (const [key, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    const number = Number(key);
    pieces.push(Uint8Array.of(((number - before) << 4) | value.type), value.octets);
    before = number;
  }
  return { type: TYPE.struct, octets: joined([...pieces, STOP]) };
}

/** Seven bits an octet, lowest first. @param value not negative, below 2^53 */
export function varint(value: number): Uint8Array {
  const octets: number[] = [];
  let rest = value;
  while (rest > 0x7f) {
    octets.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  octets.push(rest);
  return Uint8Array.from(octets);
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(pieces);
}
