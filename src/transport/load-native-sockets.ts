/** Loads the native sockets of this system. */

import { platform } from 'node:os';
import { EchosweepError } from '../errors.ts';
import type { SocketKind } from './handles.ts';
import type { NativeSockets } from './native-sockets.ts';

/** @throws EchosweepError `NO_ENGINE` if it has none, or koffi cannot be loaded here */
export async function loadNativeSockets(kind: SocketKind): Promise<NativeSockets> {
  if (platform() !== 'linux') {
    throw new EchosweepError(
      'NO_ENGINE',
      `${kind} is for Linux`,
      'use --engine raw-socket or system',
    );
  }
  try {
    // Its layouts of structures are those of 64-bit little-endian systems.
    const { isSupportedHere } = await import('../native/linux/libc.ts');
    if (isSupportedHere()) return await loadLinux();
  } catch (error) {
    throw new EchosweepError(
      'NO_ENGINE',
      'koffi cannot be loaded here',
      'install without --omit=optional',
      { cause: error },
    );
  }
  throw new EchosweepError(
    'NO_ENGINE',
    `${kind} needs a 64-bit little-endian Linux`,
    'use --engine raw-socket or system',
  );
}

async function loadLinux(): Promise<NativeSockets> {
  const { loadLinuxSockets } = await import('./linux/linux-sockets.ts');
  return loadLinuxSockets();
}
