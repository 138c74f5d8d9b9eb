/** Windows' echo requests (iphlpapi.dll) and the alertable wait in which they complete (kernel32.dll), through koffi. */

import { endianness } from 'node:os';
import koffi from 'koffi';
import { allocate, memoryAt, type NativeMemory } from '../native-memory.ts';

/** Runs inside `sleepEx`, on the thread that made the request. @param context that of the request */
export type CompletionRoutine = (context: number) => void;

/**
 * Starts an echo request. @param routine as returned by `registerRoutine`
 * @returns 0 with ERROR_IO_PENDING if the request has left and will complete later
 */
export type SendEcho = (
  handle: number,
  event: null,
  routine: bigint,
  context: number,
  source: number,
  destination: number,
  data: number,
  dataOctets: number,
  options: number,
  reply: number,
  replyOctets: number,
  timeoutMs: number,
) => number;

/** What the engine needs of the system; tests put a scripted one in its place. Addresses are those of NativeMemory. */
export interface EchoApi {
  /** @returns a handle for every thread of the process; INVALID_HANDLE_VALUE if the system refuses */
  icmpCreateFile(): number;
  /** As `icmpCreateFile`, for IPv6. */
  icmp6CreateFile(): number;
  /** Cancels the handle's requests, too. */
  icmpCloseHandle(handle: number): number;
  /** IcmpSendEcho2Ex. Takes a source in network order, 0 for the system's choice. */
  readonly icmpSendEcho2Ex: SendEcho;
  /** Icmp6SendEcho2. Takes addresses of a struct sockaddr_in6 as source and destination. */
  readonly icmp6SendEcho2: SendEcho;
  /** Runs the routines of requests that have completed, and waits for some if there are none. @param alertable 1 */
  sleepEx(ms: number, alertable: number): number;
  getLastError(): number;
  /** @param routine must not throw @returns what the requests take */
  registerRoutine(routine: CompletionRoutine): bigint;
  unregisterRoutine(routine: bigint): void;
  allocate(octets: number): NativeMemory;
  memoryAt(address: bigint, octets: number): NativeMemory;
}

/** handleapi.h, winerror.h. */
export const INVALID_HANDLE_VALUE = -1;
export const ERROR_IO_PENDING = 997;

/** Whether the layouts of structures hold here: they are those of x64 and arm64. */
export function isSupportedHere(): boolean {
  return process.platform === 'win32' && endianness() === 'LE' && koffi.sizeof('void *') === 8;
}

/** Loads the libraries. @throws Error if one is not here */
export function loadEchoApi(): EchoApi {
  const iphlpapi = koffi.load('iphlpapi.dll');
  const kernel32 = koffi.load('kernel32.dll');
  // PIO_APC_ROUTINE (wdm.h).
  const routineType = koffi.pointer(
    koffi.proto('void (uintptr_t context, void *status, uint32_t reserved)'),
  );
  const request = (name: string, address: string): string =>
    `uint32_t ${name}(intptr_t handle, void *event, uintptr_t routine, uintptr_t context, ${address} source,
      ${address} destination, uintptr_t data, uint16_t dataOctets, uintptr_t options, uintptr_t reply, uint32_t replyOctets,
      uint32_t timeoutMs)`;
  return {
    icmpCreateFile: iphlpapi.func('intptr_t IcmpCreateFile()'),
    icmp6CreateFile: iphlpapi.func('intptr_t Icmp6CreateFile()'),
    icmpCloseHandle: iphlpapi.func('int IcmpCloseHandle(intptr_t handle)'),
    icmpSendEcho2Ex: iphlpapi.func(request('IcmpSendEcho2Ex', 'uint32_t')),
    icmp6SendEcho2: iphlpapi.func(request('Icmp6SendEcho2', 'uintptr_t')),
    sleepEx: kernel32.func('uint32_t SleepEx(uint32_t ms, int alertable)'),
    getLastError: kernel32.func('uint32_t GetLastError()'),
    registerRoutine: (routine) =>
      koffi.register((context: number | bigint) => routine(Number(context)), routineType),
    unregisterRoutine: (routine) => koffi.unregister(routine),
    allocate,
    memoryAt,
  };
}
