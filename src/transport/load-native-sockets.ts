/** Loads the native sockets of this system: the one place that knows which systems have some. */

import { platform } from 'node:os';
import { EchosweepError } from '../errors.ts';
import type { SocketKind } from './handles.ts';
import type { NativeSockets } from './native-sockets.ts';

/** A system with native sockets. Its code is loaded on that system only. */
interface NativeSystem {
  /** For people. */
  readonly name: string;
  readonly kinds: readonly SocketKind[];
  /** Whether the layouts of its structures hold here. Rejects if koffi cannot be loaded. */
  readonly isSupportedHere: () => Promise<boolean>;
  readonly load: () => Promise<NativeSockets>;
}

const SYSTEMS: Readonly<Partial<Record<NodeJS.Platform, NativeSystem>>> = {
  linux: {
    name: 'Linux',
    kinds: ['raw', 'dgram'],
    isSupportedHere: async () => (await import('../native/linux/libc.ts')).isSupportedHere(),
    load: async () => (await import('./linux/linux-sockets.ts')).loadLinuxSockets(),
  },
  darwin: {
    name: 'macOS',
    kinds: ['dgram'],
    isSupportedHere: async () => (await import('../native/darwin/libc.ts')).isSupportedHere(),
    load: async () => (await import('./darwin/darwin-sockets.ts')).loadDarwinSockets(),
  },
  win32: {
    name: 'Windows',
    kinds: ['icmp'],
    isSupportedHere: async () => (await import('../native/windows/echo-api.ts')).isSupportedHere(),
    load: async () => (await import('./windows/windows-sockets.ts')).loadWindowsSockets(),
  },
};

/** @throws EchosweepError `NO_ENGINE` if it has none of this kind, or koffi cannot be loaded here */
export async function loadNativeSockets(kind: SocketKind): Promise<NativeSockets> {
  const system = SYSTEMS[platform()];
  if (system === undefined || !system.kinds.includes(kind)) throw wrongSystem(kind);
  try {
    if (await system.isSupportedHere()) return await system.load();
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
    `${kind} needs a 64-bit little-endian ${system.name}`,
    'use --engine raw-socket or system',
  );
}

function wrongSystem(kind: SocketKind): EchosweepError {
  const names = Object.values(SYSTEMS)
    .filter((system) => system.kinds.includes(kind))
    .map((system) => system.name);
  return new EchosweepError(
    'NO_ENGINE',
    `${kind} is for ${names.join(' and ')}`,
    'use --engine auto, which takes the best that works here',
  );
}
