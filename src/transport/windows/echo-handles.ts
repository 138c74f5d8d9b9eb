/** Opens and closes the handles of echo requests, and keeps their memory for as long as the system may write to it. */

import type { Family } from '../../address.ts';
import { EchosweepError } from '../../errors.ts';
import { type EchoApi, INVALID_HANDLE_VALUE } from '../../native/windows/echo-api.ts';
import type { SocketOptions } from '../contract.ts';
import type { IcmpHandle } from '../handles.ts';
import { monotonicNs } from '../monotonic-clock.ts';
import { randomIdentifier } from '../random-identifier.ts';
import { LONGEST_PAYLOAD_OCTETS } from './echo-layout.ts';
import { ENDED_AFTER_MS } from './echo-socket.ts';
import { sourceFor } from './echo-source.ts';
import { allocateRequests } from './request-memory.ts';

/** Memory of a handle that is closed, and until when the system may still write to it. */
interface RestingMemory {
  readonly address: bigint;
  readonly octets: number;
  readonly untilNs: number;
}

export class EchoHandles {
  private readonly api: EchoApi;
  private readonly clock: () => number;
  private readonly longestTimeoutsMs = new Map<number, number>();
  private resting: RestingMemory[] = [];

  /** @param clock monotonic nanoseconds, replaced in tests */
  constructor(api: EchoApi, clock: () => number = monotonicNs) {
    this.api = api;
    this.clock = clock;
  }

  /** As `NativeSockets.openIcmpSocket`. */
  open(family: Family, options: SocketOptions): IcmpHandle {
    refuseUnknown(options);
    sourceFor(family, options);
    this.freeRested();
    const fd = family === 4 ? this.api.icmpCreateFile() : this.api.icmp6CreateFile();
    if (fd === INVALID_HANDLE_VALUE) {
      throw new EchosweepError(
        'NO_ENGINE',
        `cannot open Windows' echo requests for IPv${family} (error ${this.api.getLastError()})`,
        'use --engine system',
      );
    }
    const requests = this.requestsOf(fd, family, options.payloadBytes);
    this.longestTimeoutsMs.set(fd, options.longestTimeoutMs);
    return { fd, kind: 'icmp', family, identifier: randomIdentifier(), requests };
  }

  /** Closes a handle, which cancels its requests. Their memory is freed later, when one is opened. */
  close({ fd, requests }: Pick<IcmpHandle, 'fd' | 'requests'>): void {
    this.api.icmpCloseHandle(fd);
    const restMs = this.longestTimeoutsMs.get(fd)! + ENDED_AFTER_MS;
    this.longestTimeoutsMs.delete(fd);
    this.resting.push({ ...requests!, untilNs: this.clock() + restMs * 1e6 });
  }

  /** Closes the handle if there is no memory for its requests. */
  private requestsOf(
    fd: IcmpHandle['fd'],
    family: Family,
    payloadBytes: number,
  ): ReturnType<typeof allocateRequests> {
    try {
      return allocateRequests(this.api, family, payloadBytes);
    } catch (error) {
      this.api.icmpCloseHandle(fd);
      throw error;
    }
  }

  private freeRested(): void {
    const nowNs = this.clock();
    const isRested = ({ untilNs }: RestingMemory): boolean => untilNs <= nowNs;
    for (const { address, octets } of this.resting.filter(isRested))
      this.api.memoryAt(address, octets).free();
    this.resting = this.resting.filter((memory) => !isRested(memory));
  }
}

function refuseUnknown(options: SocketOptions): void {
  if (options.tos !== undefined) throw unsupported('--tos', 'Windows ignores it');
  if (options.payloadBytes > LONGEST_PAYLOAD_OCTETS)
    throw unsupported('--size', `Windows sends ${LONGEST_PAYLOAD_OCTETS} octets at most`);
}

function unsupported(option: string, why: string): EchosweepError {
  return new EchosweepError(
    'OPTION_INVALID',
    `${option}: the icmp engine cannot do this (${why})`,
    'leave the option out',
  );
}
