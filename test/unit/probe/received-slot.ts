/** One received packet as a parser is shown it: a batch of a single slot. */

import type { ReceiveBatch } from '../../../src/transport/contract.ts';

export const STRIDE = 512;

/** What comes with a slot's octets. */
export interface Beside {
  /** What the length is said to be. */
  readonly claimedLength?: number;
  readonly errorType?: number;
  readonly errorCode?: number;
  /** What the slot holds behind the packet: an older one's octets. */
  readonly behind?: number;
}

export function batchOf(octets: Uint8Array, form: number, beside: Beside = {}): ReceiveBatch {
  const bytes = new Uint8Array(STRIDE).fill(beside.behind ?? 0);
  bytes.set(octets.subarray(0, STRIDE));
  const addresses = new DataView(new ArrayBuffer(16));
  return {
    view: new DataView(bytes.buffer),
    stride: STRIDE,
    length: Uint32Array.of(beside.claimedLength ?? octets.length),
    form: Uint8Array.of(form),
    ttl: Uint8Array.of(64),
    receivedAtNs: new Float64Array(1),
    isKernelTime: new Uint8Array(1),
    sourceView: addresses,
    sourceOffset: 0,
    sourceStride: 16,
    errorType: Uint8Array.of(beside.errorType ?? 0),
    errorCode: Uint8Array.of(beside.errorCode ?? 0),
    destinationView: addresses,
    destinationOffset: 0,
    destinationStride: 16,
  };
}
