/** Linux capabilities of the calling thread (capabilities(7)): gives up all but a few. */

import { errnoName, lastErrno, syscall } from '../../native/linux/libc.ts';

/** Numbers of linux/capability.h. */
export const CAPABILITY = { chown: 0, dacOverride: 1, fowner: 3, fsetid: 4 } as const;

/** _LINUX_CAPABILITY_VERSION_3: two sets of 32 bits. */
const VERSION_3 = 0x20080522;
/** Numbers of the system calls; `generic` is every architecture that uses the kernel's own table. */
const SYS_CAPGET = { x64: 125, generic: 90 };
const SYS_CAPSET = { x64: 126, generic: 91 };

/**
 * Keeps those of the named capabilities that the thread has, and no others; threads that it starts inherit that.
 * @param kept numbers below 32
 * @returns false if there was nothing to give up
 * @throws Error if the system refuses
 */
export function keepOnlyCapabilities(kept: readonly number[]): boolean {
  const architecture = process.arch === 'x64' ? 'x64' : 'generic';
  const header = Buffer.alloc(8);
  header.writeUInt32LE(VERSION_3);
  // Effective, permitted and inheritable ones from 0 to 31, and then those above.
  const sets = Buffer.alloc(24);
  // Not from /proc, which a chroot may lack.
  if (syscall(SYS_CAPGET[architecture], header, sets) !== 0) {
    throw new Error(`the system does not show its capabilities (${errnoName(lastErrno())})`);
  }
  const permitted = sets.readUInt32LE(4);
  const wanted = (kept.reduce((mask, capability) => mask | (1 << capability), 0) & permitted) >>> 0;
  if (permitted === wanted && sets.readUInt32LE(16) === 0) return false;
  sets.fill(0);
  sets.writeUInt32LE(wanted, 0);
  sets.writeUInt32LE(wanted, 4);
  if (syscall(SYS_CAPSET[architecture], header, sets) !== 0) {
    throw new Error(`the system did not let capabilities go (${errnoName(lastErrno())})`);
  }
  return true;
}
