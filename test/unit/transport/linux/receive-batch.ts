/** Slots that a test receives into, as a socket has them. */

import type { ReceiveBatch } from '../../../../src/transport/contract.ts';

export function receiveBatch(slots: number): ReceiveBatch {
  const bytes = (): Uint8Array => new Uint8Array(slots);
  return {
    view: new DataView(new ArrayBuffer(slots * 128)),
    stride: 128,
    length: new Uint32Array(slots),
    form: bytes(),
    ttl: bytes(),
    receivedAtNs: new Float64Array(slots),
    isKernelTime: bytes(),
    sourceView: new DataView(new ArrayBuffer(slots * 16)),
    sourceOffset: 0,
    sourceStride: 16,
    errorType: bytes(),
    errorCode: bytes(),
    destinationView: new DataView(new ArrayBuffer(0)),
    destinationOffset: 0,
    destinationStride: 0,
  };
}
