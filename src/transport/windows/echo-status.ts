/** What the status of a reply (ipexport.h, winerror.h) means: an ICMP error, or that our own system could not send. */

import type { Family } from '../../address.ts';
import { ERROR_TYPE } from '../../wire/icmp.ts';

export const IP_SUCCESS = 0;
export const IP_PENDING = 11_255;

/** Nothing is known of the host: the time is over, or the status is that of a request under way. */
const SILENCE: ReadonlySet<number> = new Set([
  11_010, // IP_REQ_TIMED_OUT
  11_016, // IP_SOURCE_QUENCH
  11_044, // IP_ICMP_ERROR: of which type is not said
  IP_PENDING,
]);

/** An ICMP error, as far as the system says which. */
export interface StatedError {
  readonly type: number;
  readonly code: number;
  /** Whether the system has the same status for other codes of the type. */
  readonly isVague: boolean;
}

const UNREACHABLE = { 4: ERROR_TYPE[4].unreachable, 6: ERROR_TYPE[6].unreachable } as const;

const ERRORS: Readonly<Record<Family, ReadonlyMap<number, StatedError>>> = {
  4: new Map([
    // Among them are the codes 6 to 15, for which there is no status.
    [11_002, vague(UNREACHABLE[4], 0)], // IP_DEST_NET_UNREACHABLE
    [11_003, vague(UNREACHABLE[4], 1)], // IP_DEST_HOST_UNREACHABLE
    [11_004, exact(UNREACHABLE[4], 2)], // IP_DEST_PROT_UNREACHABLE
    [11_005, exact(UNREACHABLE[4], 3)], // IP_DEST_PORT_UNREACHABLE
    [11_009, exact(UNREACHABLE[4], 4)], // IP_PACKET_TOO_BIG
    [11_012, exact(UNREACHABLE[4], 5)], // IP_BAD_ROUTE
    [11_013, exact(ERROR_TYPE[4].timeExceeded, 0)], // IP_TTL_EXPIRED_TRANSIT
    [11_014, exact(ERROR_TYPE[4].timeExceeded, 1)], // IP_TTL_EXPIRED_REASSEM
    [11_007, vague(ERROR_TYPE[4].parameterProblem, 0)], // IP_BAD_OPTION
    [11_015, vague(ERROR_TYPE[4].parameterProblem, 0)], // IP_PARAM_PROBLEM
  ]),
  6: new Map([
    [11_002, vague(UNREACHABLE[6], 0)], // IP_DEST_NO_ROUTE
    [11_004, exact(UNREACHABLE[6], 1)], // IP_DEST_PROHIBITED
    [11_045, exact(UNREACHABLE[6], 2)], // IP_DEST_SCOPE_MISMATCH
    [11_003, vague(UNREACHABLE[6], 3)], // IP_DEST_ADDR_UNREACHABLE
    [11_005, exact(UNREACHABLE[6], 4)], // IP_DEST_PORT_UNREACHABLE
    [11_009, exact(ERROR_TYPE[6].packetTooBig, 0)], // IP_PACKET_TOO_BIG
    [11_013, exact(ERROR_TYPE[6].timeExceeded, 0)], // IP_HOP_LIMIT_EXCEEDED
    [11_014, exact(ERROR_TYPE[6].timeExceeded, 1)], // IP_REASSEMBLY_TIME_EXCEEDED
    [11_015, vague(ERROR_TYPE[6].parameterProblem, 0)], // IP_PARAMETER_PROBLEM
    [11_040, vague(UNREACHABLE[6], 3)], // IP_DEST_UNREACHABLE, for which it has no better status
    [11_041, vague(ERROR_TYPE[6].timeExceeded, 0)], // IP_TIME_EXCEEDED
    [11_042, exact(ERROR_TYPE[6].parameterProblem, 0)], // IP_BAD_HEADER
    [11_043, exact(ERROR_TYPE[6].parameterProblem, 1)], // IP_UNRECOGNIZED_NEXT_HEADER
  ]),
};

/** The name that the other systems have for the same failure. */
const ERRNOS: ReadonlyMap<number, string> = new Map([
  [5, 'EACCES'], // ERROR_ACCESS_DENIED
  [8, 'ENOBUFS'], // ERROR_NOT_ENOUGH_MEMORY
  [87, 'EINVAL'], // ERROR_INVALID_PARAMETER
  [1_214, 'EINVAL'], // ERROR_INVALID_NETNAME, for an address of zeros
  [1_231, 'ENETUNREACH'], // ERROR_NETWORK_UNREACHABLE
  [1_232, 'EHOSTUNREACH'], // ERROR_HOST_UNREACHABLE
  [1_450, 'ENOBUFS'], // ERROR_NO_SYSTEM_RESOURCES
  [11_002, 'ENETUNREACH'],
  [11_003, 'EHOSTUNREACH'],
  [11_006, 'ENOBUFS'], // IP_NO_RESOURCES
  [11_009, 'EMSGSIZE'],
  [11_018, 'EINVAL'], // IP_BAD_DESTINATION
  [11_050, 'ENETUNREACH'], // IP_GENERAL_FAILURE, which is what an address without a route gives
]);

export function isSilence(status: number): boolean {
  return SILENCE.has(status);
}

/** @returns undefined if the status is not an ICMP error */
export function statedError(family: Family, status: number): StatedError | undefined {
  return ERRORS[family].get(status);
}

/** The errno's name for why our own system could not send; one without a name is `WIN` and its number. */
export function errnoOfStatus(status: number): string {
  return ERRNOS.get(status) ?? `WIN${status}`;
}

function exact(type: number, code: number): StatedError {
  return { type, code, isVague: false };
}

function vague(type: number, code: number): StatedError {
  return { type, code, isVague: true };
}
