/** Linux capabilities of the calling thread (capabilities(7)): gives up all but a few. */

import { readFileSync } from 'node:fs';
import { errnoName, lastErrno, syscall } from '../../native/linux/libc.ts';

/** Numbers of linux/capability.h. */
export const CAPABILITY = { chown: 0, dacOverride: 1, fowner: 3, fsetid: 4 } as const;

/** _LINUX_CAPABILITY_VERSION_3: two sets of 32 bits. */
const VERSION_3 = 0x20080522;
const SYS_CAPSET: Readonly<Record<string, number>> = { x64: 126 };
/** Every architecture that uses the kernel's generic table. */
const SYS_CAPSET_GENERIC = 91;

/**
 * Keeps those of the named capabilities that the thread has, and no others; threads that it starts inherit that.
 * @param kept numbers below 32
 * @returns false if there was nothing to give up
 * @throws Error if the system refuses
 */
export function keepOnlyCapabilities(kept: readonly number[]): boolean {
  const permitted = permittedCapabilities();
  const wanted =
    kept.reduce((mask, capability) => mask | (1n << BigInt(capability)), 0n) & permitted;
  if (permitted === wanted) return false;
  const header = Buffer.alloc(8);
  header.writeUInt32LE(VERSION_3);
  const sets = Buffer.alloc(24);
  sets.writeUInt32LE(Number(wanted), 0);
  sets.writeUInt32LE(Number(wanted), 4);
  if (syscall(SYS_CAPSET[process.arch] ?? SYS_CAPSET_GENERIC, header, sets) !== 0) {
    throw new Error(`the system did not let capabilities go (${errnoName(lastErrno())})`);
  }
  return true;
}

/** `CapPrm` of proc(5), as a mask. */
function permittedCapabilities(): bigint {
  const match = /^CapPrm:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/thread-self/status', 'utf8'));
  return BigInt(`0x${match?.[1] ?? '0'}`);
}
