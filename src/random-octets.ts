/** Unpredictable octets from the system itself: to load OpenSSL, which makes Node's, takes longer than to probe a few hosts. */

import { randomBytes } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { platform } from 'node:os';

/** What has them on every Unix (random(4)). */
const DEVICE = '/dev/urandom';

export function randomOctets(count: number): Buffer {
  // On Windows, any user may make a file of that name.
  return (platform() === 'win32' ? undefined : fromDevice(count)) ?? randomBytes(count);
}

/** Any number from 0 to 2^32 - 1. */
export function randomUint32(): number {
  return randomOctets(4).readUInt32LE();
}

/** @returns undefined if there is no such device, as in some jails */
function fromDevice(count: number): Buffer | undefined {
  const octets = Buffer.alloc(count);
  try {
    const fd = openSync(DEVICE, 'r');
    try {
      return readSync(fd, octets) === count ? octets : undefined;
    } finally {
      closeSync(fd);
    }
  } catch {
    return undefined;
  }
}
