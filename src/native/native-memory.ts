/** Memory outside the JavaScript heap, which does not move while the system uses it. */

import koffi from 'koffi';

/** `address` is what C sees, the views are what we see. */
export interface NativeMemory {
  readonly address: bigint;
  readonly view: DataView;
  readonly bytes: Uint8Array;
  free(): void;
}

/** Zeroed. It is freed by `free` alone, not when the thread ends. */
export function allocate(octets: number): NativeMemory {
  const memory = memoryAt(koffi.address(koffi.alloc('uint8_t', octets)), octets);
  memory.bytes.fill(0);
  return memory;
}

/** Memory that this process has allocated, also by another thread. */
export function memoryAt(address: bigint, octets: number): NativeMemory {
  const buffer = koffi.view(address, octets);
  return {
    address,
    view: new DataView(buffer),
    bytes: new Uint8Array(buffer),
    free: () => koffi.free(address),
  };
}
