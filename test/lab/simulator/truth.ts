/** What happened in a simulated network: each request as it was received and each packet as it was sent, with times. */

import type { Family } from '../../../src/address.ts';

/** An echo request that arrived. */
export interface SeenRequest {
  readonly address: string;
  /** Which of the requests to this address it is, from 0. */
  readonly nth: number;
  readonly identifier: number;
  readonly sequence: number;
  /** Wall clock of the kernel, nanoseconds since 1970. */
  readonly atNs: number;
  /** Name of the rule, or undefined where no rule holds the address. */
  readonly rule: string | undefined;
}

/** A packet that was sent about a request. */
export interface SentPacket {
  readonly address: string;
  readonly nth: number;
  readonly kind: 'reply' | 'error' | 'request';
  /** Of the call that sent it. */
  readonly beganAtNs: number;
  readonly endedAtNs: number;
}

/** As the simulator hands it over in the end. */
export interface Truth {
  readonly requests: readonly SeenRequest[];
  readonly sent: readonly SentPacket[];
  /** ARP and NDP requests for addresses of the connected subnet. */
  readonly searches: Readonly<Record<Family, number>>;
  /** Where these are not 0, the truth is void. */
  readonly ringDrops: number;
  readonly overflows: number;
}
